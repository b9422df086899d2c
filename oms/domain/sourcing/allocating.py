"""Turns the way that was chosen into parts by demand, and writes down what was looked at with the parts of its cost."""

from __future__ import annotations

from collections.abc import Sequence

from oms.domain.sourcing.choosing import Case, why_not
from oms.domain.sourcing.lots import hand_out
from oms.domain.sourcing.plan import Plan, goods_of
from oms.domain.sourcing.quotes import Whole, told
from oms.domain.sourcing.terms import Choice, Costs, Method, Part, Point, Sourced, trimmed
from oms.domain.sourcing.ways import Found

#: What the choices say of the way taken, and of the one that a plan's share chose.
CHOSEN, PLANNED = "chosen", "planned"
#: Policies whose orders follow a plan.
GUIDED = ("whole_first", "cheapest")


def serve_whole(case: Case, whole: Whole) -> Sourced:
    """Everything from one point."""
    point_id, carrier_id, amount = whole
    part = Part(point_id, carrier_id, amount, {need.demand_id: need.units for need in case.needs})
    choices = [
        (ids, cost, CHOSEN, parts) if ids == (point_id,) else (ids, cost, reason, parts)
        for ids, cost, reason, parts in _alone(case)
    ]
    return _sourced(case, [part], choices)


def serve_split(case: Case, found: Found) -> Sourced:
    """Several points, each with what it sends."""
    units = hand_out(case.lots, [takes for _, takes in found.parts])
    parts = [_part(case, point, sent) for (point, _), sent in zip(found.parts, units, strict=True)]
    return _sourced(case, [part for part, _ in parts], [*_alone(case), _choice(case, parts, CHOSEN)])


def settle_failure(case: Case) -> Sourced:
    """Nobody serves it: the one reason why."""
    choices = _alone(case)
    return Sourced([], why_not(case), choices, "", case.is_exact)


def _sourced(case: Case, parts: list[Part], choices: list[Choice]) -> Sourced:
    return Sourced(parts, "", choices, "priced" if case.prices else "", case.is_exact)


def follow(case: Case, plan: Plan, place: str) -> Sourced | None:
    """The way that is most behind its share; None where the plan has none for such an order that can be gone now."""
    if case.policy.rule not in GUIDED:
        return None
    is_whole_now = case.policy.rule == "whole_first" and case.whole() is not None
    is_bound = not case.policy.splits_units or any(need.group for need in case.needs)
    bonus = case.bonus
    points = {point.id: point for point in case.points if not bonus or bonus.get(point.id, 0) >= 0}
    most = 1 if is_whole_now or is_bound else case.most
    method = plan.pick((place, goods_of(case.wanted)), points, case.stock, most)
    if method is None:
        return None
    parts = _planned_parts(case, method, points)
    if parts is None:
        return None
    choices = [*told(case.quotes, case.short), _choice(case, parts, PLANNED)]
    return Sourced([part for part, _ in parts], "", choices, PLANNED, method=method)


def _planned_parts(case: Case, method: Method, points: dict[int, Point]) -> list[tuple[Part, Costs]] | None:
    rest = {need.demand_id: need.units for need in case.needs}
    parts = []
    for point_id, goods in method.parts:
        sent: dict[int, int] = {}
        for sku, units in goods:
            for need in case.needs:
                if need.sku_id == sku and units and rest[need.demand_id]:
                    taken = min(units, rest[need.demand_id])
                    sent[need.demand_id] = taken
                    rest[need.demand_id] -= taken
                    units -= taken
        grams = sum([case.weights.get(sku, 0) * units for sku, units in goods])
        carrier = points[point_id].best_carrier(grams)
        if carrier is None:
            return None
        point = points[point_id]
        parts.append((Part(point_id, carrier[0], carrier[1] + point.fixed, sent), point.costs(carrier[1])))
    return parts


def _part(case: Case, point: Point, sent: dict[int, int]) -> tuple[Part, Costs]:
    """A parcel with the parts of its cost."""
    grams = scarce = 0
    for need in case.needs:
        units = sent.get(need.demand_id, 0)
        grams += case.weights.get(need.sku_id, 0) * units
        scarce += case.prices.get((point.id, need.sku_id), 0) * units
    carrier_id, freight = point.best_carrier(grams) or (0, 0)
    return Part(point.id, carrier_id, freight + point.fixed, sent), (*point.costs(freight), scarce)


def _choice(case: Case, parts: Sequence[tuple[Part, Costs]], reason: str) -> Choice:
    """What is written down of the way taken."""
    sums = [0] * 7
    for _, costs in parts:
        for number, amount in enumerate(costs):
            sums[number] += amount
    sums[6] = case.policy.parcel * (len(parts) - 1)
    return tuple([part.point_id for part, _ in parts]), sum(sums), reason, trimmed(tuple(sums))


def _alone(case: Case) -> list[Choice]:
    """The points alone; with what they would use up of scarce stock where that has a price."""
    alone = told(case.quotes, case.short)
    if not case.prices:
        return alone
    found: list[Choice] = []
    for ids, cost, reason, parts in alone:
        scarce = case.scarce(ids[0])
        found.append(
            (ids, cost, reason, parts)
            if cost is None or not scarce
            else (ids, cost + scarce, reason, (*_padded(parts), scarce))
        )
    return found


def _padded(costs: Costs) -> Costs:
    return (*costs, *(0,) * (5 - len(costs)))
