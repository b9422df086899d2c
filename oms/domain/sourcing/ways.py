"""Every way to serve an order from several points, looked at exactly: the cheapest that stock and limits allow.

Points are taken one after the other; what is known is the cheapest way to every state of goods sent. A state that
cannot beat the best way found is dropped, so that little of the whole is ever looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from oms.domain.sourcing.lots import Lot, Packing
from oms.domain.sourcing.terms import Point, Stock

#: An order with more states on the way to everything sent is filled point by point instead of searched.
MOST_STATES: Final = 2_048
#: More than any way costs.
ENDLESS: Final = 10**18


@dataclass(frozen=True, slots=True)
class Terms:
    """What a part costs besides its freight: a weight for the parcel, prices of scarce stock, bonus of a point."""

    parcel: int = 0
    prices: Mapping[tuple[int, int], int] = field(default_factory=dict)
    bonus: Mapping[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Found:
    """The cheapest way: what it rates, and (point, takes of each lot) of its parts in the order of points."""

    rated: int
    parts: list[tuple[Point, Sequence[int]]]


#: (rated, packed takes) of what a point could send, cheapest first.
Priced = list[tuple[int, int]]
#: The parts taken so far, newest first: (number of the point, packed takes, those before).
Trail = tuple[int, int, "Trail | None"]
#: State of goods sent → the cheapest way to it.
Reach = dict[int, tuple[int, Trail | None]]


def search(packing: Packing, points: Sequence[Point], stock: Stock, terms: Terms, below: int = ENDLESS) -> Found | None:
    """The cheapest way that rates less than `below`, the first of equals; None when there is none."""
    tables = [price_options(packing, point, stock, terms) for point in points]
    later = _least_later(tables)
    best = min(below, _pairs(packing, tables) + 1)
    trail: Trail | None = None
    reach: Reach = {packing.start: (0, None)}
    for number, table in enumerate(tables):
        completed = _complete(packing, number, table, reach, best)
        if completed is not None:
            best, trail = completed
        _extend(packing, number, table, reach, best - later[number])
        reach = {state: way for state, way in reach.items() if way[0] + later[number] < best}
    return Found(best, _parts(packing, trail, points)) if trail else None


def price_options(packing: Packing, point: Point, stock: Stock, terms: Terms) -> Priced:
    """What everything that a point could send rates, cheapest first; nothing of what no carrier takes."""
    at, carry = point.id, point.best_carrier
    fixed = point.fixed + terms.parcel - terms.bonus.get(at, 0)
    prices = terms.prices and [price_of_take(lot, at, terms.prices) for lot in packing.lots]
    parcel = packing.parcel
    priced: Priced = []
    known: dict[int, int | None] = {}
    for packed, grams in packing.options(at, stock)[1:]:
        if grams in known:
            cost = known[grams]
        else:
            carrier = carry(grams)
            cost = known[grams] = None if carrier is None else carrier[1] + fixed
        if cost is not None:
            if prices:
                cost += sum([price * n for price, n in zip(prices, packing.takes(packed), strict=True)])
            priced.append((cost, packed + parcel))
    priced.sort()
    return priced


def price_of_take(lot: Lot, point_id: int, prices: Mapping[tuple[int, int], int]) -> int:
    """What one take of a lot uses up of scarce stock at a point."""
    return sum([prices.get((point_id, sku), 0) * units for sku, units in lot.skus])


def _pairs(packing: Packing, tables: Sequence[Priced]) -> int:
    """The least that one or two points come to: a first bound, found quickly."""
    whole = packing.mask - (packing.start & packing.mask)
    guard, parcel, start = packing.guard, packing.parcel, packing.start
    best = ENDLESS
    known: dict[int, int] = {}
    for table in tables:
        for cost, packed in table:
            sent = packed - parcel
            if sent == whole:
                best = min(best, cost)
            elif cost + known.get(whole - sent, ENDLESS) < best and not (start + parcel + parcel) & guard:
                best = cost + known[whole - sent]
        for cost, packed in table:
            if cost < known.get(packed - parcel, ENDLESS):
                known[packed - parcel] = cost
    return best


def _complete(packing: Packing, number: int, table: Priced, reach: Reach, best: int) -> tuple[int, Trail] | None:
    """The cheapest way that this point ends by sending all that a state still lacks, when it rates less."""
    by_takes = {packed: cost for cost, packed in table}
    mask, parcel, guard = packing.mask, packing.parcel, packing.guard
    found: tuple[int, Trail] | None = None
    for state, (spent, before) in reach.items():
        packed = mask - (state & mask) + parcel
        cost = by_takes.get(packed)
        if cost is not None and spent + cost < best and not (state + parcel) & guard:
            best = spent + cost
            found = best, (number, packed, before)
    return found


def _extend(packing: Packing, number: int, table: Priced, reach: Reach, below: int) -> None:
    """Add what this point can send to every state, where that rates less."""
    guard, mask = packing.guard, packing.mask
    more: Reach = {}
    for state, (spent, before) in reach.items():
        room = below - spent
        for cost, packed in table:
            if cost >= room:
                break
            reached = state + packed
            if not reached & guard and reached & mask != mask:
                known = more.get(reached)
                if known is None or spent + cost < known[0]:
                    more[reached] = (spent + cost, (number, packed, before))
    for reached, way in more.items():
        known = reach.get(reached)
        if known is None or way[0] < known[0]:
            reach[reached] = way


def _least_later(tables: Sequence[Priced]) -> list[int]:
    """The least that points after each one can add to a way that still lacks something."""
    found = []
    lowest, saved = ENDLESS, 0
    for table in reversed(tables):
        found.append(lowest if lowest >= 0 else saved)
        if table:
            lowest = min(lowest, table[0][0])
            saved += min(0, table[0][0])
    return found[::-1]


def _parts(packing: Packing, trail: Trail | None, points: Sequence[Point]) -> list[tuple[Point, Sequence[int]]]:
    parts: list[tuple[Point, Sequence[int]]] = []
    while trail is not None:
        number, packed, trail = trail
        parts.append((points[number], packing.takes(packed)))
    return parts[::-1]
