"""Sourcing against brute force over every way to hand units to points, on small cases.

What is found is one of the best by the policy: the fewest parcels and of those the cheapest, or the least cost with a
weight on every further parcel, where a split must save more than a threshold.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

from oms.domain.sourcing import RANK_PENALTY, Need, Part, Point, Policy, Sourced, source
from oms.domain.sourcing.terms import WHOLE_FIRST

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
    policy: Policy = WHOLE_FIRST

    @property
    def most(self) -> int:
        """An order never makes more parcels than it has units."""
        units = sum(need.units for need in self.needs)
        return 1 if self.keep_together else min(self.max_parcels, len(self.points), units)

    def score(self, rated: tuple[int, int]) -> tuple[int, int]:
        """What the policy compares: a split counts as dearer by what it must save."""
        parcels, cost = rated
        return rated if self.policy.rule == "whole_first" else (cost + (self.policy.gain if parcels > 1 else 0), 0)


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
    points = [
        Point(number, chance.randint(0, 5), chance.choice((0, 50, 400)), draw_carriers(chance), chance.choice((0, 0, 90)))
        for number in range(1, chance.randint(2, 5))
    ]
    stock = {(point.id, sku): chance.choice((-1, 0, 0, 1, 1, 2, 3, 5)) for point in points for sku in skus}
    weights = {sku: chance.choice((0, 100, 900, 2_500)) for sku in skus}
    most, together = chance.randint(1, 4), chance.random() < 0.2
    return Case(needs, points, stock, weights, most, together, draw_policy(chance))


def draw_policy(chance: random.Random) -> Policy:
    """The fewest parcels, or the cheapest way with some weight on parcels and some threshold."""
    if chance.random() < 0.5:
        return WHOLE_FIRST
    return Policy("cheapest", chance.choice((0, 300)), chance.choice((0, 200)), splits_units=chance.random() < 0.8)


def draw_carriers(chance: random.Random) -> Carriers:
    """What a parcel from a point costs: flat, or by the kilogram; sometimes nobody goes there."""
    if chance.random() < 0.15:
        return lambda weight: None
    carrier, first, step = chance.randint(1, 3), chance.choice((200, 500, 800)), chance.choice((0, 0, 150, 300))
    return lambda weight: (carrier, first + step * (weight // 1000))


def check(case: Case) -> None:
    """The outcome is valid, and as good as brute force says it can be."""
    outcome = source(case.needs, case.points, case.stock, case.weights, max_parcels=case.max_parcels,
                     keep_together=case.keep_together, policy=case.policy)  # fmt: skip
    possible = [rated for way in ways(case) if (rated := rate(case, way)) is not None]
    if not outcome.parts:
        assert outcome.failure in ("short_of_stock", "out_of_zone", "no_stock_point", "too_many_parcels"), outcome
        assert not possible, (case, possible)
        return
    found = check_valid(case, outcome)
    assert possible, (case, outcome)
    assert case.score(found) == min(map(case.score, possible)), (case, found, min(map(case.score, possible)))


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
    assert rated[1] == sum(part.cost for part in outcome.parts) + case.policy.parcel * (len(outcome.parts) - 1)
    assert rated[1] in [sum(costs) for _, _, _, costs in outcome.choices]
    assert all(cost == sum(costs) for _, cost, _, costs in outcome.choices if cost is not None)
    assert [part.carrier_id for part in outcome.parts] == [carrier_of(case, part) for part in outcome.parts]
    assert min(cost for _, cost, _, _ in outcome.choices if cost is not None) <= rated[1]
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
    cost = case.policy.parcel * (len(used) - 1)
    for point in case.points:
        if point.id in used:
            sent = {demand: units for (at, demand), units in way.items() if at == point.id}
            carried = point.best_carrier(sum(case.weights[sku_of(case, demand)] * n for demand, n in sent.items()))
            if carried is None:
                return None
            cost += carried[1] + point.handling + RANK_PENALTY * point.rank + point.pressure
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
    """Whether a bound group, or a line where units may not be parted, would leave from two points."""
    homes: dict[str | int, set[int]] = {}
    for point, demand in way:
        group = next(need.group for need in case.needs if need.demand_id == demand)
        if group or not case.policy.splits_units:
            homes.setdefault(group or demand, set()).add(point)
    return any(len(points) > 1 for points in homes.values())
