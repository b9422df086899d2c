"""Tells each source order's platform what left: whole lines, or the units of a line that leaves in several parcels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import progress_of
from oms.app.kernel.load import fetch
from oms.app.kernel.work import DemandWork, FulfilmentWork, LineWork, OrderWork
from oms.app.pipeline.booking import Booked

#: What a notice without units tells of a line: all of it.
EVERY: Final = 1_000_000_000
#: Line → parcel → units told of it so far.
Told = dict[int, dict[int, int]]


@dataclass(slots=True)
class _Telling:
    """What one parcel tells: its lines, the units of those that it has in part, and those of which more will come."""

    parcel: Booked
    lines: set[int] = field(default_factory=set)
    units: dict[int, int] = field(default_factory=dict)
    more: set[int] = field(default_factory=set)


def write_back(batch: Batch, work: FulfilmentWork, booked: Sequence[Booked], begun: Collection[int]) -> None:
    """Send a notice for each parcel with something to tell; `begun` are orders of which something had left before.

    A line is told with the last parcel that carried some of it, when all it needs has left. Whole units of a line of
    several that leave earlier are told with their own parcel, each unit once.
    """
    for order_id in work.order_ids:
        order = batch.orders[order_id]
        shop = batch.masters.shops[order.shop_id]
        if shop.account_id is None or order.origin != "platform":
            continue
        told = _told_before(batch, order_id) if order_id in begun else {}
        # A line that is only here cancelled (somebody else shipped it) is still one of the platform's order.
        goods = {x.id for x in order.lines if x.kind == "goods" and (x.cancelled < x.ordered or not x.is_void)}
        for telling in _tellings(order, booked, told):
            parcel = telling.parcel
            key = f"ship:{order_id}:{parcel.id}{parcel.mark}"
            detail: dict[str, object] = {"lines": sorted(telling.lines), "whole": telling.lines == goods}
            if telling.units:
                units = {str(line): count for line, count in sorted(telling.units.items())}
                detail |= {"whole": False, "units": units, "more": sorted(telling.more)}
            batch.send(
                "push_shipment", shop.account_id, key, order_id=order_id,
                fulfilment_id=work.id, parcel_id=parcel.id, shop_id=shop.id, carrier_id=parcel.carrier_id,
                detail=detail,
            )  # fmt: skip


def _told_before(batch: Batch, order_id: int) -> Told:
    """What was told of an order by its notices, also by those people gave up, since they tell the platform themselves."""
    told: Told = {}
    question = """select parcel_id, detail from outbound where order_id = %s and kind = 'push_shipment'
                  order by created_at, id"""
    for parcel_id, detail in fetch(batch.connection, question, (order_id,)):
        units = detail.get("units", {})
        for line in detail["lines"]:
            told.setdefault(line, {})[parcel_id] = units.get(str(line), EVERY)
    return told


def _tellings(order: OrderWork, booked: Sequence[Booked], told: Told) -> list[_Telling]:
    complete = _complete_lines(order)
    lines = {line.id: line for line in order.lines}
    found = []
    for place, parcel in enumerate(booked):
        telling = _Telling(parcel)
        later = {line for other in booked[place + 1 :] for line in other.orders.get(order.id, ())}
        for line_id in parcel.orders.get(order.id, set()):
            _tell_line(telling, lines[line_id], told.setdefault(line_id, {}), line_id in complete - later)
        if telling.lines:
            found.append(telling)
    return found


def _tell_line(telling: _Telling, line: LineWork, told: dict[int, int], is_last: bool) -> None:
    """Add a line to what its parcel tells: nothing, all of it, or the units that have left and were not told."""
    needed, before = line.ordered - line.cancelled, sum(told.values())
    left = telling.parcel.progress.get(line.id, 0)
    if is_last and not 0 < before < needed:
        telling.lines.add(line.id)
        return
    if not is_last and (line.is_void or not before < left < needed):
        return
    telling.lines.add(line.id)
    told[telling.parcel.id] = told.get(telling.parcel.id, 0) + (needed if is_last else left) - before
    telling.units[line.id] = told[telling.parcel.id]
    if not is_last:
        telling.more.add(line.id)


def _complete_lines(order: OrderWork) -> set[int]:
    """Lines of which every unit that is not cancelled has shipped, also those that are not planned yet.

    No line waits for its gift.
    """
    by_line: dict[int, list[DemandWork]] = {}
    for demand in order.demands:
        if demand.origin != "gift":
            by_line.setdefault(demand.line_id, []).append(demand)
    return {line.id for line in order.lines if line.id in by_line and _is_complete(line, by_line[line.id])}


def _is_complete(line: LineWork, demands: Sequence[DemandWork]) -> bool:
    if any(demand.shipped + demand.cancelled < demand.units for demand in demands):
        return False
    return line.is_void or progress_of(line, demands)[1] >= line.ordered - line.cancelled
