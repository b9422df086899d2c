"""到货唤醒: when more of a SKU may be promised, orders that wait for it go on by themselves, first come first served."""

from __future__ import annotations

from typing import Final

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of, psycopg_connection

LIMIT: Final = 500
READY: Final = "exists (select from stock_freed)"
TAKE: Final = """
delete from stock_freed where id in (select id from stock_freed order by id limit %s for update skip locked)
returning sku_id"""
#: Orders with something there for them once all who came before have theirs.
SERVED: Final = """
with queue as (select r.order_id, r.pool_id, r.sku_id, sum(r.units) over (partition by r.pool_id, r.sku_id
    order by r.since, r.id rows unbounded preceding) - r.units as ahead
  from demand_reservation r where r.sku_id = any(%s::bigint[]) and r.kind = 'good'),
free as (select m.pool_id, l.sku_id, sum(greatest(0, l.on_hand - l.reserved - l.safety)) as units
  from stock_level l join pool_member m on m.stock_point_id = l.stock_point_id
  join stock_point p on p.id = l.stock_point_id and p.state = 'open'
  where l.sku_id = any(%s::bigint[]) and l.kind = 'good' group by 1, 2)
select distinct q.order_id from queue q join free f on f.pool_id = q.pool_id and f.sku_id = q.sku_id
where q.ahead < f.units and q.order_id is not null"""
WAKE: Final = """
update orders set ready_at = %s where id in (select id from orders where id = any(%s::bigint[]) and status = 'open'
  and (ready_at is null or ready_at > %s) order by id for update)"""


def wake_short(hub: Hub) -> int:
    """Make orders ready that wait for goods of which some came free; answers how many SKUs were looked at."""
    with hub.begin() as connection:
        skus = sorted({row[0] for row in fetch(connection, TAKE, (LIMIT,))})
        if not skus:
            return 0
        asked = array_of(skus)
        orders = [row[0] for row in fetch(connection, SERVED, (asked, asked))]
        if orders:
            now = hub.clock()
            with psycopg_connection(connection).cursor() as cursor:
                cursor.execute(WAKE, (now, array_of(orders), now))
    if orders:
        hub.poke("advance")
    return len(skus)
