"""The mix of a pool's recent orders, read set-wise: how many came of each place with the same goods."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text

from oms.app.kernel.sourcing_plans import place_key
from oms.app.stock.planning.mix import smoothed
from oms.domain.sourcing.plan import Key

#: So many kinds of orders are planned for, those that come most.
MOST_KINDS: Final = 600
ORDERS: Final = text("""
with recent as (
  select o.id, left(o.division_code, :figures) as place, o.is_cod, d.sku_id, sum(d.units - d.cancelled) as units
  from orders o join shop s on s.id = o.shop_id and s.stock_pool_id = :pool_id
  join demand d on d.order_id = o.id and d.units > d.cancelled
  where o.ordered_at >= :since and o.status <> 'cancelled' and o.fulfiller = 'us' and o.division_code <> ''
  group by o.id, 2, o.is_cod, d.sku_id),
kinds as (
  select id, place, is_cod, array_agg(sku_id order by sku_id) as skus, array_agg(units order by sku_id) as units
  from recent group by id, place, is_cod)
select place, is_cod, skus, units, count(*) as orders from kinds group by place, is_cod, skus, units""")
SELLABLE: Final = text("""
select l.stock_point_id, l.sku_id, l.on_hand - l.reserved - l.safety as units from stock_level l
join pool_member m on m.stock_point_id = l.stock_point_id and m.pool_id = :pool_id
join stock_point p on p.id = l.stock_point_id and p.state = 'open'
where l.kind = 'good' and l.sku_id = any(:sku_ids)""")
WEIGHTS: Final = text("select id, weight_g from sku where id = any(:sku_ids)")


@dataclass(slots=True)
class Demand:
    """Orders that are expected of each kind until the horizon, and how many recent ones that was told from."""

    counts: dict[Key, float] = field(default_factory=dict)
    orders: int = 0


def read_demand(
    connection: Connection, pool_id: int, figures: int, now: datetime, looks_back: timedelta, horizon: timedelta
) -> Demand:
    """What the recent mix comes to over the horizon; kinds that are left out count with those that are planned for."""
    question = {"pool_id": pool_id, "figures": figures, "since": now - looks_back}
    seen: dict[Key, float] = {}
    for row in connection.execute(ORDERS, question):
        goods = tuple([(int(sku), int(units)) for sku, units in zip(row.skus, row.units, strict=True)])
        seen[place_key(row.place, row.is_cod), goods] = float(row.orders)
    spread = smoothed(seen)
    most = dict(sorted(spread.items(), key=lambda one: -one[1])[:MOST_KINDS])
    grown = horizon / looks_back * (_units(spread) / max(1.0, _units(most)))
    return Demand({key: count * grown for key, count in most.items()}, round(sum(seen.values())))


def _units(counts: Mapping[Key, float]) -> float:
    return sum([count * sum([units for _, units in goods]) for (_, goods), count in counts.items()])


def read_sellable(connection: Connection, pool_id: int, sku_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """(point, SKU) → units that may be promised now at the pool's open points."""
    rows = connection.execute(SELLABLE, {"pool_id": pool_id, "sku_ids": sorted(sku_ids)})
    return {(row.stock_point_id, row.sku_id): max(0, row.units) for row in rows}


def read_weights(connection: Connection, sku_ids: Collection[int]) -> dict[int, int]:
    """Grams of a unit by SKU."""
    return {row.id: row.weight_g for row in connection.execute(WEIGHTS, {"sku_ids": sorted(sku_ids)})}
