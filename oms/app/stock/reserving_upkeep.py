"""What the clock does for reservations: those whose time is over go, and those that nobody waits for any more."""

from __future__ import annotations

from typing import Final

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.promised import FREED
from oms.db.bulk import array_of, psycopg_connection

LIMIT: Final = 5000
EXPIRED: Final = """
delete from demand_reservation where id in (select id from demand_reservation where expires_at <= %s
  order by expires_at limit %s for update skip locked) returning sku_id"""
#: A process that did not know yet that there are reservations leaves the one of an order it plans behind.
LEFT_BEHIND: Final = """
with idle as (select r.id, o.id as order_id from demand_reservation r join orders o on o.id = r.order_id
  where o.ready_at is null and r.created_at < %(before)s and (o.status in ('completed', 'cancelled')
    or o.status = 'open' and not exists (select from demand d where d.order_id = o.id and d.sku_id = r.sku_id
      and d.units > d.planned + d.shipped + d.cancelled)) limit %(limit)s),
locked as (select o.id from orders o where o.id in (select order_id from idle) order by o.id for update skip locked)
delete from demand_reservation r using idle i, locked l where r.id = i.id and l.id = i.order_id returning r.sku_id"""


def let_expire(hub: Hub) -> int:
    """Give back what was reserved for a time that is over, and wake those who come next; answers how many rows went."""
    with hub.begin() as connection:
        gone = fetch(connection, EXPIRED, (hub.clock(), LIMIT))
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(LEFT_BEHIND.encode(), {"before": hub.clock(), "limit": LIMIT})
            gone += cursor.fetchall()
            if gone:
                cursor.execute(FREED.encode(), (array_of(sorted({row[0] for row in gone})),))
    if gone:
        hub.poke("wake_short")
    return len(gone)
