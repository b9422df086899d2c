"""Points that come behind the others of an order, though they may serve it: they leave too late, or have no price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import OrderWork
from oms.domain.sourcing import MOST_POINTS, NO_BONUS, Point, Sourced
from oms.domain.sourcing.allocating import CHOSEN
from oms.domain.sourcing.terms import LATE_DAY, UNPRICED

#: What the choices say of a point that was passed over for this.
LATE, NO_PRICE = "late", "unpriced"
#: So many carriers without a price are written down.
MOST_TOLD: Final = 5


def points_behind(batch: Batch, order: OrderWork, points: Sequence[Point]) -> Mapping[int, int]:
    """By how much points come behind, as a bonus below nothing; nearly always there are none.

    A point does that works again only after the order must have left, or from which nobody has a price though others do.
    """
    opening = batch.masters.rules.opens
    has_gaps = batch.masters.has_gaps
    if not (opening or has_gaps):
        return NO_BONUS
    found: dict[int, int] = {}
    due = order.ship_by
    if opening and due is not None and due > batch.now:  # One that is late already is late from everywhere.
        for point in points:
            begins = opening.get(point.id)
            if begins is not None and begins > due:
                found[point.id] = -LATE_DAY * (1 + (begins - due).days)
    if has_gaps and any(point.is_priced for point in points):
        for point in points:
            if not point.is_priced:
                found[point.id] = found.get(point.id, 0) - UNPRICED
    return found


def with_behind(bonus: Mapping[int, int], behind: Mapping[int, int]) -> Mapping[int, int]:
    """What rules prefer with what comes behind; a preference that names no price goes before all of that."""
    return {id_: bonus.get(id_, 0) + behind.get(id_, 0) for id_ in (*bonus, *behind)} if behind else bonus


def in_front(points: Sequence[Point], behind: Mapping[int, int]) -> list[Point]:
    """The points with those that come behind at their end, so that these are cut off first."""
    return sorted(points, key=lambda point: -behind.get(point.id, 0))


def are_cut(points: Sequence[Point], behind: Mapping[int, int]) -> bool:
    """Whether their order matters: there are more points than are looked at."""
    return bool(behind) and len(points) > MOST_POINTS


def tell_behind(found: Sourced, behind: Mapping[int, int]) -> None:
    """Mark the way taken, and say of the points alone that were passed over why."""
    if not behind or not found.parts:
        return
    taken = tuple([part.point_id for part in found.parts])
    least = min([behind.get(id_, 0) for id_ in taken])
    for number, (ids, cost, reason, parts) in enumerate(found.choices):
        if reason or cost is None:
            continue
        extra = behind.get(ids[0], 0)
        if ids == taken:
            found.choices[number] = ids, cost, CHOSEN, parts
        elif extra < least:
            found.choices[number] = ids, cost, LATE if extra <= -LATE_DAY else NO_PRICE, parts


def say_unpriced(batch: Batch, order: OrderWork, found: Sourced) -> dict[str, Any]:
    """What a decision keeps of carriers that had no price from its points: they were passed over, or went for nothing."""
    masters = batch.masters
    if not masters.has_gaps:
        return {}
    place = order.division_code[: masters.prefix_length]
    told = [
        f"{masters.points[part.point_id].code} {code}"
        for part in found.parts
        for code in masters.unpriced(part.point_id, place, order.is_cod)
    ]
    return {NO_PRICE: told[:MOST_TOLD]} if told else {}
