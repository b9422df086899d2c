"""Renews the plan of a stock pool: reads the recent mix and what is sellable, solves, writes the plan table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Final

import structlog
from sqlalchemy import Connection, Row, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.masters import Masters
from oms.app.kernel.sourcing_plans import pack_plan
from oms.app.kernel.sourcing_rules import SourcingCard
from oms.app.stock.planning.recent import Demand, read_demand, read_sellable, read_weights
from oms.domain.sourcing.allocating import GUIDED
from oms.domain.sourcing.methods import Way, ways_of
from oms.domain.sourcing.plan import Key, Plan
from oms.domain.sourcing.terms import WHOLE_FIRST, Point, Policy

#: So many ways of one kind of order are weighed, and of all kinds: laying them out is what keeps a worker's other
#: threads waiting; the solver itself does not.
MOST_WAYS: Final = 1_500
MOST_IN_ALL: Final = 150_000
#: What a further parcel weighs where orders leave whole if they can: more than any freight.
HEAVY: Final = 1_000_000
#: So many figures of a division code name a city.
CITY: Final = 4
#: A plan is followed for so many times the time to the next one; an old one knows too little of stock.
LASTS: Final = 3
CLAIM: Final = text("""
update sourcing_plan set due_at = :now + make_interval(mins => every_min) where pool_id = (
  select pool_id from sourcing_plan where is_on and due_at <= :now order by due_at limit 1 for update skip locked)
returning pool_id, every_min, looks_back_h, horizon_h""")
WRITE: Final = text("""
update sourcing_plan set version = version + 1, made_at = :now, valid_until = :until, orders = :orders, kinds = :kinds,
  cost = :cost, milliseconds = :ms, error = :error, body = :body, counted_from = :since where pool_id = :pool_id""")
LOG = structlog.get_logger("planning")


@dataclass(frozen=True, slots=True)
class Made:
    """A plan as it is written down; `error` says why there is none."""

    orders: int = 0
    plan: Plan | None = None
    cost: float = 0.0
    error: str = ""


def renew_next(hub: Hub) -> int:
    """Make the plan of one pool that is due; answers how many were made."""
    now = hub.clock()
    with hub.begin() as connection:
        claimed = connection.execute(CLAIM, {"now": now}).one_or_none()
    if claimed is None:
        return 0
    begun = perf_counter()
    made = _try(hub, claimed, now)
    with hub.begin() as connection:
        connection.execute(WRITE, {
            "now": now, "until": now + timedelta(minutes=claimed.every_min * LASTS), "orders": made.orders,
            "kinds": len(made.plan.kinds) if made.plan else 0, "cost": round(made.cost), "error": made.error,
            "ms": round(1000 * (perf_counter() - begun)), "body": pack_plan(made.plan) if made.plan else None,
            "pool_id": claimed.pool_id, "since": now - timedelta(hours=claimed.looks_back_h),
        })  # fmt: skip
    hub.masters.forget()
    return 1


def _try(hub: Hub, claimed: Row[tuple[int, ...]], now: datetime) -> Made:
    """A plan, or why there is none; what goes wrong is written down and tried again when the next one is due."""
    try:
        with hub.engine.connect() as connection:
            masters = hub.masters.get(connection, now)
            return make_plan(
                connection, masters, claimed.pool_id, now, timedelta(hours=claimed.looks_back_h),
                timedelta(hours=claimed.horizon_h),
            )  # fmt: skip
    except Exception as error:
        LOG.error("no plan", pool=claimed.pool_id, error=type(error).__name__, exc_info=True)
        return Made(error=type(error).__name__)


def make_plan(
    connection: Connection, masters: Masters, pool_id: int, now: datetime, looks_back: timedelta, horizon: timedelta
) -> Made:
    """Solve a pool's programme for the recent mix and today's stock; an empty plan where nothing is scarce."""
    card = masters.sourcing.cards.get(("pool", pool_id))
    policy = card.policy if card else WHOLE_FIRST
    if policy.rule not in GUIDED:
        return Made(error=f"orders that go by {policy.rule} follow no plan")
    demand = read_demand(connection, pool_id, masters.prefix_length, now, looks_back, horizon)
    sku_ids = {sku for _, goods in demand.counts for sku, _ in goods}
    stock = read_sellable(connection, pool_id, sku_ids)
    ways = _ways(masters, pool_id, demand, stock, read_weights(connection, sku_ids), policy)
    if not any(ways.values()):
        return Made(demand.orders)
    # The solver takes a tenth of a second to load, and nobody else needs it.
    from oms.app.stock.planning.menu import Menu
    from oms.app.stock.planning.solving import Programme

    programme = Programme(Menu(ways))
    cost = programme.solve(demand.counts, stock)
    plan = programme.plan(told_from=looks_back / horizon)
    return Made(demand.orders, plan if plan.prices else Plan(), cost)


def _ways(
    masters: Masters, pool_id: int, demand: Demand, stock: dict[tuple[int, int], int], weights: dict[int, int],
    policy: Policy,
) -> dict[Key, list[Way]]:  # fmt: skip
    card = masters.sourcing.cards.get(("pool", pool_id))
    shops = [shop.max_parcels for shop in masters.shops.values() if shop.pool_id == pool_id]
    most = max(shops, default=1)
    if card is not None:
        most = 1 if card.ships_whole else card.parcels(most)
    weighing = policy if policy.rule == "cheapest" else replace(policy, parcel=HEAVY)
    limit = min(MOST_WAYS, MOST_IN_ALL // max(1, len(demand.counts)))
    found = {}
    for place, goods in demand.counts:
        served = masters.points_for(pool_id, place.rstrip("$"), place.endswith("$"))
        points = _weighed(masters, card, served.points, place) if card else served.points
        found[place, goods] = ways_of(goods, points, stock, weights, weighing, most, limit)
    return found


def _weighed(masters: Masters, card: SourcingCard, points: list[Point], place: str) -> list[Point]:
    """The points that the pool's setting lets serve, as it weighs them; lateness only where places name a city."""
    points = [point for point in points if point.id not in card.barred]
    if not card.weighs_points:
        return points
    if len(place.rstrip("$")) < CITY:
        card = replace(card, hour_amount=0)
    return [masters.sourcing.weigh(card, point, place.rstrip("$")) for point in points]
