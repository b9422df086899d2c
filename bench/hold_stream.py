"""A stream of orders that are held for half a day over several points: drawn from a seed, planned as they come.

What is assumed of it is told in docs/performance.md; nothing here decides where goods leave from.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from oms.domain.sourcing import Need, Point

#: Minor units: first kilogram and each further one from the point of a region, and what each region between adds.
FIRST, STEP, FURTHER = 600, 200, 120
HANDLING: Final = 100
UNIT_G: Final = 400
#: Lines of an order that is not of a single unit, with how often.
LINES: Final = ((2, 0.55), (3, 0.25), (4, 0.12), (5, 0.08))


@dataclass(frozen=True, slots=True)
class Stream:
    """What is drawn: orders over so many hours, held for so many, from points that are refilled every hour."""

    orders: int = 20_000
    hours: int = 36
    hold_hours: int = 12
    points: int = 5
    skus: int = 2_000
    single: float = 0.6
    zipf: float = 0.8
    #: A SKU is carried by a point with this probability, by one at least.
    carried: float = 0.75
    #: Hours of demand that lie at the points to begin with, and how much of an hour's demand comes in each hour.
    stocked_hours: float = 6.0
    refilled: float = 1.05
    #: A SKU's goods come to a point once in so many hours.
    refill_every: int = 6
    seed: int = 1


@dataclass(slots=True)
class Arrival:
    """An order that comes at a moment, in hours from the beginning."""

    id: int
    at: float
    region: int
    needs: list[Need]


@dataclass(slots=True)
class Drawn:
    """A drawn stream: arrivals, stock to begin with, and what comes to which point at which hour."""

    arrivals: list[Arrival]
    stock: dict[tuple[int, int], int]
    refills: dict[int, list[tuple[int, int, int]]]
    weights: dict[int, int]
    points: list[list[Point]] = field(default_factory=list)  # by region


def draw(stream: Stream) -> Drawn:
    """Draw a stream; the same for the same seed."""
    chance = random.Random(f"replanning:{stream.seed}")
    weights = [1 / (rank + 1) ** stream.zipf for rank in range(stream.skus)]
    arrivals = list(_arrivals(stream, chance, weights))
    units = sum(need.units for arrival in arrivals for need in arrival.needs)
    stock, refills = _goods(stream, chance, weights, units / stream.hours)
    ways = [_points(stream, region) for region in range(stream.points)]
    return Drawn(arrivals, stock, refills, dict.fromkeys(range(stream.skus), UNIT_G), ways)


def _arrivals(stream: Stream, chance: random.Random, weights: list[float]) -> Iterator[Arrival]:
    """Orders at even distances; regions alike often; a line is of one unit, of an order with several lines now and
    then of two."""
    cumulated, skus = list(accumulate(weights)), range(stream.skus)
    for number in range(stream.orders):
        at, region = number * stream.hours / stream.orders, chance.randrange(stream.points)
        lines = 1
        if chance.random() >= stream.single:
            lines = chance.choices([count for count, _ in LINES], [often for _, often in LINES])[0]
        chosen: dict[int, int] = {}
        while len(chosen) < lines:
            sku = chance.choices(skus, cum_weights=cumulated)[0]
            chosen.setdefault(sku, 2 if lines > 1 and chance.random() < 0.15 else 1)
        needs = [Need(number * 10 + place, sku, units) for place, (sku, units) in enumerate(chosen.items())]
        yield Arrival(number, at, region, needs)


def _goods(
    stream: Stream, chance: random.Random, weights: list[float], per_hour: float
) -> tuple[dict[tuple[int, int], int], dict[int, list[tuple[int, int, int]]]]:
    """Stock to begin with and refills by hour, shared evenly by the points that carry a SKU, rounded at random."""
    total = sum(weights)
    stock: dict[tuple[int, int], int] = {}
    refills: dict[int, list[tuple[int, int, int]]] = {}
    for sku, weight in enumerate(weights):
        carrying = [point for point in range(stream.points) if chance.random() < stream.carried]
        carrying = carrying or [chance.randrange(stream.points)]
        share = per_hour * weight / total / len(carrying)
        for point in carrying:
            stock[point, sku] = _rounded(chance, share * stream.stocked_hours)
            for hour in range(chance.randrange(stream.refill_every), stream.hours, stream.refill_every):
                come = _rounded(chance, share * stream.refilled * stream.refill_every)
                if come:
                    refills.setdefault(hour, []).append((point, sku, come))
    return stock, refills


def _rounded(chance: random.Random, units: float) -> int:
    return int(units) + (chance.random() < units - int(units))


def _points(stream: Stream, region: int) -> list[Point]:
    """All points as they serve a region: the further, the dearer."""
    return [_point(point, abs(point - region)) for point in range(stream.points)]


def _point(point: int, distance: int) -> Point:
    def best_carrier(weight: int) -> tuple[int, int]:
        kilograms = max(1, -(-weight // 1000))
        return 1, FIRST + STEP * (kilograms - 1) + FURTHER * distance

    return Point(point, 0, HANDLING, best_carrier)
