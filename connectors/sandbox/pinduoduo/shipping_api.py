"""Parcels: telling the first, changing it, adding further ones, carriers, and what the seller has printed."""

from __future__ import annotations

import re
from typing import Any

from connectors.sandbox.kit.market import Sale, ship
from connectors.sandbox.kit.market.selling import change_waybill
from connectors.sandbox.pinduoduo.carriers import CARRIERS, Carrier
from connectors.sandbox.pinduoduo.errors import business, invalid
from connectors.sandbox.pinduoduo.params import Params
from connectors.sandbox.pinduoduo.shop import Doc, Method, Shop
from connectors.sandbox.pinduoduo.states import order_status, refund_status

WAYBILL = re.compile(r"[0-9A-Za-z-]{5,40}")
FIRST, MODIFY = 1, 2
EXTRA_KINDS = {1: "split", 2: "reship", 3: "gift"}


def send(shop: Shop, params: Params) -> Doc:
    """The first parcel ships the whole order; `redelivery_type` 2 puts another number in its place."""
    carrier = _carrier(params.number("logistics_id"))
    waybill = _waybill(params.text("tracking_number"))
    again = params.choice("redelivery_type", (FIRST, MODIFY), FIRST) == MODIFY
    with shop.market.storage.write():
        sale = shop.order(params.text("order_sn"))
        reason = "" if again else _why_not(shop, sale)
        if reason:
            names = [line["no"] for line in sale.lines]
            shop.market.shelves.add_shipment(sale.number, names, carrier.code, waybill, "online", reason=reason)
        elif again:
            _modify(shop, sale, carrier, waybill)
        else:
            ship(shop.market, sale.number, carrier.code, waybill, oids=_open_lines(sale), kind="online")
    if reason:
        # Raised outside of the transaction, so that the ledger keeps the refused parcel.
        raise business(reason)
    return {"is_success": True}


def _why_not(shop: Shop, sale: Sale) -> str:
    """The platform's reason for not taking a first parcel; "" when it takes it."""
    doc = sale.doc
    refund = refund_status(sale, shop.market.shelves.cases_of(sale.number))
    reasons = (
        (doc["by_platform"], "订单由订阅仓发货，商家不能发货"),
        (doc["status"] == "unpaid", "定金订单尾款未支付，不能发货"),
        (doc["held"] and doc["hold"] == "group", "订单未成团，不能发货"),
        (doc["held"] and doc["hold"] == "lottery", "抽奖订单未开奖，不能发货"),
        (doc["held"] and doc["hold"] == "risk", "订单审核中，不能发货"),
        (doc["held"], "订单暂停发货"),
        (refund in (3, 4), "订单已退款或退款中，不能发货"),
        (order_status(sale) != 1, "订单已发货，请勿重复发货"),
    )
    return next((words for holds, words in reasons if holds), "")


def _open_lines(sale: Sale) -> list[str]:
    return [line["no"] for line in sale.lines if line["num"] > line["shipped_num"] + line["cancelled_num"]]


def _modify(shop: Shop, sale: Sale, carrier: Carrier, waybill: str) -> None:
    told = [found for found in shop.market.shelves.shipments_of(sale.number) if found["kind"] in ("online", "resend")]
    if not told or order_status(sale) != 2:
        raise business("订单未发货或已签收，不能修改运单")
    change_waybill(shop.market, sale.number, told[-1]["id"], carrier.code, waybill)


def upload_extra(shop: Shop, params: Params) -> Doc:
    """Further parcels of an order that has shipped; the whole list or nothing."""
    rows = params.rows("extra_track_list", 50, "shipping_id", "tracking_number")
    kind = EXTRA_KINDS[params.choice("extra_track_type", (1, 2, 3), 1)]
    parcels = [(_carrier(_number(row["shipping_id"])), _waybill(str(row["tracking_number"]))) for row in rows]
    with shop.market.storage.write():
        sale = shop.order(params.text("order_sn"))
        if order_status(sale) == 1:
            raise business("订单未发货，不能上传额外运单")
        for carrier, waybill in parcels:
            shop.market.shelves.add_shipment(sale.number, (), carrier.code, waybill, kind)
        shop.market.changed(sale, "shipped")
    return {"success": True}


def companies(shop: Shop, params: Params) -> Doc:
    found = [
        {"id": carrier.id, "code": carrier.code, "logistics_company": carrier.name, "available": int(carrier.available)}
        for carrier in CARRIERS.values()
    ]
    return {"logistics_companies": found}


def printed(shop: Shop, params: Params) -> Doc:
    """The seller's system has printed the parcel's label; this moves no stamp."""
    params.choice("order_state", (1,))
    carrier = _carrier(params.number("logistics_id"))
    sale = shop.order(params.text("order_sn"))
    shop.market.storage.execute(
        "update sale set doc = json_set(doc, '$.printed', json_object('carrier', ?, 'waybill', ?)) where number = ?",
        (carrier.code, params.text("waybill_no"), sale.number),
    )
    return {"success": True, "error_code": 0, "error_msg": "", "result": True}


def _carrier(number: int) -> Carrier:
    carrier = CARRIERS.get(number)
    if carrier is None or not carrier.available:
        raise business("快递公司编号不存在或不支持")
    return carrier


def _waybill(text: str) -> str:
    if not WAYBILL.fullmatch(text):
        raise business("快递单号格式不正确")
    return text


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise invalid("shipping_id", "不是整数") from None


METHODS = {
    "pdd.logistics.online.send": Method(
        send, "logistics_online_send_response", ("order_sn", "logistics_id", "tracking_number")
    ),
    "pdd.order.upload.extra.logistics": Method(
        upload_extra, "upload_extra_logistics_response", ("order_sn", "extra_track_list")
    ),
    "pdd.logistics.companies.get": Method(companies, "logistics_companies_get_response", session=False),
    "pdd.erp.order.sync": Method(printed, "", ("order_sn", "order_state", "logistics_id", "waybill_no")),
}
