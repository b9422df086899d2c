"""What lies in a pool and what is promised of it, SKU by SKU; what shops are told of it is in oms.app.stock.telling."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from oms.app.kernel.load import fetch
from oms.app.kernel.queries.shared_points import pressed
from oms.db.bulk import array_of
from oms.domain.quotas import Supply

_PAGE = text("""
select k.id as sku_id, k.code as sku from sku k
where k.code > :after and (cast(:sku as text) = '' or k.code = :sku) and not k.is_archived
  and exists (select from stock_level s join pool_member m on m.stock_point_id = s.stock_point_id and m.pool_id = :pool
    join stock_point p on p.id = s.stock_point_id and p.state = 'open' where s.sku_id = k.id and s.kind = 'good')
order by k.code limit :size""")
#: Archived SKUs have nothing; those that lie nowhere in the pool are not there at all.
SUPPLY: Final = """
with asked as (select k.id, k.is_archived from sku k where k.id = any(%s::bigint[]) and not k.is_virtual),
lying as (select l.sku_id, sum(greatest(0, l.on_hand - l.reserved - l.safety)) as units from pool_member m
  join stock_point p on p.id = m.stock_point_id and p.state = 'open'
  join stock_level l on l.stock_point_id = m.stock_point_id and l.kind = %s and l.sku_id in (select id from asked)
  where m.pool_id = %s group by 1)
select a.id, case when a.is_archived then 0 else coalesce(l.units, 0) end::bigint, coalesce(r.reserved, 0)::bigint,
  coalesce(r.owed, 0)::bigint
from asked a left join lying l on l.sku_id = a.id
left join pool_level r on r.pool_id = %s and r.sku_id = a.id and r.kind = %s"""


def skus_in_pool(
    connection: Connection, pool_id: int | None, *, after: str = "", sku: str = "", size: int = 200
) -> Sequence[Row[Any]]:
    """(id, code) of SKUs that lie at an open point of the pool, in the order of their codes, beginning after one."""
    given = {"pool": pool_id or 0, "after": after, "sku": sku, "size": size}
    return connection.execute(_PAGE, given).all()


def supply_of(
    connection: Connection, pool_id: int | None, sku_ids: Collection[int], *, kind: str = "good"
) -> dict[int, Supply]:
    """By SKU what is there and what is promised of it; virtual goods have no stock and are left out."""
    pool = pool_id or 0
    rows = fetch(connection, SUPPLY, (array_of(sorted(sku_ids)), kind, pool, pool, kind)) if sku_ids else []
    supply = {sku_id: Supply(there, promised, owed) for sku_id, there, promised, owed in rows}
    return pressed(connection, pool, supply, kind)
