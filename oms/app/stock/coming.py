"""What is on its way to a pool: expected receipts, good units of transfers, what was ordered without a receipt."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from oms.db.bulk import array_of, psycopg_connection

#: Goods that are so much later than they were expected are not counted on any more.
GRACE: Final = timedelta(days=3)
#: Point, SKU and units of what transfers bring; goods that left as faulty arrive as such.
GOOD_ON_THE_WAY: Final = """
select s.stock_point_id, s.sku_id, s.on_hand - coalesce((
    select sum(greatest(0, l.sent - l.received - p.received_defective)) from transfer t
    join transfer_line l on l.transfer_id = t.id join transfer_plan p on p.transfer_line_id = l.id
    where t.to_point_id = s.stock_point_id and l.sku_id = s.sku_id and l.kind <> 'good'
      and t.status in ('sent', 'received')), 0) as units
from stock_level s where s.kind = 'in_transit' and s.on_hand > 0"""
#: A receipt without a day is not known to come in anybody's time.
COMING: Final = f"""
with lines as (
  select r.stock_point_id, l.sku_id, r.expected_at as at, l.expected - l.received_good - l.received_defective as units
  from goods_receipt r join goods_receipt_line l on l.goods_receipt_id = r.id
  where r.closed_at is null and r.status not in ('closed', 'cancelled', 'received') and r.expected_at > %(late)s
    and l.sku_id = any(%(skus)s::bigint[])
  union all
  select w.stock_point_id, w.sku_id, %(now)s, w.units from ({GOOD_ON_THE_WAY}) w
  where w.sku_id = any(%(skus)s::bigint[])),
units as (
  select m.pool_id, l.sku_id, l.at, l.units from lines l
  join pool_member m on m.stock_point_id = l.stock_point_id and m.pool_id = any(%(pools)s::bigint[])
  join stock_point p on p.id = l.stock_point_id and p.state = 'open'
  union all
  select p.pool_id, p.sku_id, p.expected_on::timestamptz, p.ordered_units from replenish_proposal p
  where p.state = 'ordered' and p.receipt_id is null and p.expected_on > %(late)s and p.pool_id = any(%(pools)s::bigint[])
    and p.sku_id = any(%(skus)s::bigint[]))
select pool_id, sku_id, at, units::bigint from units where units > 0"""


def coming_of(
    connection: Connection, pool_ids: Collection[int], sku_ids: Collection[int], now: datetime
) -> dict[tuple[int, int], list[tuple[datetime, int]]]:
    """(pool, SKU) → (when it is expected, units) of what is on its way there."""
    given: dict[str, object] = {
        "pools": array_of(sorted(pool_ids)),
        "skus": array_of(sorted(sku_ids)),
        "now": now,
        "late": now - GRACE,
    }
    found: dict[tuple[int, int], list[tuple[datetime, int]]] = {}
    for pool_id, sku_id, at, units in _rows(connection, given):
        found.setdefault((pool_id, sku_id), []).append((at, units))
    return found


def _rows(connection: Connection, given: dict[str, object]) -> list[tuple[int, int, datetime, int]]:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(COMING.encode(), given)
        return cursor.fetchall()
