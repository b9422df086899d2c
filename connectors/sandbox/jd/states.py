"""The state in which JD shows an order, told from what is kept: once for a document, once for a list's filter."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market import LIVE_REFUND

REMARKS = {
    "WAIT_SELLER_STOCK_OUT": "等待出库",
    "WAIT_GOODS_RECEIVE_CONFIRM": "等待确认收货",
    "WAIT_SELLER_DELIVERY": "等待发货",
    "PAUSE": "暂停",
    "POP_ORDER_PAUSE": "POP暂停",
    "FINISHED_L": "完成",
    "TRADE_CANCELED": "取消",
    "LOCKED": "锁定",
    "WAIT_SEND_CODE": "等待发码",
}
#: States that no order has any more, but that a list may still be asked for.
LEGACY = frozenset({"SEND_TO_DISTRIBUTION_CENER", "DISTRIBUTION_CENTER_RECEIVED", "RECEIPTS_CONFIRM"})
SHIPPABLE = frozenset({"WAIT_SELLER_STOCK_OUT", "WAIT_SELLER_DELIVERY"})
SETTLED = {"cancelled": "TRADE_CANCELED", "completed": "FINISHED_L", "shipped": "WAIT_GOODS_RECEIVE_CONFIRM"}
OF_KIND = {"loc": "WAIT_SEND_CODE", "overseas": "WAIT_SELLER_DELIVERY"}
_REFUNDING = ", ".join(f"'{state}'" for state in sorted(LIVE_REFUND))
#: The same as `order_state`, over the columns of a kept order.
STATE_SQL = f"""case
    when status = 'cancelled' then 'TRADE_CANCELED'
    when status = 'completed' then 'FINISHED_L'
    when status = 'shipped' then 'WAIT_GOODS_RECEIVE_CONFIRM'
    when exists (select 1 from json_each(doc, '$.lines')
                 where json_extract(value, '$.refund') in ({_REFUNDING})) then 'LOCKED'
    when json_extract(doc, '$.group_buy') then 'PAUSE'
    when json_extract(doc, '$.held') then 'POP_ORDER_PAUSE'
    when kind = 'loc' then 'WAIT_SEND_CODE'
    when kind = 'overseas' then 'WAIT_SELLER_DELIVERY'
    else 'WAIT_SELLER_STOCK_OUT' end"""


def order_state(doc: dict[str, Any]) -> str:
    """The `orderState` of a kept order."""
    if doc["status"] in SETTLED:
        return SETTLED[doc["status"]]
    if any(line["refund"] in LIVE_REFUND for line in doc["lines"]):
        return "LOCKED"
    if doc["held"]:
        return "PAUSE" if doc["group_buy"] else "POP_ORDER_PAUSE"
    return OF_KIND.get(doc["kind"], "WAIT_SELLER_STOCK_OUT")
