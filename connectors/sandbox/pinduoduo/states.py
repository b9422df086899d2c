"""The platform's numbers for what orders and cases have come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.sandbox.kit.market import CASE_OVER, Case, Sale

REFUND, RETURN, EXCHANGE, RESHIP, REPAIR = 1, 2, 3, 4, 5
TYPES = {"refund": REFUND, "return": RETURN, "exchange": EXCHANGE}
#: Statuses of the sheet under which money is on its way.
PAYING = (4, 5)
NO_CASE = 0
#: type → state of the case → after_sales_status.
BY_TYPE: Mapping[int, Mapping[str, int]] = {
    REFUND: {"asked": 2, "agreed": 4, "returned": 4, "succeeded": 10, "refused": 6, "closed": 11},
    RETURN: {"asked": 3, "agreed": 7, "returned": 7, "succeeded": 10, "refused": 6, "closed": 11},
    EXCHANGE: {"asked": 14, "agreed": 15, "returned": 14, "succeeded": 16, "refused": 17, "closed": 17},
    RESHIP: {"asked": 14, "agreed": 32, "returned": 32, "succeeded": 16, "refused": 17, "closed": 17},
    REPAIR: {"asked": 21, "agreed": 22, "returned": 22, "succeeded": 25, "refused": 24, "closed": 24},
}
#: What a status that the platform decides by itself does to the case.
ENDS = {9: "refused", 11: "closed", 12: "closed", 13: "closed", 17: "closed", 24: "closed",
        10: "succeeded", 16: "succeeded", 25: "succeeded"}  # fmt: skip
ALL_STATUSES = (0, *range(2, 19), *range(21, 34))
#: The same decision as `refund_status`, for conditions of lists.
OPEN_CASE = "exists (select 1 from sale_case c where c.sale = sale.number and c.state in ('asked', 'agreed', 'returned'))"
PAYING_CASE = (
    "exists (select 1 from sale_case c where c.sale = sale.number and c.state in ('asked', 'agreed', 'returned')"
    " and coalesce(json_extract(c.doc, '$.shown'), 0) in (4, 5))"
)
ALL_BACK = (
    "not exists (select 1 from json_each(sale.doc, '$.lines') l where json_extract(l.value, '$.refund') <> 'succeeded')"
)
REFUND_STATUS = (
    f"case when {PAYING_CASE} then 3 when {OPEN_CASE} then 2 when status = 'cancelled' or {ALL_BACK} then 4 else 1 end"
)
ORDER_STATUS = "case when status = 'completed' then 3 when json_extract(doc, '$.shipped_ms') > 0 then 2 else 1 end"


def order_status(sale: Sale) -> int:
    """1 to be shipped, 2 shipped, 3 signed for; a cancelled order stays where it was."""
    if sale.doc["status"] == "completed":
        return 3
    return 2 if sale.doc["shipped_ms"] else 1


def refund_status(sale: Sale, cases: Sequence[Case]) -> int:
    """1 nothing or over, 2 running, 3 money on its way, 4 all of it paid back."""
    running = [case for case in cases if case.doc["state"] not in CASE_OVER]
    if any(case.doc.get("shown") in PAYING for case in running):
        return 3
    if running:
        return 2
    back = all(line["refund"] == "succeeded" for line in sale.lines)
    return 4 if sale.doc["status"] == "cancelled" or back else 1


def type_of(case: Case) -> int:
    """The type as answers tell it (requests count from one more)."""
    return int(case.doc.get("pdd_type") or TYPES[case.doc["kind"]])


def case_status(case: Case, *, returned_as: int = 7) -> int:
    """The after_sales_status; `returned_as` is what a return shows while the goods are on their way."""
    shown, over = int(case.doc.get("shown") or 0), case.doc["state"] in CASE_OVER
    if shown and (shown in ENDS or not over):
        return shown
    if case.doc["state"] == "returned" and type_of(case) == RETURN:
        return returned_as
    return BY_TYPE[type_of(case)][case.doc["state"]]


def after_sales_status(cases: Sequence[Case], *, returned_as: int = 7) -> int:
    """What the order shows: its running case before its latest one."""
    if not cases:
        return NO_CASE
    running = [case for case in cases if case.doc["state"] not in CASE_OVER]
    return case_status((running or list(cases))[-1], returned_as=returned_as)
