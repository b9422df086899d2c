"""Reads how far the lines of an order are: shipped, in which parcel, paid back. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connectors.contract.records import RefundState
from connectors.marketplaces.vendure import codes
from connectors.marketplaces.vendure.reading import Json, moment, required, rows, text, whole


@dataclass(slots=True)
class Progress:
    """Units and parcels by line number, and the newest stamps of the order's parts."""

    shipped: dict[str, int] = field(default_factory=dict)
    parcels: dict[str, tuple[str, datetime | None, str]] = field(default_factory=dict)
    paid_back: dict[str, int] = field(default_factory=dict)
    cases: dict[str, tuple[RefundState, str]] = field(default_factory=dict)
    stamps: list[datetime] = field(default_factory=list)


def case_number(order: str, refund: str) -> str:
    """The number of a case: Vendure finds refunds only through their order."""
    return f"{order}:{refund}"


def progress_of(order: Json, number: str, alerts: list[str]) -> Progress:
    """How far an order is, by its fulfilments and refunds."""
    progress = Progress()
    for fulfilment in rows(order, "fulfillments"):
        _read_fulfilment(fulfilment, progress, alerts)
    for payment in rows(order, "payments"):
        _stamp(payment, progress)
        for refund in rows(payment, "refunds"):
            _read_refund(refund, number, progress, alerts)
    return progress


def refund_of(progress: Progress, line: str, units: int) -> tuple[RefundState, str]:
    """A line's refund: over only when all of it is paid back; a part of it shows in its case."""
    state, case_no = progress.cases.get(line, (RefundState.NONE, ""))
    if case_no and progress.paid_back.get(line, 0) >= units:
        return RefundState.SUCCEEDED, case_no
    return (RefundState.NONE if state is RefundState.SUCCEEDED else state), case_no


def _read_fulfilment(fulfilment: Json, progress: Progress, alerts: list[str]) -> None:
    """States of the store's own are neither gone nor undone: such goods still wait."""
    _stamp(fulfilment, progress)
    state = text(fulfilment, "state")
    if state not in codes.GONE | codes.WAITING | {codes.UNDONE}:
        alerts.append(f"fulfillments.state={state:.40}")
    if state not in codes.GONE:
        return
    method = text(fulfilment, "method")
    carrier = codes.CARRIERS.get(method.lower(), method)
    parcel = text(fulfilment, "trackingCode"), moment(fulfilment, "createdAt"), carrier
    for row in rows(fulfilment, "lines"):
        number = text(row, "orderLineId")
        progress.shipped[number] = progress.shipped.get(number, 0) + whole(row, "quantity")
        progress.parcels[number] = parcel


def _read_refund(refund: Json, order: str, progress: Progress, alerts: list[str]) -> None:
    """Refunds made by amount name no lines; only their case tells of them."""
    _stamp(refund, progress)
    state = text(refund, "state")
    if state not in codes.REFUNDS:
        alerts.append(f"refunds.state={state:.40}")
    case_no = case_number(order, required(refund, "id", "refunds.id"))
    for row in rows(refund, "lines"):
        number = text(row, "orderLineId")
        if state == codes.SETTLED:
            progress.paid_back[number] = progress.paid_back.get(number, 0) + whole(row, "quantity")
        progress.cases[number] = codes.REFUNDS.get(state, RefundState.AGREED), case_no


def _stamp(record: Json, progress: Progress) -> None:
    at = moment(record, "updatedAt")
    if at is not None:
        progress.stamps.append(at)
