"""Which stock points serve an order: eligible → ways → scored → allocated → explained.

1. keep the points that are open and not forbidden for this order;
2. keep for each point the carriers that reach the receiver, cheapest first;
3. a way is a set of points that together have every unit; fewer points come first;
4. price each way: freight, handling, a penalty a parcel, the point's rank;
5. take the cheapest, where a preferred point may be dearer by its bonus; lines that must leave together never go to
   two points;
6. write down every candidate with its price or the reason it fell out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from types import MappingProxyType

#: Two parcels where one would do must save this much, in minor units.
PARCEL_PENALTY = 300
RANK_PENALTY = 1
MOST_POINTS = 10
NO_BONUS: Mapping[int, int] = MappingProxyType({})


@dataclass(slots=True)
class Need:
    """Units of a SKU for one demand; demands with the same non-empty group leave together."""

    demand_id: int
    sku_id: int
    units: int
    group: str = ""


@dataclass(slots=True)
class Point:
    """A stock point that may serve the order; `best_carrier` answers (carrier, cost) for a weight, None if none."""

    id: int
    rank: int
    handling: int
    best_carrier: Callable[[int], tuple[int, int] | None]


@dataclass(slots=True)
class Part:
    """What one point sends: demand → units, with the carrier and the cost of the parcel."""

    point_id: int
    carrier_id: int
    cost: int
    units: dict[int, int] = field(default_factory=dict)


#: (points, cost or None, reason) of one way.
Choice = tuple[tuple[int, ...], int | None, str]


@dataclass(slots=True)
class Sourced:
    """The outcome: parts when served, else `failure` (short_of_stock, out_of_zone, no_stock_point, too_many_parcels).

    `choices` are (points, cost or None, reason) of every way looked at, for the explanation.
    """

    parts: list[Part]
    failure: str = ""
    choices: list[Choice] = field(default_factory=list)


Stock = Mapping[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Quotes:
    """What a parcel of one weight costs from each point alone: (point, carrier, cost), nothing where none goes.

    The same for every order that goes to a place, so that it is worked out once and only stock is looked at for each.
    """

    points: tuple[tuple[int, int | None, int | None], ...]
    choices: tuple[Choice, ...]
    best: tuple[int, int, int] | None


def quote(points: Sequence[Point], weight: int) -> Quotes:
    """Price one parcel of so many grams from each of the points, which are taken in their order."""
    quoted: list[tuple[int, int | None, int | None]] = []
    for point in points[:MOST_POINTS]:
        carrier = point.best_carrier(weight)
        if carrier is None:
            quoted.append((point.id, None, None))
        else:
            quoted.append((point.id, carrier[0], carrier[1] + point.handling + RANK_PENALTY * point.rank))
    choices = tuple([((id_,), cost, "out_of_zone" if cost is None else "") for id_, _, cost in quoted])
    return Quotes(tuple(quoted), choices, _cheapest(quoted))


def _cheapest(
    quoted: Sequence[tuple[int, int | None, int | None]], bonus: Mapping[int, int] = NO_BONUS
) -> tuple[int, int, int] | None:
    """The first of the cheapest points that a carrier serves; a preferred one may be dearer by its bonus."""
    best: tuple[int, int, int] | None = None
    least = 0
    for id_, carrier_id, cost in quoted:
        if carrier_id is None or cost is None:
            continue
        rated = cost - bonus.get(id_, 0)
        if best is None or rated < least:
            best, least = (id_, carrier_id, cost), rated
    return best


def source(
    needs: Sequence[Need],
    points: Sequence[Point],
    stock: Stock,
    weights: Mapping[int, int],
    *,
    max_parcels: int,
    keep_together: bool = False,
    quoted: Callable[[int], Quotes] | None = None,
    lows: Mapping[int, int] = MappingProxyType({}),
    bonus: Mapping[int, int] = NO_BONUS,
) -> Sourced:
    """Serve all needs from sellable `stock` (point, SKU) → units; weights are grams of a unit by SKU.

    `quoted` answers the quotes of these points for a weight, when they are known already; `lows` are units of a SKU
    that each of these points has at least, so that plenty is not counted point by point. `bonus` is by how much a
    preferred point may be dearer than others, in minor units; it never makes more parcels.
    """
    if not points:
        return Sourced([], "no_stock_point")
    wanted = _sum_by_sku(needs)
    outcome = Sourced([])
    weight = sum([weights.get(sku_id, 0) * units for sku_id, units in wanted.items()])
    quotes = quoted(weight) if quoted else quote(points, weight)
    lots = list(wanted.items())
    is_plenty = all(lows.get(sku_id, 0) >= units for sku_id, units in lots)
    short = set() if is_plenty else _short(quotes, stock, lots)
    if _serve_whole(outcome, needs, quotes, short, bonus):
        return outcome
    best: tuple[int, list[Part]] | None = None
    most = 1 if keep_together else min(max_parcels, len(points), sum(wanted.values()))
    for size in range(2, most + 1):
        for chosen in combinations(points[:MOST_POINTS], size):
            parts, reason = _serve(needs, chosen, stock, weights, wanted)
            cost = sum(part.cost for part in parts) + PARCEL_PENALTY * (size - 1) if parts else None
            outcome.choices.append((tuple(point.id for point in chosen), cost, reason))
            if cost is None:
                continue
            rated = cost - sum([bonus.get(point.id, 0) for point in chosen])
            if best is None or rated < best[0]:
                best = rated, parts
        if best:
            outcome.parts = best[1]
            return outcome
    outcome.failure = _why(outcome, points, stock, wanted, most)
    return outcome


def _short(quotes: Quotes, stock: Stock, lots: Sequence[tuple[int, int]]) -> set[int]:
    """The points that lack some of what is wanted."""
    return {id_ for id_, _, _ in quotes.points for sku_id, units in lots if stock.get((id_, sku_id), 0) < units}


def _serve_whole(
    outcome: Sourced, needs: Sequence[Need], quotes: Quotes, short: Collection[int], bonus: Mapping[int, int]
) -> bool:
    """The common case: the cheapest single point that has everything; nothing is assigned before it is chosen."""
    if short:
        best = _cheapest([quoted for quoted in quotes.points if quoted[0] not in short], bonus)
        outcome.choices = [
            (ids, None, "short_of_stock") if ids[0] in short else (ids, cost, reason)
            for ids, cost, reason in quotes.choices
        ]
    else:
        best = _cheapest(quotes.points, bonus) if bonus else quotes.best
        outcome.choices = list(quotes.choices)
    if best is None:
        return False
    point_id, carrier_id, cost = best
    outcome.parts = [Part(point_id, carrier_id, cost, {need.demand_id: need.units for need in needs})]
    return True


def _sum_by_sku(needs: Sequence[Need]) -> dict[int, int]:
    wanted: dict[int, int] = {}
    for need in needs:
        wanted[need.sku_id] = wanted.get(need.sku_id, 0) + need.units
    return wanted


def _serve(
    needs: Sequence[Need],
    points: Sequence[Point],
    stock: Stock,
    weights: Mapping[int, int],
    wanted: Mapping[int, int],
) -> tuple[list[Part], str]:
    """The parts that these points would send, or none with the reason."""
    for sku_id, units in wanted.items():
        if sum([max(0, stock.get((point.id, sku_id), 0)) for point in points]) < units:
            return [], "short_of_stock"
    assigned = _assign(needs, points, stock)
    if assigned is None:
        return [], "bound_lines"
    parts = []
    for point in points:
        sent = assigned[point.id]
        if not sent:
            return [], "not_needed"
        weight = sum(weights.get(need.sku_id, 0) * sent.get(need.demand_id, 0) for need in needs)
        carrier = point.best_carrier(weight)
        if carrier is None:
            return [], "out_of_zone"
        cost = carrier[1] + point.handling + RANK_PENALTY * point.rank
        parts.append(Part(point.id, carrier[0], cost, sent))
    return parts, ""


def _assign(needs: Sequence[Need], points: Sequence[Point], stock: Stock) -> dict[int, dict[int, int]] | None:
    """Demand → units for each point, filling in the order of points; None when a bound group would be torn."""
    left = {(point.id, need.sku_id): max(0, stock.get((point.id, need.sku_id), 0)) for point in points for need in needs}
    assigned: dict[int, dict[int, int]] = {point.id: {} for point in points}
    for group in _groups(needs):
        if len(group) > 1 or group[0].group:
            home = next((p for p in points if _fits(group, p.id, left)), None)
            if home is None:
                return None
            for need in group:
                _take(need, need.units, home.id, left, assigned)
            continue
        need = group[0]
        rest = need.units
        for point in points:
            rest -= _take(need, min(rest, left[point.id, need.sku_id]), point.id, left, assigned)
        if rest:
            return None
    return assigned


def _groups(needs: Sequence[Need]) -> list[list[Need]]:
    """Needs that leave together, bound groups first so that loose ones do not take their stock."""
    bound: dict[str, list[Need]] = {}
    loose = []
    for need in needs:
        if need.group:
            bound.setdefault(need.group, []).append(need)
        else:
            loose.append([need])
    return [*bound.values(), *loose]


def _fits(group: Sequence[Need], point_id: int, left: Mapping[tuple[int, int], int]) -> bool:
    wanted = _sum_by_sku(group)
    return all(left[point_id, sku_id] >= units for sku_id, units in wanted.items())


def _take(
    need: Need, units: int, point_id: int, left: dict[tuple[int, int], int], assigned: dict[int, dict[int, int]]
) -> int:
    if units > 0:
        left[point_id, need.sku_id] -= units
        assigned[point_id][need.demand_id] = assigned[point_id].get(need.demand_id, 0) + units
    return max(0, units)


def _why(outcome: Sourced, points: Sequence[Point], stock: Stock, wanted: Mapping[int, int], most: int) -> str:
    """The one reason people are told."""
    for sku_id, units in wanted.items():
        if sum(max(0, stock.get((point.id, sku_id), 0)) for point in points) < units:
            return "short_of_stock"
    if any(reason == "out_of_zone" for _, _, reason in outcome.choices):
        return "out_of_zone"
    return "too_many_parcels" if most < len(points) else "short_of_stock"
