"""Which stock points serve an order: eligible → ways → scored → allocated → explained.

1. keep the points that are open and not forbidden for this order (the caller does, with what rules say);
2. price for each point one parcel with everything: freight of the cheapest carrier that goes there, handling, rank,
   pressure of a nearly full day, lateness (`quotes`);
3. where the batch planner has a plan for orders like this one, take the way that is most behind its share (`plan`);
4. else choose as the policy says: whole from one point, or over several, looked at exactly (`choosing`, `ways`);
5. hand the units out to the demands; what must leave together never goes to two points (`lots`);
6. write down every point and the way taken with the parts of its cost, or the reason against it (`allocating`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from oms.domain.sourcing.allocating import follow, serve_split, serve_whole, settle_failure
from oms.domain.sourcing.choosing import Case, choose
from oms.domain.sourcing.plan import Plan
from oms.domain.sourcing.quotes import Quotes, cheapest, quote, short_points, told
from oms.domain.sourcing.terms import (
    MOST_POINTS,
    NO_BONUS,
    PARCEL_PENALTY,
    RANK_PENALTY,
    WHOLE_FIRST,
    Choice,
    Need,
    Part,
    Point,
    Policy,
    Sourced,
    Stock,
    sum_by_sku,
)

__all__ = [
    "MOST_POINTS", "NO_BONUS", "PARCEL_PENALTY", "RANK_PENALTY", "WHOLE_FIRST", "Choice", "Need", "Part", "Plan", "Point",
    "Policy", "Quotes", "Sourced", "Stock", "quote", "source",
]  # fmt: skip


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
    policy: Policy = WHOLE_FIRST,
    plan: Plan | None = None,
    place: str = "",
) -> Sourced:
    """Serve all needs from sellable `stock` (point, SKU) → units; weights are grams of a unit by SKU.

    `quoted` answers the quotes of these points for a weight, when they are known already; `lows` are units of a SKU
    that each of these points has at least, so that plenty is not counted point by point. `bonus` is by how much a
    preferred point may be dearer than others, in minor units, below nothing of one that comes behind them; it never
    makes more parcels, and a plan sends nothing by those that come behind. `plan` guides orders to
    `place` that it knows; whoever acts on the outcome tells the plan so (`Plan.note`).
    """
    if not points:
        return Sourced([], "no_stock_point")
    wanted = sum_by_sku(needs)
    quotes = (quoted or _quoting(points))(sum([weights.get(sku_id, 0) * units for sku_id, units in wanted.items()]))
    lots = list(wanted.items())
    is_plenty = all(lows.get(sku_id, 0) >= units for sku_id, units in lots)
    short = set() if is_plenty else short_points(quotes, stock, lots)
    if policy.rule == "whole_first" and plan is None:
        quick = _serve_cheapest(needs, quotes, short, bonus)
        if quick is not None:
            return quick
    most = 1 if keep_together else min(max_parcels, len(points), sum(wanted.values()))
    case = Case(needs, wanted, points, stock, weights, quotes, short, most, policy, bonus)
    if plan is not None and not (bonus and any(extra > 0 for extra in bonus.values())):
        followed = follow(case, plan, place)
        if followed is not None:
            return followed
        case.prices = plan.priced(policy.scarcity)
    whole, found = choose(case)
    if whole is not None:
        return serve_whole(case, whole)
    return serve_split(case, found) if found is not None and len(found.parts) <= most else settle_failure(case)


def _quoting(points: Sequence[Point]) -> Callable[[int], Quotes]:
    return lambda weight: quote(points, weight)


def _serve_cheapest(needs: Sequence[Need], quotes: Quotes, short: set[int], bonus: Mapping[int, int]) -> Sourced | None:
    """The common case: the cheapest single point that has everything; nothing is assigned before it is chosen."""
    if short:
        best = cheapest([one for one in quotes.points if one[0] not in short], bonus)
    else:
        best = cheapest(quotes.points, bonus) if bonus else quotes.best
    if best is None:
        return None
    point_id, carrier_id, cost = best
    part = Part(point_id, carrier_id, cost, {need.demand_id: need.units for need in needs})
    return Sourced([part], "", told(quotes, short))
