"""Reads how far the lines of an order are: shipped, still to ship, by whom, and what is coming back. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connectors.contract.records import RefundState
from connectors.marketplaces.shopify import codes
from connectors.marketplaces.shopify.reading import Json, inner, moment, nodes, tail, text, whole


@dataclass(slots=True)
class Progress:
    """Units and parcels by line number; what holds the order back; the newest stamp of its parts."""

    shipped: dict[str, int] = field(default_factory=dict)
    parcels: dict[str, tuple[str, datetime | None, str]] = field(default_factory=dict)
    #: Units that fulfilment orders still wait to ship; a line that no fulfilment order names is missing.
    remaining: dict[str, int] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    ours: set[str] = field(default_factory=set)
    refunded: dict[str, int] = field(default_factory=dict)
    returned: dict[str, int] = field(default_factory=dict)
    cancelled: dict[str, int] = field(default_factory=dict)
    cases: dict[str, tuple[RefundState, str]] = field(default_factory=dict)
    holds: list[str] = field(default_factory=list)
    stamps: list[datetime] = field(default_factory=list)
    #: How what waits at our locations goes, and the number of the location.
    ways: set[tuple[str, str]] = field(default_factory=set)
    ship_by: datetime | None = None
    all_delivered: bool = False


def progress_of(order: Json, our_locations: frozenset[str], alerts: list[str]) -> Progress:
    """How far an order is, by its fulfilments, fulfilment orders, refunds and returns."""
    progress = Progress()
    _read_fulfilments(order, progress)
    for waiting in nodes(order, "fulfillmentOrders"):
        _read_waiting(waiting, progress, our_locations, alerts)
    if order.get("refunds"):
        _read_refunds(order, progress)
    if order.get("returns"):
        _read_returns(order, progress, alerts)
    return progress


def units_of(progress: Progress, line: Json, number: str) -> int:
    """Units of a line that have left or are still to leave; 0 when nothing of it remains.

    Shopify's `quantity` never falls; fulfilment orders know what remains, and where none names the line yet, the
    units not removed do, with those that came back after they had left.
    """
    units, shipped = whole(line, "quantity"), progress.shipped.get(number, 0)
    if number in progress.remaining:
        left = min(progress.remaining[number], units - shipped - progress.cancelled.get(number, 0))
        return min(units, shipped + max(left, 0))
    current = units if line.get("currentQuantity") is None else whole(line, "currentQuantity")
    return min(units, max(current + progress.returned.get(number, 0), shipped))


def _read_fulfilments(order: Json, progress: Progress) -> None:
    delivered = []
    for fulfilment in nodes(order, "fulfillments"):
        _stamp(fulfilment, progress)
        if text(fulfilment, "status") not in codes.FULFILLED:
            continue
        delivered.append(fulfilment.get("deliveredAt") is not None or fulfilment.get("displayStatus") == "DELIVERED")
        tracking = nodes(fulfilment, "trackingInfo")
        company = text(tracking[0], "company") if tracking else ""
        parcel = (
            text(tracking[0], "number") if tracking else "",
            moment(fulfilment, "createdAt"),
            codes.CARRIERS.get(company.lower(), company),
        )
        for row in nodes(fulfilment, "fulfillmentLineItems"):
            number = text(inner(row, "lineItem"), "id")
            progress.shipped[number] = progress.shipped.get(number, 0) + whole(row, "quantity")
            progress.parcels[number] = parcel
    progress.all_delivered = bool(delivered) and all(delivered)


def _read_waiting(waiting: Json, progress: Progress, our_locations: frozenset[str], alerts: list[str]) -> None:
    """One fulfilment order: goods of an order that one location has to ship."""
    _stamp(waiting, progress)
    status = text(waiting, "status")
    if status not in codes.FULFILMENT_ORDER:
        alerts.append(f"fulfillmentOrders.status={status:.40}")
    waits = status in codes.FULFILLABLE or status not in codes.FULFILMENT_ORDER
    is_ours = _is_ours(waiting, our_locations)
    total = 0
    for row in nodes(waiting, "lineItems"):
        number, left = text(inner(row, "lineItem"), "id"), whole(row, "remainingQuantity") if waits else 0
        total += left
        progress.remaining[number] = progress.remaining.get(number, 0) + left
        if waits or status == "CLOSED":
            (progress.ours if is_ours else progress.elsewhere).add(number)
    if total and is_ours:
        _read_holds(waiting, status, progress)


def _is_ours(waiting: Json, our_locations: frozenset[str]) -> bool:
    place = tail(text(inner(inner(waiting, "assignedLocation"), "location"), "id"))
    if our_locations:
        return place in our_locations
    return text(waiting, "requestStatus") not in codes.ASKED_A_SERVICE


def _read_holds(waiting: Json, status: str, progress: Progress) -> None:
    if status == codes.ON_HOLD:
        reasons = [text(hold, "reason").lower() for hold in nodes(waiting, "fulfillmentHolds")]
        progress.holds += [f"on_hold:{reason:.40}" for reason in reasons] or ["on_hold"]
    elif status == codes.SCHEDULED:
        progress.holds.append("scheduled")
    method = text(inner(waiting, "deliveryMethod"), "methodType")
    progress.ways.add((method, tail(text(inner(inner(waiting, "assignedLocation"), "location"), "id"))))
    if method in codes.NOT_SHIPPED:
        progress.holds.append(f"delivery:{method.lower()}")
    due = moment(waiting, "fulfillBy")
    if due is not None and (progress.ship_by is None or due < progress.ship_by):
        progress.ship_by = due


def _read_refunds(order: Json, progress: Progress) -> None:
    for refund in nodes(order, "refunds"):
        _stamp(refund, progress)
        for row in nodes(refund, "refundLineItems"):
            number, units = text(inner(row, "lineItem"), "id"), whole(row, "quantity")
            kind = row.get("restockType")
            progress.refunded[number] = progress.refunded.get(number, 0) + units
            if kind == "RETURN":
                progress.returned[number] = progress.returned.get(number, 0) + units
            elif kind == "CANCEL":
                progress.cancelled[number] = progress.cancelled.get(number, 0) + units


def _read_returns(order: Json, progress: Progress, alerts: list[str]) -> None:
    """The newest return of a line wins; one that is over leaves the line as the refunds say."""
    for row in nodes(order, "returns"):
        number, status = text(row, "id"), text(row, "status")
        state = codes.RETURNS.get(status)
        if state is None:
            alerts.append(f"returns.status={status:.40}")
            state = RefundState.ASKED
        for part in nodes(row, "returnLineItems"):
            line = text(inner(inner(part, "fulfillmentLineItem"), "lineItem"), "id")
            if line:
                progress.cases[line] = (RefundState.NONE if status == "CLOSED" else state, number)


def _stamp(record: Json, progress: Progress) -> None:
    at = moment(record, "updatedAt")
    if at is not None:
        progress.stamps.append(at)
