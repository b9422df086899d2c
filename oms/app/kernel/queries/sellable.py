"""What a shop may sell now, SKU by SKU: the open stock points of its pool less what is promised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

_SELLABLE = text("""
select k.id as sku_id, k.code as sku, greatest(0, l.units - coalesce(r.reserved, 0))::bigint as sellable
from sku k join lateral (
  select sum(greatest(0, s.on_hand - s.reserved - s.safety)) as units from stock_level s
  join pool_member m on m.stock_point_id = s.stock_point_id and m.pool_id = :pool
  join stock_point p on p.id = s.stock_point_id and p.state = 'open'
  where s.sku_id = k.id and s.kind = 'good' having count(*) > 0) l on true
left join pool_level r on r.pool_id = :pool and r.sku_id = k.id and r.kind = 'good'
where k.code > :after and (cast(:sku as text) = '' or k.code = :sku) and not k.is_archived
order by k.code limit :size""")


def sellable_units(
    connection: Connection, pool_id: int | None, *, after: str = "", sku: str = "", size: int = 200
) -> Sequence[Row[Any]]:
    """SKUs that lie at a stock point of the pool, in the order of their codes, beginning after one."""
    given = {"pool": pool_id or 0, "after": after, "sku": sku, "size": size}
    return connection.execute(_SELLABLE, given).all()
