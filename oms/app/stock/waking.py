"""到货唤醒: when more of a SKU may be promised, orders that wait for it go on by themselves, first come first served."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, lock_orders
from oms.app.stock.coming import coming_of
from oms.app.stock.exclusives import left_to_others, read_exclusives
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.keeping import LATER, NOW

LIMIT: Final = 500
READY: Final = "exists (select from stock_freed)"
TAKE: Final = """
delete from stock_freed where id in (select id from stock_freed order by id limit %s for update skip locked)
returning sku_id"""
#: Orders that could be served once goods on their way have come look again at most so many a SKU; others later.
MOST_LOOKING: Final = 200
#: Everybody who waits, in order, with what is kept for them; an order that lacks other goods, too, is told by those.
QUEUE: Final = """
select r.pool_id, r.sku_id, coalesce(o.shop_id, 0), r.id, r.order_id, r.units, r.kept, r.reach, not exists (
    select from demand_reservation n where n.order_id = r.order_id and n.id <> r.id and n.kind = 'good'
      and not n.is_there and n.sku_id <> all(%s::bigint[])) as is_only
from demand_reservation r left join orders o on o.id = r.order_id
where r.sku_id = any(%s::bigint[]) and r.kind = 'good' order by 1, 2, r.since, r.id"""
THERE: Final = """
select m.pool_id, l.sku_id, sum(greatest(0, l.on_hand - l.reserved - l.safety))::bigint from stock_level l
join pool_member m on m.stock_point_id = l.stock_point_id
join stock_point p on p.id = l.stock_point_id and p.state = 'open'
where l.sku_id = any(%s::bigint[]) and l.kind = 'good' group by 1, 2"""
WAKE: Final = """
update orders set ready_at = %s where id = any(%s::bigint[]) and status = 'open'
  and (ready_at is null or ready_at > %s)"""
KEEP: Final = """
update demand_reservation r set kept = least(v.kept, r.units), reach = case reach when 'later' then reach else 'now' end
from unnest(%s::bigint[], %s::bigint[]) as v(id, kept) where r.id = v.id"""


class Waiting(NamedTuple):
    """A place in a queue; `is_only` when the order lacks nothing but this SKU, `others` is for other places alone."""

    id: int
    order_id: int | None
    units: int
    kept: int
    reach: str
    is_only: bool
    others: int = 0


def wake_short(hub: Hub) -> int:
    """Make orders ready that wait for goods of which some came free; answers how many SKUs were looked at.

    What came free is kept for those who can be served now from this transaction on, so that nobody who comes between
    here and their turn takes it.
    """
    with hub.begin() as connection:
        skus = sorted({row[0] for row in fetch(connection, TAKE, (LIMIT,))})
        if not skus:
            return 0
        woken, kept = _served(hub, connection, skus)
        if woken:
            lock_orders(connection, woken)
            now = hub.clock()
            with psycopg_connection(connection).cursor() as cursor:
                cursor.execute(WAKE, (now, array_of(woken), now))
                cursor.execute(KEEP, (array_of(kept), array_of(kept.values())))
    if woken:
        hub.poke("advance")
    return len(skus)


def _served(hub: Hub, connection: Connection, skus: Sequence[int]) -> tuple[list[int], dict[int, int]]:
    """(orders to wake, rows with what is kept for them) of these SKUs."""
    asked = array_of(skus)
    queues: dict[tuple[int, int], list[Waiting]] = {}
    masters, exclusive = hub.masters.get(connection, hub.clock()), read_exclusives(connection, skus)
    for pool_id, sku_id, shop_id, *row in fetch(connection, QUEUE, (asked, asked)):
        shop, quotas = masters.shops.get(shop_id), exclusive.get(sku_id)
        others = left_to_others(quotas, masters, shop) if quotas and shop else 0
        queues.setdefault((pool_id, sku_id), []).append(Waiting._make((*row, others)))
    there = {(pool, sku): units for pool, sku, units in fetch(connection, THERE, (asked,))}
    coming = coming_of(connection, {pool for pool, _ in queues}, skus, hub.clock()) if queues else {}
    woken, kept = set[int](), dict[int, int]()
    for key, queue in queues.items():
        on_its_way = sum([units for _, units in coming.get(key, ())])
        looking, served = walk_queue(queue, there.get(key, 0), on_its_way)
        woken |= looking
        kept |= served
    return sorted(woken), kept


def walk_queue(queue: Iterable[Waiting], there: int, coming: int) -> tuple[set[int], dict[int, int]]:
    """(orders that look again, rows with what is kept for them from now on), first come first served.

    Those who can be served now keep it all; those whose goods are on their way what these do not cover any more.
    """
    woken, kept = set[int](), dict[int, int]()
    looking = 0
    for row in queue:
        if there <= 0 and coming <= 0:
            break
        free = there - row.others
        can_go = row.reach == NOW or (row.is_only and row.units <= free)
        if row.reach == NOW:
            mine = row.kept
        elif can_go:
            mine = row.units
        else:
            mine = max(row.kept, min(free, row.units - max(0, coming))) if row.reach == LATER else row.kept
            looking += row.units <= free + coming
        is_asked = there > 0 if can_go else looking <= MOST_LOOKING and row.units <= free + coming
        if row.order_id is not None and is_asked:
            woken.add(row.order_id)
            if mine != row.kept:
                kept[row.id] = mine
        there -= mine
        coming -= row.units - mine if row.reach == LATER else 0
    return woken, kept
