"""An order that the system before us ships: what we would have done is decided and kept, nothing is taken for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from zlib import crc32

from oms.app.intercept.enforce import take_back, void_unsent
from oms.app.kernel.batch import Batch
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.decide import record
from oms.domain.sourcing import Need, Sourced

#: The verdict of the decision that says what we would have done.
OBSERVED: Final = "observed"


def is_decided(order: OrderWork, needs: Sequence[Need]) -> bool:
    """Whether the plan kept for the order is for these goods to this place: a live order is planned once, too."""
    hold = order.hold("observing")
    return hold is not None and hold.seen.get("plan") == _mark(order, needs)


def keep_plan(batch: Batch, order: OrderWork, needs: Sequence[Need], found: Sourced) -> None:
    """Write down the plan of an order and hold it; nothing is reserved. An order without a plan is tried again."""
    if found.failure:
        return
    parts = [_part(order, found, number) for number in range(len(found.parts))]
    record(batch, order, "route", OBSERVED, choices={"parts": parts})
    batch.clear_hold(order, "observing", "decided anew")
    masters = batch.masters
    ways = [f"{masters.points[part.point_id].code} {masters.carriers[part.carrier_id].code}" for part in found.parts]
    batch.place_hold(order, "observing", {"plan": _mark(order, needs), "would_leave": ways})


def _mark(order: OrderWork, needs: Sequence[Need]) -> int:
    wanted = sorted((need.demand_id, need.units) for need in needs)
    return crc32(repr((order.division_code, order.is_cod, wanted)).encode())


def _part(order: OrderWork, found: Sourced, number: int) -> dict[str, Any]:
    """A parcel we would have sent; `units` are (line, SKU, units)."""
    part = found.parts[number]
    demands = {demand.id: demand for demand in order.demands}
    units = [(demands[id_].line_id, demands[id_].sku_id, count) for id_, count in part.units.items()]
    return {"point": part.point_id, "carrier": part.carrier_id, "cost": part.cost, "units": units}


def give_plans_back(batch: Batch, order: OrderWork) -> None:
    """Free what is planned for an order; what a warehouse has been told of, or may have been, stays ours."""
    for work in list(order.fulfilments):
        if work.status in ("planned", "on_hold", "refused") or (work.status == "sending" and void_unsent(batch, work)):
            take_back(batch, work, "left_to_others")
