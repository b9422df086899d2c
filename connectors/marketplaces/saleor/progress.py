"""Reads how far the lines of an order are: shipped, in which parcel, paid back, come back. Pure.

Saleor's fulfilments are both parcels and the books of returns: units that come back move from the parcel's fulfilment
to one of the return.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connectors.contract.records import RefundState
from connectors.marketplaces.saleor import codes
from connectors.marketplaces.saleor.reading import Json, inner, moment, required, rows, text, whole


@dataclass(slots=True)
class Progress:
    """Units and parcels by line number, and the newest stamps of the order's parts."""

    shipped: dict[str, int] = field(default_factory=dict)
    parcels: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)
    returned: dict[str, int] = field(default_factory=dict)
    paid_back: dict[str, int] = field(default_factory=dict)
    cases: dict[str, tuple[RefundState, str]] = field(default_factory=dict)
    stamps: list[datetime] = field(default_factory=list)


def case_number(order: str, part: str) -> str:
    """The number of a case: Saleor finds granted refunds and returns only through their order."""
    return f"{order}:{part}"


def progress_of(order: Json, number: str, alerts: list[str]) -> Progress:
    """How far an order is, by its fulfilments and granted refunds."""
    progress = Progress()
    for fulfilment in rows(order, "fulfillments"):
        _read_fulfilment(fulfilment, number, progress, alerts)
    for granted in rows(order, "grantedRefunds"):
        _read_granted(granted, number, progress, alerts)
    return progress


def refund_of(progress: Progress, line: str, units: int) -> tuple[RefundState, str]:
    """A line's refund: over only when all of it is paid back; a part of it shows in its case."""
    state, case_no = progress.cases.get(line, (RefundState.NONE, ""))
    if case_no and progress.paid_back.get(line, 0) >= units:
        return RefundState.SUCCEEDED, case_no
    return (RefundState.NONE if state is RefundState.SUCCEEDED else state), case_no


def _read_fulfilment(fulfilment: Json, order: str, progress: Progress, alerts: list[str]) -> None:
    status, at = text(fulfilment, "status"), moment(fulfilment, "created")
    if at is not None:
        progress.stamps.append(at)
    if status not in codes.FULFILMENTS:
        alerts.append(f"fulfillments.status={status:.40}")
    if status in (codes.WAITING, codes.UNDONE):
        return
    waybill = text(fulfilment, "trackingNumber")
    for row in rows(fulfilment, "lines"):
        number, units = text(inner(row, "orderLine"), "id"), whole(row, "quantity")
        progress.shipped[number] = progress.shipped.get(number, 0) + units
        if status == codes.PARCEL or number not in progress.parcels:
            progress.parcels[number] = waybill, at
        if status in codes.RETURNED:
            progress.returned[number] = progress.returned.get(number, 0) + units
        if status in codes.REFUNDED:
            progress.paid_back[number] = progress.paid_back.get(number, 0) + units
        if status in codes.CASES:
            case_no = case_number(order, required(fulfilment, "id", "fulfillments.id"))
            progress.cases[number] = codes.CASES[status][1], case_no


def _read_granted(granted: Json, order: str, progress: Progress, alerts: list[str]) -> None:
    """The newest granted refund of a line wins over its return: it is the one that tells of the money."""
    at, status = moment(granted, "updatedAt"), text(granted, "status")
    if at is not None:
        progress.stamps.append(at)
    if status not in codes.GRANTED:
        alerts.append(f"grantedRefunds.status={status:.40}")
    case_no = case_number(order, required(granted, "id", "grantedRefunds.id"))
    for row in rows(granted, "lines"):
        number = text(inner(row, "orderLine"), "id")
        if status == codes.PAID_BACK:
            progress.paid_back[number] = progress.paid_back.get(number, 0) + whole(row, "quantity")
        progress.cases[number] = codes.GRANTED.get(status, RefundState.AGREED), case_no
