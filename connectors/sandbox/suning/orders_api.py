"""Reading orders: lists by order time and by change, those unpaid, one order, the seller's note."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market import write_memo
from connectors.sandbox.kit.market.store import Rows
from connectors.sandbox.suning.errors import NO_RESULT, ApiError, missing
from connectors.sandbox.suning.order_docs import order_document
from connectors.sandbox.suning.params import Params
from connectors.sandbox.suning.shop import Answer, Doc, Method, Page, Shop
from connectors.sandbox.suning.states import CLOSED, LINE_SQL, LINE_STATES, ORDER_STATES, SHOWN_SQL, STATE_SQL, UNPAID

WIDEST_BY_ORDER_DAYS, WIDEST_BY_CHANGE_DAYS = 30.0, 1.0
FLAGS, NOTE_FLAGS = ("1", "2", "3", "4", "5"), ("1", "2", "3")
UNPAID_SQL = {
    UNPAID: "status = 'unpaid'",
    CLOSED: "status = 'cancelled' and json_extract(doc, '$.paid_ms') = 0 and not json_extract(doc, '$.is_cod')",
}


def by_order_time(shop: Shop, params: Params) -> Answer:
    """Orders by the time they were made, oldest first."""
    state = params.choice("orderStatus", ORDER_STATES)
    window = params.window(shop.market.now_ms(), WIDEST_BY_ORDER_DAYS)
    where, args = (f"{SHOWN_SQL} and {STATE_SQL} = ?", [state]) if state else (SHOWN_SQL, [])
    return _listed(shop, params, "created_ms", window, where, args)


def by_change(shop: Shop, params: Params) -> Answer:
    """Orders by the time of change, oldest first; with a line in the state that is asked for, if one is."""
    state = params.choice("orderLineStatus", LINE_STATES)
    if not state and shop.settings.get("status_needed"):
        raise missing(params.biz, "orderLineStatus")
    window = params.window(shop.market.now_ms(), WIDEST_BY_CHANGE_DAYS)
    where, args = (f"{SHOWN_SQL} and {LINE_SQL}", [state]) if state else (SHOWN_SQL, [])
    return _listed(shop, params, "changed_ms", window, where, args, with_changes=True)


def unpaid(shop: Shop, params: Params) -> Answer:
    """Orders that nobody has paid yet (5, unless told otherwise) or ever will (40), by the time they were made."""
    state = params.choice("orderLineStatus", tuple(UNPAID_SQL)) or UNPAID
    window = params.window(shop.market.now_ms(), WIDEST_BY_CHANGE_DAYS)
    return _listed(shop, params, "created_ms", window, UNPAID_SQL[state], [])


def one(shop: Shop, params: Params) -> Answer:
    """One order; those that are not to be shipped yet are not found."""
    number = params.text("orderCode")
    if not number.isdigit():
        raise ApiError("biz.orderget.ordercode-format:error", "订单号格式错误")
    sale = shop.order(number)
    if sale is None:
        raise ApiError(NO_RESULT)
    return Answer(order_document(shop, sale))


def write_note(shop: Shop, params: Params) -> Answer:
    """Overwrite the seller's note; an absent colour keeps the one that is there."""
    number, flag = params.text("orderCode"), params.choice("colorMarkFlag", FLAGS)
    params.choice("noteFlag", NOTE_FLAGS)
    with shop.market.storage.write():
        if shop.order(number) is None:
            raise ApiError("biz.orderNote.ordercode-value:inexistence", "订单号不存在")
        write_memo(shop.market, number, params.text("noteContent"), int(flag) if flag else None)
    return Answer({"orderCode": number, "result": "Y"})


def read_note(shop: Shop, params: Params) -> Answer:
    """The seller's note with its colour."""
    sale = shop.order(params.text("orderCode"))
    if sale is None:
        raise ApiError(NO_RESULT)
    flag = str(sale.doc["flag"]) if sale.doc["flag"] else ""
    return Answer({"orderCode": sale.number, "noteContent": sale.doc["memo"], "colorMarkFlag": flag, "noteFlag": "1"})


def _listed(shop: Shop, params: Params, stamp: str, window: tuple[int, int], where: str, args: list[Any], *,
            with_changes: bool = False) -> Answer:  # fmt: skip
    number, size = params.page()
    offset = (number - 1) * size
    rows: Rows = shop.market.shelves.list_sales(stamp, *window, offset, size, where=where, args=args)
    if not rows.found:
        raise ApiError(NO_RESULT)
    found: list[Doc] = [order_document(shop, sale, with_changes=with_changes) for sale in rows.found]
    content: Any = found[0] if len(found) == 1 and shop.settings.get("single_as_object") else found
    return Answer(content, Page(number, size, rows.total))


METHODS = {
    "suning.custom.order.query": Method("orderQuery", by_order_time),
    "suning.custom.ord.query": Method("orderQuery", by_change, asked_as=("ordQuery", "orderQuery")),
    "suning.custom.unpaidorder.query": Method("unpaidOrder", unpaid),
    "suning.custom.order.get": Method("orderGet", one, ("orderCode",)),
    "suning.custom.ordernote.modify": Method("orderNote", write_note, ("orderCode", "noteContent")),
    "suning.custom.ordernote.get": Method("orderNote", read_note, ("orderCode",)),
}
