"""产能: an order leaves from points that can still do it today; where none can, it waits for tomorrow and says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.capacity import next_day, read_room
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.routing.ways import Way
from oms.domain.sourcing import Sourced

#: The failure and the hold of an order that only capacity keeps, and what the choices say of a point that is full.
FULL: Final = "capacity_full"
FULL_POINT: Final = "full"
#: Capacity may be given back at any time: that is looked at so often, and at the beginning of the next day.
LOOK_AGAIN: Final = timedelta(minutes=30)


def look_at_capacity(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Read what the points that may serve these orders can still do today; nothing is asked where none has a limit."""
    masters = batch.masters
    if masters.rules.zones and orders:
        pools = {masters.shops[order.shop_id].pool_id for order in orders}
        read_room(batch, [card.id for pool_id in pools for _, card in masters.open_points(pool_id)])


def fit_capacity(batch: Batch, order: OrderWork, find: Callable[[], Way]) -> Way:
    """The way that `find` finds within today's capacity; it fails as FULL when it is capacity alone that keeps it."""
    if not batch.room:
        return find()
    room = batch.room
    try:
        way = _within(batch, find)
        full = _full_points(batch, order)
        if not way.found.failure or not full:
            _tell_full(way, full)
            return way
        batch.room = None
        if not find().found.failure:
            way.found.parts, way.found.failure = [], FULL
    finally:
        batch.room = room
    _tell_full(way, full)
    return way


def _within(batch: Batch, find: Callable[[], Way]) -> Way:
    """Goods that leave apart may want more of a point than it has left: it is left out then."""
    way = find()
    while True:
        wanted = Counter([part.point_id for part in way.found.parts])
        over = [id_ for id_, count in wanted.items() if count > (batch.room or {}).get(id_, count)]
        if not over:
            return way
        batch.room = {**(batch.room or {}), **dict.fromkeys(over, 0)}
        way = find()


def _full_points(batch: Batch, order: OrderWork) -> list[int]:
    members = batch.masters.open_points(batch.masters.shops[order.shop_id].pool_id)
    return [card.id for _, card in members if (batch.room or {}).get(card.id, 1) <= 0]


def _tell_full(way: Way, full: Sequence[int]) -> None:
    named = {ids[0] for ids, *_ in way.found.choices if len(ids) == 1}
    way.found.choices.extend(((id_,), None, FULL_POINT, ()) for id_ in full if id_ not in named)


def take_room(batch: Batch, point_id: int) -> None:
    """One more fulfilment is planned at a point."""
    if batch.room and point_id in batch.room:
        batch.room[point_id] -= 1


def full_points_of(batch: Batch, found: Sourced) -> list[int]:
    """The points that kept an order by their capacity alone."""
    return [ids[0] for ids, _, reason, _ in found.choices if reason == FULL_POINT] if found.failure == FULL else []


def seen_full(batch: Batch, found: Sourced) -> dict[str, Any]:
    """What people need to know of an order that waits for tomorrow."""
    full = full_points_of(batch, found)
    return {"full": [batch.masters.points[id_].code for id_ in full]} if full else {}


def wait_for_capacity(batch: Batch, order: OrderWork, found: Sourced) -> None:
    """Have an order that only capacity keeps looked at again when there may be some."""
    full = full_points_of(batch, found)
    if full:
        order.ready_at = min(batch.now + LOOK_AGAIN, next_day(batch, full))
