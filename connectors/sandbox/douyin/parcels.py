"""Taking parcels of orders as shipped, with the platform's refusals; and changing a parcel's waybill."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.sandbox.douyin.carriers import CARRIERS
from connectors.sandbox.douyin.errors import NOT_FOUND, REFUND_OPEN, STATE, ApiError, business, invalid, missing
from connectors.sandbox.douyin.params import Params
from connectors.sandbox.douyin.receivers import address_id
from connectors.sandbox.douyin.shop import Shop
from connectors.sandbox.kit.market import LIVE_REFUND, Sale, ship
from connectors.sandbox.kit.market.model import open_num
from connectors.sandbox.kit.market.selling import change_waybill, end_case

WAYBILL = re.compile(r"[A-Za-z0-9-]{6,40}")
FIRST_PACK = 7_300_000_000_000_000_001


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel of one order: units by line number; no units means all that is open."""

    number: str
    company: str
    waybill: str
    units: Mapping[str, int]


def carrier_of(params: Params) -> tuple[str, str]:
    """Carrier code and waybill of a call; ApiError when the platform does not take them."""
    params.require("company_code", "logistics_code")
    company, waybill = params.text("company_code"), params.text("logistics_code")
    if company not in CARRIERS:
        raise invalid("company_code", f"物流公司{company}不存在")
    if not WAYBILL.fullmatch(waybill):
        raise invalid("logistics_code", "运单号格式错误")
    return company, waybill


def units_of(params: Params) -> dict[str, int]:
    """`shipped_order_info` as units by sku order."""
    found: dict[str, int] = {}
    for item in params.items("shipped_order_info", 200):
        item.require("shipped_order_id", "shipped_num")
        name = item.text("shipped_order_id")
        found[name] = found.get(name, 0) + item.number("shipped_num", 0, 1)
    return found


def ship_parcels(shop: Shop, parcels: Sequence[Parcel], kind: str, *, refuse_refunds: bool, one_pack: bool) -> list[str]:
    """Ship all parcels or none; answers their pack ids. With `one_pack` they share one.

    A refused call stays in the ledger with its reason.
    """
    market = shop.market
    with market.storage.write():
        refusal = next(filter(None, (_why_not(shop, parcel, refuse_refunds) for parcel in parcels)), None)
        refusal = refusal or (_why_not_together(shop, parcels) if one_pack else _why_not_again(shop, parcels))
        if refusal is None:
            return _ship(shop, parcels, kind, one_pack)
        for parcel in parcels:
            market.shelves.add_shipment(
                parcel.number, list(parcel.units), parcel.company, parcel.waybill, kind, reason=refusal.sub_msg
            )
    raise refusal


def _ship(shop: Shop, parcels: Sequence[Parcel], kind: str, one_pack: bool) -> list[str]:
    pack_ids: list[str] = []
    for parcel in parcels:
        if not one_pack or not pack_ids:
            pack_ids.append(str(shop.market.storage.next_number("douyin_pack", FIRST_PACK)))
        _refuse_refunds(shop, parcel)
        units = _wanted(shop.sale(parcel.number), parcel)
        shop.add_pack(pack_ids[-1], parcel.number, parcel.company, parcel.waybill, units)
        shipment = ship(
            shop.market, parcel.number, parcel.company, parcel.waybill, oids=list(units), units=units, kind=kind
        )
        shop.set_pack(pack_ids[-1], parcel.number, parcel.company, parcel.waybill, shipment)
    return pack_ids


def _wanted(sale: Sale, parcel: Parcel) -> dict[str, int]:
    open_lines = {line["no"]: open_num(line) for line in sale.lines if open_num(line)}
    return dict(parcel.units) or open_lines


def _refuse_refunds(shop: Shop, parcel: Parcel) -> None:
    """Shipping in spite of requests for refund refuses them: it was told that this is meant."""
    sale = shop.sale(parcel.number)
    for no in _wanted(sale, parcel):
        line = next(line for line in sale.lines if line["no"] == no)
        if line["refund"] in LIVE_REFUND:
            case = shop.case(line["case"])
            case.doc["reports"].append({"what": "refuse", "words": "已发货，拒绝退款", "at_ms": shop.market.now_ms()})
            end_case(shop.market, case, "refused")


def _why_not(shop: Shop, parcel: Parcel, refuse_refunds: bool) -> ApiError | None:
    sale = shop.market.shelves.sale(parcel.number)
    if sale is None:
        return business(NOT_FOUND, f"订单{parcel.number}不存在")
    doc = sale.doc
    if doc["status"] not in ("open", "part_shipped") or doc["held"]:
        return business(STATE, "订单当前状态不允许发货")
    if doc["by_platform"]:
        return business(STATE, "订单由平台仓发货，商家不能发货")
    if doc["address_request"]:
        return business(STATE, "订单有待审核的地址修改申请")
    lines = {line["no"]: line for line in sale.lines}
    wanted = _wanted(sale, parcel)
    if not wanted:
        return business(STATE, "订单没有可发货的商品")
    for no, num in wanted.items():
        if no not in lines:
            return business(NOT_FOUND, f"子订单{no}不属于订单{sale.number}")
        if num > open_num(lines[no]):
            return business(STATE, f"子订单{no}的可发货数量不足")
        if lines[no]["refund"] in LIVE_REFUND and not refuse_refunds:
            return business(REFUND_OPEN, f"子订单{no}有退款需要处理，拒绝发货")
    return None


def _why_not_together(shop: Shop, parcels: Sequence[Parcel]) -> ApiError | None:
    if len({address_id(shop.sale(parcel.number)) for parcel in parcels}) > 1:
        return business(STATE, "收货信息不同的订单不能合并发货")
    return None


def _why_not_again(shop: Shop, parcels: Sequence[Parcel]) -> ApiError | None:
    """Several parcels of one order must not hold more of a line than is open."""
    total: dict[str, int] = {}
    for parcel in parcels:
        for no, num in parcel.units.items():
            total[no] = total.get(no, 0) + num
    for line in (line for parcel in parcels for line in shop.sale(parcel.number).lines):
        if total.get(line["no"], 0) > open_num(line):
            return business(STATE, f"子订单{line['no']}的可发货数量不足")
    return None


def change_pack(shop: Shop, number: str, pack_id: str, company: str, waybill: str) -> None:
    """Put another waybill on a parcel: the named one, or the order's only one."""
    with shop.market.storage.write():
        sale = shop.sale(number)
        packs = [pack for pack in shop.packs(sale.number) if pack_id in ("", pack["pack_id"])]
        if not packs:
            raise business(NOT_FOUND, "包裹不存在")
        if len(packs) > 1:
            raise missing("pack_id")
        if sale.doc["status"] not in ("part_shipped", "shipped"):
            raise business(STATE, "订单当前状态不允许修改物流")
        pack = packs[0]
        shop.set_pack(pack["pack_id"], sale.number, company, waybill, pack["shipment"])
        changed = change_waybill(shop.market, sale.number, pack["shipment"], company, waybill)
        shop.set_pack(pack["pack_id"], sale.number, company, waybill, changed)
