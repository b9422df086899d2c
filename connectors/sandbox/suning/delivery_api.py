"""The platform's shipping calls: parcels of an order's lines, changed waybills, carriers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.sandbox.kit.market import LIVE_REFUND, Sale, ship
from connectors.sandbox.kit.market.model import open_num
from connectors.sandbox.kit.market.selling import change_waybill
from connectors.sandbox.suning.clock import ms_of
from connectors.sandbox.suning.errors import ApiError, invalid
from connectors.sandbox.suning.params import Params
from connectors.sandbox.suning.shop import Answer, Doc, Method, Page, Shop
from connectors.sandbox.suning.states import SHIPPED, TO_SHIP, line_state

CARRIERS = {
    "S01": "顺丰速运", "Y01": "圆通速递", "Z01": "中通快递", "S02": "申通快递", "Y02": "韵达快递",
    "E01": "中国邮政速递EMS", "Y03": "邮政快递包裹", "J01": "京东快递", "J02": "极兔速递", "D01": "德邦快递",
    "B01": "百世快递",
}  # fmt: skip
WAYBILL = re.compile(r"[A-Za-z0-9-]{5,40}")
NOTHING_TO_SHIP = ApiError("biz.orderDelivery.order-status:error", "订单的状态非买家已付款")


def add(shop: Shop, params: Params) -> Answer:
    """Take a parcel of lines as shipped; each line is told by itself, and a call of which none ships is refused."""
    # A refused parcel stays in the ledger: it is kept before the refusal leaves the transaction.
    with shop.market.storage.write():
        sale = _sale(shop, params)
        lines = _lines(params, sale)
        refused = _refusal(shop, params, sale)
        going = [] if refused else [line for line in lines if _may_ship(sale, line)]
        refused = refused or (None if going else NOTHING_TO_SHIP)
        company, waybill = params.text("expressCompanyCode"), params.text("expressNo")
        if refused is None:
            ship(shop.market, sale.number, company, waybill, oids=[line["no"] for line in going])
        else:
            numbers = [line["no"] for line in lines]
            shop.market.shelves.add_shipment(sale.number, numbers, company, waybill, "online", reason=refused.text)
    if refused is not None:
        raise refused
    return _told(sale, lines, going)


def modify(shop: Shop, params: Params) -> Answer:
    """Put another waybill in the place of those of lines on their way."""
    with shop.market.storage.write():
        sale = _sale(shop, params)
        lines = _lines(params, sale)
        _check_parcel(params)
        going = [line for line in lines if line_state(sale.doc, line) == SHIPPED]
        if not going:
            raise NOTHING_TO_SHIP
        names = {line["no"] for line in going}
        held: dict[str, int] = {}
        for found in shop.market.shelves.shipments_of(sale.number):
            held |= dict.fromkeys(names & set(found["oids"]), found["id"])
        for shipment in sorted(set(held.values())):
            change_waybill(
                shop.market, sale.number, shipment, params.text("expressCompanyCode"), params.text("expressNo")
            )  # fmt: skip
    return _told(sale, lines, going)


def carriers(shop: Shop, params: Params) -> Answer:
    """The carriers the shop may name."""
    number, size = params.page()
    page = Page(number, size, len(CARRIERS))
    rows = [{"expressCompanyCode": code, "expressCompanyName": name} for code, name in CARRIERS.items()]
    found = rows[page.offset : page.offset + size]
    if not found:
        raise ApiError("biz.handler.data-get:no-result")
    return Answer(found, page)


def _sale(shop: Shop, params: Params) -> Sale:
    number = params.text("orderCode")
    sale = shop.market.shelves.sale(number)
    if sale is None:
        raise ApiError("biz.orderDelivery.ordercode-value:inexistence", "订单发货订单号不存在")
    if shop.order(number) is None:
        raise NOTHING_TO_SHIP
    return sale


def _lines(params: Params, sale: Sale) -> list[Doc]:
    """The lines a call names by number, or by goods that stand on one line only."""
    numbers = params.group("orderLineNumbers").names("orderLineNumber")
    goods = params.group("sendDetail").names("productCode")
    if numbers:
        by_number = {line["no"]: line for line in sale.lines}
        if set(numbers) - set(by_number):
            raise invalid(params.biz, "orderLineNumber", "不存在")
        return [by_number[number] for number in dict.fromkeys(numbers)]
    if not goods:
        raise invalid(params.biz, "orderLineNumber", "及苏宁商品编码都为空")
    found = []
    for code in goods:
        lines = [line for line in sale.lines if line["sku"]["sku_id"] == code]
        if not lines:
            raise ApiError("biz.orderDelivery.productcode-value:inexistence", "订单发货商品编码不存在")
        if len(lines) > 1 or goods.count(code) > 1:
            raise ApiError("biz.orderDelivery.productcode-value:repeat", "商品编码重复")
        found += lines
    return found


def _refusal(shop: Shop, params: Params, sale: Sale) -> ApiError | None:
    """Why nothing of the order can leave in this parcel."""
    try:
        _check_parcel(params)
    except ApiError as wrong:
        return wrong
    if sale.doc["status"] == "cancelled":
        return ApiError("biz.shutdown.order.cannot.delivery", "交易已关闭，不能发货")
    if sale.doc["by_platform"]:
        return NOTHING_TO_SHIP
    if _used_elsewhere(shop, params.text("expressNo"), sale):
        return ApiError("biz.orderDelivery.expressno-value:existence", "订单发货运单号存在")
    return None


def _check_parcel(params: Params) -> None:
    company, waybill, moment = params.text("expressCompanyCode"), params.text("expressNo"), params.text("deliveryTime")
    if company not in CARRIERS:
        raise ApiError("biz.orderDelivery.expresscompanycode-value:inexistence", "订单发货物流公司编码不存在")
    if not WAYBILL.fullmatch(waybill):
        raise ApiError("biz.orderDelivery.expressno-format:error", "订单发货运单号格式错误")
    try:
        ms_of(moment or "2012-06-20 00:00:00")
    except ValueError:
        raise invalid(params.biz, "deliveryTime") from None


def _used_elsewhere(shop: Shop, waybill: str, sale: Sale) -> bool:
    """Whether the waybill stands on an order of another buyer; orders of one buyer may share a parcel."""
    rows = shop.market.storage.rows("select tid from shipment where out_sid = ? and accepted = 1", (waybill,))
    buyers = [shop.market.find_sale(row["tid"]).doc["buyer"]["id"] for row in rows]
    return any(buyer != sale.doc["buyer"]["id"] for buyer in buyers)


def _may_ship(sale: Sale, line: Doc) -> bool:
    """Whether the line is to be shipped; one under an open refund still may, which the ledger notes."""
    known = line["refund"] in ("none", "refused", "closed") or line["refund"] in LIVE_REFUND
    return line_state(sale.doc, line) == TO_SHIP and bool(open_num(line)) and known


def _told(sale: Sale, lines: Sequence[Doc], going: Sequence[Doc]) -> Answer:
    names = {line["no"] for line in going}
    rows = [
        {"productCode": line["sku"]["sku_id"], "orderLineNumber": line["no"],
         "sendresult": "Y" if line["no"] in names else "N"}
        for line in lines
    ]  # fmt: skip
    return Answer({"orderCode": sale.number, "sendDetail": rows})


NEEDS = ("orderCode", "expressNo", "expressCompanyCode")
METHODS = {
    "suning.custom.orderdelivery.add": Method("orderDelivery", add, NEEDS),
    "suning.custom.orderdelivery.modify": Method("orderDelivery", modify, NEEDS),
    "suning.custom.logisticcompany.query": Method("logisticCompany", carriers),
}
