"""日销量: what each shop sold of each SKU a day, counted anew while a day may still change."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of, psycopg_connection

#: Orders come late and are cancelled; older days stay as they were counted.
CHANGING: Final = 3
LONGEST: Final = 180
#: Orders count on the day they were placed, in their shop's time zone, with what was not cancelled of them.
COUNT: Final = """
insert into sku_day (day, shop_id, sku_id, units, income, orders, late_orders)
select (o.ordered_at at time zone s.timezone)::date, o.shop_id, d.sku_id, sum(d.units - d.cancelled),
  sum(d.share_amount * (d.units - d.cancelled) / d.units), count(distinct o.id),
  count(distinct o.id) filter (where exists (select from hold h
    where h.order_id = o.id and h.kind in ('short_of_stock', 'oversold')))
from orders o join shop s on s.id = o.shop_id join demand d on d.order_id = o.id and d.cancelled < d.units
where o.ordered_at >= %s::date - interval '1 day' and o.ordered_at < %s::date + interval '2 days'
  and (o.ordered_at at time zone s.timezone)::date between %s and %s and o.status <> 'cancelled'
  and o.origin not in ('exchange', 'reship') group by 1, 2, 3"""
UNITS: Final = """
select d.sku_id, d.day, sum(d.units)::bigint from sku_day d join shop s on s.id = d.shop_id and s.stock_pool_id = %s
where d.day between %s and %s and (%s::bigint[] = '{}' or d.sku_id = any(%s::bigint[])) group by 1, 2"""


def count_sales(hub: Hub) -> int:
    """Count the days that may have changed; the first time as many days as proposals look back. Answers days counted."""
    today = hub.clock().date()
    with hub.engine.connect() as connection:
        last = fetch(connection, "select max(day) from sku_day")[0][0]
        first = today - timedelta(days=LONGEST)
        if last is None:
            oldest = fetch(connection, "select min(ordered_at)::date from orders")[0][0]
            first = max(first, oldest) if oldest else today
    day = first if last is None else max(first, min(last, today) - timedelta(days=CHANGING))
    days = 0
    while day <= today + timedelta(days=1):  # Somewhere it is tomorrow already.
        _count(hub, day)
        day, days = day + timedelta(days=1), days + 1
    return days


def _count(hub: Hub, day: date) -> None:
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        # Two clocks never count at once, but a person's click may meet one.
        cursor.execute("select pg_advisory_xact_lock(hashtext('sku_day'))")
        cursor.execute("delete from sku_day where day = %s", (day,))
        cursor.execute(COUNT, (day, day, day, day))


def sales_of(
    connection: Connection, pool_id: int, today: date, days: int, sku_ids: Collection[int] = ()
) -> dict[int, list[int]]:
    """SKU → units sold by the pool's shops on each of the days before today, oldest first."""
    first = today - timedelta(days=days)
    wanted = array_of(sku_ids)
    found: dict[int, list[int]] = {}
    for sku_id, day, units in fetch(connection, UNITS, (pool_id, first, today - timedelta(days=1), wanted, wanted)):
        found.setdefault(sku_id, [0] * days)[(day - first).days] = units
    return found
