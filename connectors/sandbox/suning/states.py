"""The states in which the platform shows orders, lines and returns, told from what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Doc = Mapping[str, Any]

TO_SHIP, SHIPPED, PART_SHIPPED, DONE, CLOSED, UNPAID = "10", "20", "21", "30", "40", "5"
ORDER_STATES = (TO_SHIP, SHIPPED, PART_SHIPPED, DONE, CLOSED)
LINE_STATES = (TO_SHIP, SHIPPED, DONE)
BY_STATUS = {"unpaid": UNPAID, "open": TO_SHIP, "part_shipped": PART_SHIPPED, "shipped": SHIPPED, "completed": DONE,
             "cancelled": CLOSED}  # fmt: skip
#: An order is shown to the seller once it is to be shipped: paid or COD, its group formed, its review over.
SHOWN_SQL = """status <> 'unpaid' and not json_extract(doc, '$.held')
    and (json_extract(doc, '$.paid_ms') > 0 or json_extract(doc, '$.is_cod'))"""
STATE_SQL = f"""case status {" ".join(f"when '{name}' then '{state}'" for name, state in BY_STATUS.items())} end"""
#: Whether an order has a line in one state: the same as `line_state`, over the columns of a kept order.
LINE_SQL = """exists (select 1 from json_each(doc, '$.lines') where ? = case
    when json_extract(value, '$.shipped_num') > 0 then case status when 'completed' then '30' else '20' end
    when json_extract(value, '$.cancelled_num') >= json_extract(value, '$.num') then '40'
    else '10' end)"""

#: The steps of a return: the platform's codes, with the texts under which its lists show them.
STEPS = {
    "C030": "退款待处理",
    "C040": "待买家发货",
    "C041": "已拒绝退款",
    "C050": "退款处理中",
    "C051": "已拒绝退款",
    "C055": "退款处理中",
    "C060": "待商家收货",
    "C070": "退款关闭",
    "C075": "退款关闭",
    "C080": "退款关闭",
    "C110": "退款处理中",
    "C130": "退款成功",
    "C131": "退款失败",
}
BY_CASE = {"asked": "C030", "agreed": "C040", "returned": "C060", "refused": "C051", "succeeded": "C130",
           "closed": "C070"}  # fmt: skip
#: The step of a kept case, over the columns of its table.
STEP_SQL = f"""case when json_extract(doc, '$.step_of') = state then json_extract(doc, '$.step') else case state
    {" ".join(f"when '{name}' then '{step}'" for name, step in BY_CASE.items())} end end"""


def is_shown(doc: Doc) -> bool:
    """Whether the seller sees the order among those to be shipped or settled."""
    return doc["status"] != "unpaid" and not doc["held"] and bool(doc["paid_ms"] or doc["is_cod"])


def order_state(doc: Doc) -> str:
    """The `orderTotalStatus` of a kept order."""
    return BY_STATUS[doc["status"]]


def line_state(doc: Doc, line: Doc) -> str:
    """The `orderLineStatus` of a kept line."""
    if doc["status"] == "unpaid":
        return UNPAID
    if line["shipped_num"]:
        return DONE if doc["status"] == "completed" else SHIPPED
    return CLOSED if line["cancelled_num"] >= line["num"] else TO_SHIP


def step_of(doc: Doc) -> str:
    """The step a kept case is at; a step told beside its state goes first until the state changes."""
    return str(doc["step"]) if doc.get("step_of") == doc["state"] else BY_CASE[doc["state"]]
