"""What pages show of promises: SKUs with reservations, the queue of one, proposals of what to buy, policies."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

PAGE: Final = 100
SKUS: Final = text("""
with promised as (select r.pool_id, r.sku_id, r.kind, sum(r.units)::bigint as units, sum(r.kept)::bigint as kept,
    count(distinct r.order_id) as orders,
    coalesce(sum(r.units) filter (where r.order_id is null), 0)::bigint as held, min(r.since) as since
  from demand_reservation r group by 1, 2, 3)
select p.*, k.code as sku, k.name as sku_name, s.name as pool, coalesce(l.units, 0)::bigint as there
from promised p join sku k on k.id = p.sku_id join stock_pool s on s.id = p.pool_id
left join lateral (select sum(greatest(0, l.on_hand - l.reserved - l.safety)) as units from stock_level l
  join pool_member m on m.stock_point_id = l.stock_point_id and m.pool_id = p.pool_id
  join stock_point t on t.id = l.stock_point_id and t.state = 'open'
  where l.sku_id = p.sku_id and l.kind = p.kind) l on true
where cast(:sku as text) = '' or k.code = :sku
order by p.units - coalesce(l.units, 0) desc, p.units desc, k.code limit :size""")
QUEUE: Final = text("""
select r.id, r.kind, r.units, r.kept, r.reach, r.since, r.expires_at, r.order_id, o.external_no, o.phase,
  r.holder, r.reference, r.shop_id,
  (sum(r.units) over (partition by r.pool_id, r.kind order by r.since, r.id rows unbounded preceding))::bigint as upto,
  p.name as pool, r.pool_id
from demand_reservation r join sku k on k.id = r.sku_id and k.code = :sku join stock_pool p on p.id = r.pool_id
left join orders o on o.id = r.order_id order by r.pool_id, r.kind, r.since, r.id limit :size""")
POLICIES: Final = text("""
with places as (select stock_pool_id as pool_id, id as shop_id, name, reserve_at from shop
    where stock_pool_id is not null and mode <> 'closed'
  union all select id, 0, '', '' from stock_pool)
select a.pool_id, p.name as pool, a.shop_id, a.name as shop, a.reserve_at, y.unpaid_minutes, y.short_hours,
  y.backorder_units, y.last_units, y.late_fine, y.keep_bp, y.large_units
from places a join stock_pool p on p.id = a.pool_id
left join promise_policy y on y.pool_id = a.pool_id and y.shop_id = a.shop_id order by 1, 3""")
PROPOSALS: Final = text("""
select p.*, k.code as sku, k.name as sku_name, s.name as pool, g.purchase_no,
  array(select t.code from pool_member m join stock_point t on t.id = m.stock_point_id and t.state = 'open'
    where m.pool_id = p.pool_id order by m.rank, t.code) as points
from replenish_proposal p join sku k on k.id = p.sku_id join stock_pool s on s.id = p.pool_id
left join goods_receipt g on g.id = p.receipt_id
where p.state = any(cast(:states as text[])) order by p.decided_at desc nulls first, p.days_left, p.daily_milli desc, p.id
limit :size""")
AT_POINTS: Final = text("""
select l.sku_id, t.code, greatest(0, l.on_hand - l.reserved - l.safety) as units from pool_member m
join stock_point t on t.id = m.stock_point_id and t.state = 'open'
join stock_level l on l.stock_point_id = t.id and l.kind = 'good' and l.sku_id = any(:skus)
where m.pool_id = :pool order by m.rank, t.code""")


def promised_skus(connection: Connection, sku: str = "") -> list[AnyRow]:
    """SKUs of which something is promised, those short by most first; with a code this one."""
    return list(connection.execute(SKUS, {"sku": sku, "size": PAGE}))


def queue_of(connection: Connection, sku: str) -> list[AnyRow]:
    """Who waits for a SKU, in the order in which they are served."""
    return list(connection.execute(QUEUE, {"sku": sku, "size": PAGE}))


def policies(connection: Connection) -> list[AnyRow]:
    """Every pool's policy (shop 0) and what its shops set otherwise."""
    return list(connection.execute(POLICIES))


def proposals(connection: Connection, states: Collection[str], size: int = PAGE) -> list[AnyRow]:
    """Proposals in these states: open ones by how soon goods run out, decided ones newest first."""
    return list(connection.execute(PROPOSALS, {"states": list(states), "size": size}))


def units_at_points(connection: Connection, pool_id: int, sku_ids: Collection[int]) -> dict[int, list[tuple[str, int]]]:
    """By SKU what is sellable at each point of a pool, preferred points first."""
    found: dict[int, list[tuple[str, int]]] = {}
    given: dict[str, Any] = {"pool": pool_id, "skus": sorted(sku_ids)}
    for row in connection.execute(AT_POINTS, given):
        found.setdefault(row.sku_id, []).append((row.code, row.units))
    return found
