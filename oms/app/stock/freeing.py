"""What becomes free without anything arriving is for those who wait; `wake_short` looks at it and has them go on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from oms.db.bulk import array_of, psycopg_connection

#: Goods that orders may be served from again, as far as somebody waits for them.
_FREED: Final = """
insert into stock_freed (sku_id) select distinct r.sku_id from demand_reservation r
join stock_level l on l.sku_id = r.sku_id and l.kind = 'good' and l.on_hand - l.reserved - l.safety > 0
where r.kind = 'good' and {} and not exists (select from stock_freed f where f.sku_id = r.sku_id)"""
FREED_AT: Final = _FREED.format("l.stock_point_id = any(%s::bigint[])")
FREED_OF: Final = _FREED.format("l.sku_id = any(%s::bigint[])")
FREED_IN: Final = _FREED.format("r.pool_id = %s")


def free_goods_at(connection: Connection, point_ids: Iterable[int]) -> None:
    """Points are open again, or joined a pool: what lies there is for those who wait first. Poke `wake_short` then."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(FREED_AT, (array_of(sorted(point_ids)),))


def free_goods_of(connection: Connection, sku_ids: Iterable[int]) -> None:
    """Fewer units of SKUs are for one place alone: the others are for those who wait first. Poke `wake_short` then."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(FREED_OF, (array_of(sorted(sku_ids)),))


def free_goods_in(connection: Connection, pool_id: int) -> None:
    """A pool promises by other terms: who waits is looked at by these. Poke `wake_short` then."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(FREED_IN, (pool_id,))
