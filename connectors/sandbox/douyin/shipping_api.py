"""Shipping: whole orders, one parcel of several orders, several parcels of one order, changes, carriers."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.douyin.carriers import CARRIERS
from connectors.sandbox.douyin.errors import NOT_FOUND, ApiError, business, invalid
from connectors.sandbox.douyin.params import Params
from connectors.sandbox.douyin.parcels import Parcel, carrier_of, change_pack, ship_parcels, units_of
from connectors.sandbox.douyin.shop import Method, Shop

Doc = dict[str, Any]


def add(shop: Shop, params: Params) -> Doc:
    """Ship all that is open of one order in one parcel."""
    company, waybill = carrier_of(params)
    parcel = Parcel(_number(params.text("order_id")), company, waybill, {})
    ship_parcels(shop, [parcel], "online", refuse_refunds=_refuses(params), one_pack=True)
    return {}


def add_single_pack(shop: Shop, params: Params) -> Doc:
    """Ship named units of one order or several in one parcel; the same request id ships once."""
    first = shop.answered("single:" + params.text("request_id"))
    if first is not None:
        return first
    company, waybill = carrier_of(params)
    units = units_of(params)
    parcels = [
        Parcel(number, company, waybill, _units_in(shop, number, units))
        for number in map(_number, params.texts("order_id_list"))
    ]
    _nothing_is_left(parcels, units)
    packs = ship_parcels(shop, parcels, "split", refuse_refunds=_refuses(params), one_pack=True)
    answer = {"pack_id": packs[0]}
    shop.keep_answer("single:" + params.text("request_id"), answer)
    return answer


def add_multi_pack(shop: Shop, params: Params) -> Doc:
    """Ship one order in several parcels; the same request id ships once."""
    first = shop.answered("multi:" + params.text("request_id"))
    if first is not None:
        return first
    number = _number(params.text("order_id"))
    parcels = []
    for pack in params.items("pack_list", 50):
        company, waybill = carrier_of(pack)
        parcels.append(Parcel(number, company, waybill, units_of(pack)))
    packs = ship_parcels(shop, parcels, "split", refuse_refunds=_refuses(params), one_pack=False)
    answer = {"pack_list": [_told(pack, parcel) for pack, parcel in zip(packs, parcels, strict=True)]}
    shop.keep_answer("multi:" + params.text("request_id"), answer)
    return answer


def edit(shop: Shop, params: Params) -> Doc:
    company, waybill = carrier_of(params)
    change_pack(shop, _number(params.text("order_id")), "", company, waybill)
    return {}


def edit_by_pack(shop: Shop, params: Params) -> Doc:
    company, waybill = carrier_of(params)
    change_pack(shop, _number(params.text("order_id")), params.text("pack_id"), company, waybill)
    return {}


def companies(shop: Shop, params: Params) -> list[Doc]:
    return [{"id": id_, "name": name, "code": code} for code, (id_, name) in CARRIERS.items()]


def _number(text: str) -> str:
    """Order numbers once carried an A at their end."""
    return text.removesuffix("A")


def _refuses(params: Params) -> bool:
    return params.flag("is_refund_reject") or params.flag("is_reject_refund")


def _units_in(shop: Shop, number: str, units: dict[str, int]) -> dict[str, int]:
    sale = shop.sale(number)
    found = {line["no"]: units[line["no"]] for line in sale.lines if line["no"] in units}
    if not found:
        raise invalid("shipped_order_info", f"订单{sale.number}没有要发货的子订单")
    return found


def _nothing_is_left(parcels: list[Parcel], units: dict[str, int]) -> None:
    foreign = sorted(set(units) - {no for parcel in parcels for no in parcel.units})
    if foreign:
        raise _foreign(foreign[0])


def _foreign(no: str) -> ApiError:
    return business(NOT_FOUND, f"子订单{no}不属于所传订单")


def _told(pack_id: str, parcel: Parcel) -> Doc:
    shipped = [{"shipped_order_id": no, "shipped_num": num, "shipped_item_ids": []} for no, num in parcel.units.items()]
    return {"pack_id": pack_id, "logistics_code": parcel.waybill, "shipped_order_info": shipped}


METHODS = {
    "order/logisticsAdd": Method(add, ("order_id", "company_code", "logistics_code")),
    "order/logisticsAddSinglePack": Method(
        add_single_pack, ("order_id_list", "shipped_order_info", "request_id", "company_code", "logistics_code")
    ),
    "order/logisticsAddMultiPack": Method(add_multi_pack, ("order_id", "pack_list", "request_id")),
    "order/logisticsEdit": Method(edit, ("order_id", "company_code", "logistics_code")),
    "order/logisticsEditByPack": Method(edit_by_pack, ("order_id", "pack_id", "company_code", "logistics_code")),
    "order/logisticsCompanyList": Method(companies),
}
