"""Orders too large to be searched: sets of points are filled in their order, the cheapest set is taken."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from oms.domain.sourcing.lots import Lot
from oms.domain.sourcing.terms import Point, Stock
from oms.domain.sourcing.ways import ENDLESS, Found, Terms, price_of_take


def fill(
    lots: Sequence[Lot], points: Sequence[Point], stock: Stock, terms: Terms, most: int, below: int = ENDLESS
) -> Found | None:
    """A way that rates less than `below` with at most so many parcels; a good one, not always the best."""
    best: Found | None = None
    for size in range(1, min(most, len(points)) + 1):
        for chosen in combinations(points, size):
            found = _serve(lots, chosen, stock, terms)
            if found is not None and found.rated < (best.rated if best else below):
                best = found
        if best and terms.parcel:
            break
    return best


def _serve(lots: Sequence[Lot], points: Sequence[Point], stock: Stock, terms: Terms) -> Found | None:
    """What these points send, each as much as it has of what those before it left; None when something is left."""
    left = {(point.id, sku): stock.get((point.id, sku), 0) for point in points for lot in lots for sku, _ in lot.skus}
    taken = [[0] * len(lots) for _ in points]
    for number, lot in enumerate(lots):
        rest = lot.most
        for at, point in enumerate(points):
            sent = min(rest, lot.at(point.id, left))
            for sku, units in lot.skus:
                left[point.id, sku] -= units * sent
            taken[at][number] = sent
            rest -= sent
        if rest:
            return None
    rated = 0
    for point, takes in zip(points, taken, strict=True):
        carrier = point.best_carrier(sum([lot.grams * count for lot, count in zip(lots, takes, strict=True)]))
        if carrier is None or not any(takes):
            return None
        scarce = [price_of_take(lot, point.id, terms.prices) * n for lot, n in zip(lots, takes, strict=True)]
        rated += carrier[1] + point.fixed + terms.parcel - terms.bonus.get(point.id, 0) + sum(scarce)
    return Found(rated, [(point, tuple(takes)) for point, takes in zip(points, taken, strict=True)])
