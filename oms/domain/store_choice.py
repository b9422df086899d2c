"""Which store an order goes to: the nearest that may serve it, or the one whose delivery list names its division."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any

from oms.domain.opening_hours import opens

EARTH_M = 6_371_008.8
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Store:
    """A store as choosing sees it.

    `has_goods` False when it lacks something the order wants from it, `covers` False when its areas leave the buyer out,
    `is_allowed` False when the shop's setting of sourcing does, `is_full` when its day is full and another has room.
    """

    id: int
    place: Place | None
    radius_m: int | None
    divisions: tuple[str, ...]
    does_it: bool
    is_open: bool
    has_goods: bool
    has_refused: bool
    rank: int = 0
    covers: bool = True
    is_allowed: bool = True
    is_full: bool = False


@dataclass(slots=True)
class Choice:
    """The store taken, None for none, and of each store looked at (id, metres, why not; empty for the one taken)."""

    store_id: int | None = None
    looked_at: list[tuple[int, int | None, str]] = field(default_factory=list)


def metres_between(one: Place, other: Place) -> int:
    """The way over the earth's surface, by haversine."""
    (lat1, lon1), (lat2, lon2) = ((radians(a), radians(b)) for a, b in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return round(2 * EARTH_M * asin(min(1.0, sqrt(half))))


def choose_nearest(stores: Sequence[Store], place: Place, *, is_delivered: bool) -> Choice:
    """The nearest store that may; a delivery must lie within its radius, where it has one."""
    measured = [(store, metres_between(place, store.place) if store.place else None) for store in stores]
    fit = []
    choice = Choice()
    for store, metres in measured:
        why = _why_not(store)
        if not why and metres is None:
            why = "no_place"
        if not why and is_delivered and not store.covers:
            why = "out_of_area"
        if not why and is_delivered and store.radius_m is not None and (metres or 0) > store.radius_m:
            why = "too_far"
        if why:
            choice.looked_at.append((store.id, metres, why))
        else:
            fit.append((metres or 0, store.rank, store.id))
    _take(choice, [(id_, metres) for metres, _, id_ in sorted(fit)], "farther")
    return choice


def choose_listed(stores: Sequence[Store], division_code: str) -> Choice:
    """The store whose delivery list names the division most exactly; a lower rank wins a tie."""
    fit = []
    choice = Choice()
    for store in stores:
        exact = max((len(prefix) for prefix in store.divisions if prefix and division_code.startswith(prefix)), default=0)
        why = _why_not(store) or ("" if exact else "not_listed")
        if why:
            choice.looked_at.append((store.id, None, why))
        else:
            fit.append((-exact, store.rank, store.id))
    _take(choice, [(id_, None) for _, _, id_ in sorted(fit)], "listed_less_exactly")
    return choice


def _why_not(store: Store) -> str:
    if store.has_refused:
        return "refused_before"
    if not store.is_allowed:
        return "not_allowed"
    if not store.does_it:
        return "does_not_do_it"
    if not store.is_open:
        return "closed"
    if store.is_full:
        return "full"
    return "" if store.has_goods else "short_of_stock"


def _take(choice: Choice, fit: list[tuple[int, int | None]], why_others: str) -> None:
    for number, (id_, metres) in enumerate(fit):
        choice.looked_at.append((id_, metres, why_others if number else ""))
    choice.store_id = fit[0][0] if fit else None


def is_open_at(hours: Mapping[str, Any], moment: datetime, closed: Collection[date] = ()) -> bool:
    """Whether a store is open at a local moment; closing before opening means after midnight."""
    now, today = moment.time(), moment.date()
    span = opens(hours, today, closed)
    if span is not None and ((span[0] <= now < span[1]) if span[0] < span[1] else now >= span[0]):
        return True
    before = opens(hours, today - timedelta(days=1), closed)
    return before is not None and before[1] < before[0] and now < before[1]
