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
MOST_STATES: Final = 512
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
    parts: list[tuple[Point, tuple[int, ...]]]


#: (rated, packed takes) of what a point could send, cheapest first.
Priced = list[tuple[int, int, tuple[int, ...]]]
#: The parts taken so far, newest first: (number of the point, takes, those before).
Trail = tuple[int, tuple[int, ...], "Trail | None"]


def search(packing: Packing, points: Sequence[Point], stock: Stock, terms: Terms, below: int = ENDLESS) -> Found | None:
    """The cheapest way that rates less than `below`, the first of equals; None when there is none."""
    tables = [price_options(packing, point, stock, terms) for point in points]
    later = _least_later(tables)
    reach: dict[int, tuple[int, Trail | None]] = {packing.start: (0, None)}
    guard, mask = packing.guard, packing.mask
    best = below
    trail: Trail | None = None
    for number, table in enumerate(tables):
        to_come = later[number]
        slack = min(0, to_come)
        more: dict[int, tuple[int, Trail | None]] = {}
        for state, (spent, before) in reach.items():
            for cost, packed, takes in table:
                total = spent + cost
                if total + slack >= best:
                    break
                reached = state + packed
                if reached & guard:
                    continue
                if reached & mask == mask:
                    if total < best:
                        best, trail = total, (number, takes, before)
                elif total + to_come < best:
                    known = more.get(reached)
                    if known is None or total < known[0]:
                        more[reached] = (total, (number, takes, before))
        for reached, way in more.items():
            known = reach.get(reached)
            if known is None or way[0] < known[0]:
                reach[reached] = way
        reach = {state: way for state, way in reach.items() if way[0] + to_come < best}
    return Found(best, _parts(trail, points)) if trail else None


def price_options(packing: Packing, point: Point, stock: Stock, terms: Terms) -> Priced:
    """What everything that a point could send rates, cheapest first; nothing of what no carrier takes."""
    at = point.id
    fixed = point.fixed + terms.parcel - terms.bonus.get(at, 0)
    options = packing.options(at, stock)[1:]
    parcel, carry = packing.parcel, point.best_carrier
    prices = terms.prices and [price_of_take(lot, at, terms.prices) for lot in packing.lots]
    priced: Priced = []
    for packed, grams, takes in options:
        carrier = carry(grams)
        if carrier is not None:
            cost = carrier[1] + fixed
            if prices:
                cost += sum([price * n for price, n in zip(prices, takes, strict=True)])
            priced.append((cost, packed + parcel, takes))
    priced.sort()
    return priced


def price_of_take(lot: Lot, point_id: int, prices: Mapping[tuple[int, int], int]) -> int:
    """What one take of a lot uses up of scarce stock at a point."""
    return sum([prices.get((point_id, sku), 0) * units for sku, units in lot.skus])


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


def _parts(trail: Trail | None, points: Sequence[Point]) -> list[tuple[Point, tuple[int, ...]]]:
    parts = []
    while trail is not None:
        number, takes, trail = trail
        parts.append((points[number], takes))
    return parts[::-1]
