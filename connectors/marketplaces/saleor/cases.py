"""Parses Saleor's granted refunds, and returns kept as fulfilments, to normalised cases. Pure.

Buyers ask nothing on Saleor: the shop grants a refund and pays it, and books goods that came back. The money of a
return whose units a granted refund names is told by that refund alone.
"""

from __future__ import annotations

from connectors.contract.errors import BadRecord
from connectors.contract.records import CaseLine, CaseRecord, RefundState
from connectors.marketplaces.saleor import codes
from connectors.marketplaces.saleor.progress import case_number, progress_of
from connectors.marketplaces.saleor.reading import (
    Json,
    currency_of,
    document,
    gross,
    inner,
    moment,
    money,
    needed_moment,
    required,
    rows,
    text,
    whole,
)


def parse_case(body: bytes) -> CaseRecord:
    """The case in a `{"case": its part's number, "order": …}`; BadRecord names the field at fault."""
    tree, order = document(body)
    part = required(tree, "case")
    for granted in rows(order, "grantedRefunds"):
        if granted.get("id") == part:
            return granted_of(order, granted)
    for fulfilment in rows(order, "fulfillments"):
        if fulfilment.get("id") == part:
            return return_of(order, fulfilment)
    raise BadRecord("this order has no such refund or return", field="case")


def granted_of(order: Json, granted: Json) -> CaseRecord:
    """The case in a granted refund of an order."""
    alerts: list[str] = []
    number, currency, status = required(order, "id"), currency_of(order, "total"), required(granted, "status")
    progress = progress_of(order, number, alerts)
    lines = tuple(_lines(order, rows(granted, "lines"), currency))
    state = codes.GRANTED.get(status, RefundState.AGREED)
    is_return = any(progress.returned.get(line.line_no) for line in lines)
    if is_return and state is RefundState.AGREED:
        state = RefundState.RETURNED
    return CaseRecord(
        external_no=case_number(number, required(granted, "id")),
        order_no=number,
        line_no=lines[0].line_no if len(lines) == 1 else "",
        kind="return" if is_return else "refund",
        state=state,
        platform_status=status,
        currency=currency,
        amount=_not_negative(money(granted, "amount", currency)),
        changed_at=max(needed_moment(granted, "updatedAt"), needed_moment(order, "updatedAt")),
        created_at=needed_moment(granted, "createdAt"),
        units=sum(line.units for line in lines),
        reason=next((line.reason for line in lines if line.reason), text(granted, "reason")),
        words=text(granted, "reason"),
        phase="aftersale" if any(progress.shipped.get(line.line_no) for line in lines) else "onsale",
        lines=lines,
        allows=() if status in codes.ON_ITS_WAY else ("refund",),
        alerts=tuple(alerts),
    )


def return_of(order: Json, fulfilment: Json) -> CaseRecord:
    """The case in a fulfilment that books goods come back, exchanged or paid back."""
    number, currency, status = required(order, "id"), currency_of(order, "total"), required(fulfilment, "status")
    if status not in codes.CASES:
        raise BadRecord("this fulfilment is a parcel, not a return", field="case")
    kind, state = codes.CASES[status]
    found = rows(fulfilment, "lines")
    lines = tuple(_lines(order, found, currency))
    amount, granted = sum(line.amount for line in lines), _granted_units(order)
    if fulfilment.get("totalRefundedAmount") is not None:
        amount = money(fulfilment, "totalRefundedAmount", currency)
    elif lines and all(granted.get(line.line_no, (0, 0))[0] >= line.units for line in lines):
        amount = 0
        if all(granted[line.line_no][1] >= line.units for line in lines):
            state = RefundState.SUCCEEDED
    created = needed_moment(fulfilment, "created")
    return CaseRecord(
        external_no=case_number(number, required(fulfilment, "id")),
        order_no=number,
        line_no=lines[0].line_no if len(lines) == 1 else "",
        kind=kind,
        state=state,
        platform_status=status,
        currency=currency,
        amount=_not_negative(amount),
        changed_at=max(created, moment(order, "updatedAt") or created),
        created_at=created,
        units=sum(line.units for line in lines),
        phase="aftersale",
        goods_received_by_buyer=True,
        lines=lines,
        allows=("refund",) if state is RefundState.RETURNED and amount else (),
    )


def _lines(order: Json, found: list[Json], currency: str) -> list[CaseLine]:
    """Units of order lines with their part of what the line cost."""
    by_number = {text(line, "id"): line for line in rows(order, "lines")}
    lines = []
    for row in found:
        number, units = required(inner(row, "orderLine"), "id", "lines.orderLine.id"), whole(row, "quantity")
        line = by_number.get(number)
        amount = 0
        if line is not None:
            amount = gross(line, "totalPrice", currency) * units // max(whole(line, "quantity"), 1)
        lines.append(CaseLine(number, units, _not_negative(amount), text(row, "reason")))
    return lines


def _granted_units(order: Json) -> dict[str, tuple[int, int]]:
    """Units granted by line, and those of them that are paid back."""
    found: dict[str, tuple[int, int]] = {}
    for granted in rows(order, "grantedRefunds"):
        is_paid = granted.get("status") == codes.PAID_BACK
        for row in rows(granted, "lines"):
            number, units = text(inner(row, "orderLine"), "id"), whole(row, "quantity")
            all_units, paid = found.get(number, (0, 0))
            found[number] = all_units + units, paid + (units if is_paid else 0)
    return found


def _not_negative(amount: int) -> int:
    if amount < 0:
        raise BadRecord("a refund is not negative", field="amount")
    return amount
