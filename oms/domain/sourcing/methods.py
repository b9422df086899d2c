"""All ways that orders of a kind may leave, whatever stock there is today: what the batch planner chooses from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from oms.domain.sourcing import terms
from oms.domain.sourcing.lots import Packing, lots_of
from oms.domain.sourcing.terms import Goods, Need, Point, Policy, Stock
from oms.domain.sourcing.ways import Priced, Terms, price_options

#: So many ways of one kind of order are weighed; where there are more, those with fewer parcels.
MOST_WAYS: Final = 8_000
#: More states than these are not listed: such an order leaves whole.
MOST_LISTED: Final = 4_096


@dataclass(frozen=True, slots=True)
class Way:
    """What each point sends, and what that costs with the weight of further parcels."""

    cost: int
    parts: tuple[tuple[int, Goods], ...]


def ways_of(
    goods: Goods, points: Sequence[Point], carried: Stock, weights: dict[int, int], policy: Policy, most: int,
    limit: int = MOST_WAYS,
) -> list[Way]:  # fmt: skip
    """Every way for these goods from points that carry them (units by (point, SKU)), in at most so many parcels."""
    needs = [Need(number, sku, units) for number, (sku, units) in enumerate(goods)]
    packing = Packing(lots_of(needs, weights, splits_units=policy.splits_units), None)
    points = points[: terms.MOST_POINTS]
    if packing.states > MOST_LISTED:
        return _whole(goods, points, carried, weights)
    most = max(1, min(most, len(points), sum([units for _, units in goods])))
    tables = [price_options(packing, point, carried, Terms(policy.parcel)) for point in points]
    while True:
        found = list(islice(_walk(packing, tables, most), limit + 1))
        if len(found) <= limit or most == 1:
            return [_way(packing, points, cost - policy.parcel, taken) for cost, taken in found]
        most -= 1


def _whole(goods: Goods, points: Sequence[Point], carried: Stock, weights: dict[int, int]) -> list[Way]:
    grams = sum([weights.get(sku, 0) * units for sku, units in goods])
    found = []
    for point in points:
        carrier = point.best_carrier(grams)
        if carrier is not None and all(carried.get((point.id, sku), 0) >= units for sku, units in goods):
            found.append(Way(carrier[1] + point.fixed, ((point.id, goods),)))
    return found


def _walk(packing: Packing, tables: Sequence[Priced], most: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """(cost, (number of the point, packed takes) of its parts) of every way."""
    guard, mask = packing.guard, packing.mask
    stack: list[tuple[int, int, int, list[tuple[int, int]]]] = [(0, packing.start, 0, [])]
    while stack and tables:
        number, state, spent, taken = stack.pop()
        if number + 1 < len(tables):
            stack.append((number + 1, state, spent, taken))
        for cost, packed in tables[number]:
            reached = state + packed
            if reached & guard:
                continue
            parts = [*taken, (number, packed)]
            if reached & mask == mask:
                yield spent + cost, parts
            elif len(parts) < most and number + 1 < len(tables):
                stack.append((number + 1, reached, spent + cost, parts))


def _way(packing: Packing, points: Sequence[Point], cost: int, taken: Sequence[tuple[int, int]]) -> Way:
    parts = []
    for number, packed in taken:
        takes = packing.takes(packed)
        goods = [(sku, units * n) for lot, n in zip(packing.lots, takes, strict=True) if n for sku, units in lot.skus]
        parts.append((points[number].id, tuple(sorted(goods))))
    return Way(cost, tuple(parts))
