"""Sourcing against brute force over every way to hand units to points, on small cases.

Lines that must leave together are placed first-fit, so with them a way found is valid and never better than possible;
without them it is one of the best: the fewest parcels, and of those the cheapest.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

from oms.domain.sourcing import PARCEL_PENALTY, RANK_PENALTY, Need, Part, Point, Sourced, source

ROUNDS = 5
Carriers = Callable[[int], tuple[int, int] | None]
#: Units by (point, demand).
Way = dict[tuple[int, int], int]


@dataclass
class Case:
    """One order before the points; `flat` when a parcel costs the same whatever it weighs."""

    needs: list[Need]
    points: list[Point]
    stock: dict[tuple[int, int], int]
    weights: dict[int, int]
    max_parcels: int
    keep_together: bool
    flat: bool

    @property
    def most(self) -> int:
        """An order never makes more parcels than it has demands."""
        return 1 if self.keep_together else min(self.max_parcels, len(self.points), len(self.needs))


def run(seed: int) -> None:
    """Five random orders."""
    chance = random.Random(seed)
    for _ in range(ROUNDS):
        check(draw(chance))


def draw(chance: random.Random) -> Case:
    """An order of at most three demands, four points, stock that is often short."""
    skus = range(1, chance.randint(2, 4))
    grouped = chance.random() < 0.3
    needs = [
        Need(number, chance.choice(skus), chance.randint(1, 3), chance.choice(("", "g", "h")) if grouped else "")
        for number in range(1, chance.randint(2, 4))
    ]
    flat = chance.random() < 0.7
    points = [
        Point(number, chance.randint(0, 5), chance.choice((0, 50, 400)), draw_carriers(chance, flat))
        for number in range(1, chance.randint(2, 5))
    ]
    stock = {(point.id, sku): chance.choice((-1, 0, 0, 1, 1, 2, 3, 5)) for point in points for sku in skus}
    weights = {sku: chance.choice((0, 100, 900, 2_500)) for sku in skus}
    return Case(needs, points, stock, weights, chance.randint(1, 4), chance.random() < 0.2, flat)


def draw_carriers(chance: random.Random, flat: bool) -> Carriers:
    """What a parcel from a point costs: flat, or by the kilogram; sometimes nobody goes there."""
    if chance.random() < 0.15:
        return lambda weight: None
    carrier, first, step = chance.randint(1, 3), chance.choice((200, 500, 800)), 0 if flat else chance.randint(0, 300)
    return lambda weight: (carrier, first + step * (weight // 1000))


def check(case: Case) -> None:
    """The outcome is valid, and as good as brute force says it can be."""
    outcome = source(case.needs, case.points, case.stock, case.weights,
                     max_parcels=case.max_parcels, keep_together=case.keep_together)  # fmt: skip
    best = min((rated for way in ways(case) if (rated := rate(case, way)) is not None), default=None)
    if not outcome.parts:
        assert outcome.failure in ("short_of_stock", "out_of_zone", "no_stock_point", "too_many_parcels"), outcome
        assert best is None or has_groups(case), (case, best)
        return
    found = check_valid(case, outcome)
    assert best is not None, (case, outcome)
    assert found >= best, "better than brute force"
    if not has_groups(case):
        assert found[0] == best[0], (case, found, best)
        assert not case.flat or found == best, (case, found, best)


def has_groups(case: Case) -> bool:
    """Whether something must leave together."""
    return any(need.group for need in case.needs)


def check_valid(case: Case, outcome: Sourced) -> tuple[int, int]:
    """Every promise of a way that was found; answers its parcels and its cost."""
    assert not outcome.failure
    way = {(part.point_id, demand): units for part in outcome.parts for demand, units in part.units.items()}
    rated = rate(case, way)
    assert rated is not None, (case, outcome)
    for need in case.needs:
        assert sum(units for (_, demand), units in way.items() if demand == need.demand_id) == need.units
    assert all(units > 0 for units in way.values())
    assert all(part.units for part in outcome.parts)
    assert rated[1] == sum(part.cost for part in outcome.parts) + PARCEL_PENALTY * (len(outcome.parts) - 1)
    assert [part.carrier_id for part in outcome.parts] == [carrier_of(case, part) for part in outcome.parts]
    assert min(cost for _, cost, _ in outcome.choices if cost is not None) <= rated[1]
    return rated


def carrier_of(case: Case, part: Part) -> int:
    """Who carries this parcel."""
    point = next(point for point in case.points if point.id == part.point_id)
    carried = point.best_carrier(sum(case.weights[sku_of(case, demand)] * n for demand, n in part.units.items()))
    assert carried is not None
    return carried[0]


def sku_of(case: Case, demand: int) -> int:
    """The SKU of a demand."""
    return next(need.sku_id for need in case.needs if need.demand_id == demand)


def ways(case: Case) -> Iterator[Way]:
    """Every way to hand all units out to points, whether it can be done or not."""
    for chosen in product(*(shares(need.units, case.points) for need in case.needs)):
        yield {
            (point, need.demand_id): units
            for need, shared in zip(case.needs, chosen, strict=True)
            for point, units in shared.items()
        }


def shares(units: int, points: Sequence[Point]) -> list[dict[int, int]]:
    """Every distribution of some units over points."""
    picks = combinations_with_replacement([point.id for point in points], units)
    return [{point: pick.count(point) for point in set(pick)} for pick in picks]


def rate(case: Case, way: Way) -> tuple[int, int] | None:
    """Parcels and cost of a way; None when it cannot be done."""
    used = {point for point, _ in way}
    if len(used) > case.most or overdrawn(case, way) or torn(case, way):
        return None
    cost = PARCEL_PENALTY * (len(used) - 1)
    for point in case.points:
        if point.id in used:
            sent = {demand: units for (at, demand), units in way.items() if at == point.id}
            carried = point.best_carrier(sum(case.weights[sku_of(case, demand)] * n for demand, n in sent.items()))
            if carried is None:
                return None
            cost += carried[1] + point.handling + RANK_PENALTY * point.rank
    return len(used), cost


def overdrawn(case: Case, way: Way) -> bool:
    """Whether a point would send more than it has."""
    left = dict(case.stock)
    for (point, demand), units in way.items():
        left[point, sku_of(case, demand)] -= units
        if left[point, sku_of(case, demand)] < 0:
            return True
    return False


def torn(case: Case, way: Way) -> bool:
    """Whether a bound group would leave from two points."""
    homes: dict[str, set[int]] = {}
    for point, demand in way:
        group = next(need.group for need in case.needs if need.demand_id == demand)
        homes.setdefault(group, set()).add(point)
    return any(len(points) > 1 for group, points in homes.items() if group)
