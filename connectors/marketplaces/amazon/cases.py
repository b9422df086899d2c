"""Parses a return, as `returns` cuts it from the report, to a normalised case. Pure; no calls, no clock."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.contract.errors import BadRecord
from connectors.contract.money import to_minor
from connectors.contract.records import CaseLine, CaseRecord, RefundState
from connectors.marketplaces.amazon import codes
from connectors.marketplaces.amazon.reading import Json, moment_of, required, rows, text, tree

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: Returns are agreed to by Amazon's own rules or in Seller Central; what is left to us is the money.
_OPEN = frozenset({RefundState.ASKED, RefundState.AGREED, RefundState.RETURNED})
_STAMPS = ("Return request date", "Return delivery date", "SafeT claim creation time")


def parse_case(body: bytes) -> CaseRecord:
    """The return in a document; BadRecord names the column at fault.

    The report has no time of change, so the latest day it names stands for it; a later state of the same day counts.
    """
    document = tree(body, "case")
    found = rows(document, "rows")
    if not found:
        raise BadRecord("a return needs at least one row", field="rows")
    first, alerts = found[0], list[str]()
    asked = _day(first, "Return request date")
    if asked is None:
        raise BadRecord("this is missing", field="Return request date")
    currency = required(first, "Currency code")
    items = rows(document, "items")
    lines = tuple(_line(row, items, currency) for row in found)
    state = _state(found, alerts)
    days = [day for row in found for day in (_day(row, name) for name in _STAMPS) if day is not None]
    return CaseRecord(
        external_no=required(document, "caseNo"),
        order_no=required(first, "Order ID"),
        line_no=lines[0].line_no if len(lines) == 1 else "",
        kind=codes.RESOLUTIONS.get(text(first, "Resolution").lower(), "return"),
        state=state,
        platform_status=text(first, "Return request status"),
        currency=currency,
        amount=sum(line.amount for line in lines),
        changed_at=max(days),
        created_at=asked,
        units=sum(line.units for line in lines),
        reason=lines[0].reason,
        phase="aftersale",
        return_carrier=text(first, "Return carrier"),
        return_waybill=text(first, "Tracking ID"),
        goods_received_by_buyer=True,
        lines=lines,
        allows=("refund",) if state in _OPEN else (),
        alerts=tuple(alerts),
    )


def _state(found: list[Json], alerts: list[str]) -> RefundState:
    """Paid back when every row is; back with us when every row's goods are; else as the first row says."""
    told = text(found[0], "Return request status")
    state = codes.RETURN_STATES.get(told.lower())
    if state is None:
        alerts.append(f"Return request status={told:.40}")
        state = RefundState.ASKED
    if state in (RefundState.REFUSED, RefundState.CLOSED):
        return state
    if all(_amount(row, "Refunded Amount", "USD") for row in found):
        return RefundState.SUCCEEDED
    if state is RefundState.AGREED and all(text(row, "Return delivery date") for row in found):
        return RefundState.RETURNED
    return state


def _line(row: Json, items: list[Json], currency: str) -> CaseLine:
    returned = _count(row, "Return quantity")
    return CaseLine(_item_of(row, items), returned, _asked(row, returned, currency), text(row, "Return Reason"))


def _item_of(row: Json, items: list[Json]) -> str:
    """The order's item by SKU, else by ASIN, where only one fits."""
    for column, name in (("Merchant SKU", "sku"), ("ASIN", "asin")):
        wanted = text(row, column)
        fitting = [text(item, "id") for item in items if wanted and text(item, name) == wanted]
        if len(fitting) == 1:
            return fitting[0]
    return ""


def _asked(row: Json, returned: int, currency: str) -> int:
    """What was paid back, else the returned units' part of what the goods cost."""
    refunded = _amount(row, "Refunded Amount", currency)
    if refunded:
        return refunded
    ordered = _count(row, "Order quantity") or returned
    return _amount(row, "Order Amount", currency) * min(returned, ordered) // max(ordered, 1)


def _amount(row: Json, column: str, currency: str) -> int:
    told = text(row, column)
    amount = to_minor(told, column, currency) if told else 0
    if not 0 <= amount < 10**15:
        raise BadRecord("this is not an amount a return can have", field=column)
    return amount


def _count(row: Json, column: str) -> int:
    told = text(row, column)
    if not told:
        return 0
    if not told.isdecimal() or len(told) > 9:
        raise BadRecord("this is not a number of units", field=column)
    return int(told)


def _day(row: Json, column: str) -> datetime | None:
    """`02-Jan-2025`, or ISO 8601; a day without a zone is taken as UTC."""
    told = text(row, column)
    if not told:
        return None
    day, _, rest = told.partition("-")
    month, _, year = rest.partition("-")
    try:
        if month.lower() in _MONTHS:
            return datetime(int(year), _MONTHS.index(month.lower()) + 1, int(day), tzinfo=UTC)
        return moment_of(told if len(told) > 10 else f"{told}T00:00:00Z")
    except (ValueError, OverflowError):
        raise BadRecord("this is not a day like 02-Jan-2025", field=column) from None
