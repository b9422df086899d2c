"""预售池: goods sold before they arrive: units of kind presale at a stock point, turned into good ones when they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.load import fetch, lock_orders
from oms.app.kernel.promised import PRESALE
from oms.app.kernel.work import OrderWork
from oms.app.stock.once import Request, make_once
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.errors import Invalid, NotFound

MOST_UNITS: Final = 100_000_000
SOLD_EARLY: Final = """
select distinct v.pool_id, v.sku_id from unnest(%s::bigint[], %s::bigint[]) as v(pool_id, sku_id)
where exists (select from stock_level l join pool_member m on m.stock_point_id = l.stock_point_id
    and m.pool_id = v.pool_id where l.sku_id = v.sku_id and l.kind = 'presale' and l.on_hand > 0)
  or exists (select from demand_reservation r
    where r.pool_id = v.pool_id and r.sku_id = v.sku_id and r.kind = 'presale')"""
#: Reservations of presale units of the pools that the point serves, the oldest paid balance first and those who owe it
#: last; the first `units` have arrived.
ARRIVED: Final = """
with waiting as (select r.id, r.units, r.since, case when not b.owes then coalesce(b.at, r.since) end as paid_at
  from demand_reservation r join pool_member m on m.pool_id = r.pool_id and m.stock_point_id = %(point)s
  left join lateral (select max(p.paid_at) as at, coalesce(bool_or(p.state = 'due'), false) as owes from payment p
    where p.order_id = r.order_id and p.kind = 'balance') b on true
  where r.sku_id = %(sku)s and r.kind = 'presale'),
queue as (select id, units, (sum(units) over (order by paid_at nulls last, since, id
    rows unbounded preceding))::bigint as upto from waiting),
served as (select id, units, least(units, %(units)s - (upto - units))::bigint as come from queue
  where upto - units < %(units)s),
good as (insert into demand_reservation (pool_id, shop_id, order_id, sku_id, kind, units, kept, since, created_at)
  select r.pool_id, r.shop_id, r.order_id, r.sku_id, 'good', s.come, s.come, r.since, r.created_at
  from served s join demand_reservation r on r.id = s.id
  on conflict (order_id, sku_id, kind) do update set units = demand_reservation.units + excluded.units,
    kept = demand_reservation.kept + excluded.units),
less as (update demand_reservation r set units = s.units - s.come, kept = s.units - s.come
  from served s where r.id = s.id and s.come < s.units)
delete from demand_reservation r using served s where r.id = s.id and s.come = s.units"""
PRESALE_LISTINGS: Final = """
select g.id, s.name, g.listing_no, g.variant_no, coalesce(k.code, b.code, ''), g.shop_id from presale_listing e
join listing g on g.id = e.listing_id join shop s on s.id = g.shop_id left join sku k on k.id = g.sku_id
left join bundle b on b.id = g.bundle_id order by s.name, g.listing_no, g.variant_no limit 200"""
WAITING: Final = """
select distinct order_id from demand_reservation
where sku_id = any(%s::bigint[]) and kind = 'presale' and order_id is not null"""
EXPECTED: Final = """
select sku_id, on_hand from stock_level
where stock_point_id = %s and sku_id = any(%s::bigint[]) and kind = 'presale' and on_hand > 0"""
LEVEL: Final = """
select p.id, k.id, coalesce(l.on_hand, 0) from stock_point p cross join sku k
left join stock_level l on l.stock_point_id = p.id and l.sku_id = k.id and l.kind = 'presale'
where p.code = %s and p.state <> 'closed' and k.code = %s and not k.is_archived and not k.is_virtual"""


def read_presale(batch: Batch, orders: Iterable[OrderWork]) -> None:
    """Which goods of orders that owe a balance are sold before they arrive."""
    owing = [order for order in orders if order.is_presale and order.status == "open" and order.holds]
    wanted = {
        (pool_id, demand.sku_id)
        for order in owing
        if (pool_id := batch.masters.shops[order.shop_id].pool_id) is not None
        for demand in order.demands
    }
    if wanted:
        arrays = [array_of(column) for column in zip(*sorted(wanted), strict=True)]
        batch.promised.presale = frozenset((pool, sku) for pool, sku in fetch(batch.connection, SOLD_EARLY, arrays))


def set_presale(hub: Hub, point: str, sku: str, units: int, actor: str) -> None:
    """So many units of a SKU are to arrive at a stock point and may be sold before."""
    if not 0 <= units <= MOST_UNITS:
        raise Invalid("units", "this number is too small or too large", f"write 0 to {MOST_UNITS}")
    with hub.begin() as connection:
        point_id, sku_id, on_hand = _level(connection, point, sku)
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        lock_skus(batch, [sku_id])
        _, _, on_hand = _level(connection, point, sku)
        batch.move_stock((point_id, sku_id, PRESALE), on_hand=units - on_hand, reason="presale")
        flush(batch)


def take_arrival(
    hub: Hub,
    point: str,
    sku: str,
    units: int,
    actor: str,
    requests: Sequence[Request] = (),
    *,
    is_booked: bool = False,
) -> int:
    """Goods sold before have come: presale units become good ones, and the promises on them, first come first served.

    With `is_booked` the good units are in the ledger already, by a receipt. Answers how many became good; Invalid when
    fewer than that are expected. A request that was done before books nothing again.
    """
    with hub.begin() as connection:
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        make_once(connection, hub.clock(), requests, lambda: _arrive(batch, point, sku, units, is_booked=is_booked))
    batch.tell()
    hub.poke("wake_short")
    return units


def _arrive(batch: Batch, point: str, sku: str, units: int, *, is_booked: bool) -> int:
    """Book an arrival; answers the SKU's id."""
    connection = batch.connection
    point_id, sku_id, _ = _level(connection, point, sku)
    lock_orders(connection, [row[0] for row in fetch(connection, WAITING, (array_of([sku_id]),))])
    lock_skus(batch, [sku_id])
    _, _, expected = _level(connection, point, sku)
    if not 0 < units <= expected:
        raise Invalid("units", "more than is expected there, or nothing", f"write 1 to {expected}")
    convert_presale(batch, point_id, sku_id, units, is_booked=is_booked)
    flush(batch)
    return sku_id


def take_receipt(batch: Batch, point_id: int, received: Mapping[int, int]) -> None:
    """Good units by SKU that a receipt books at a point: as many presale units there, at most, are presale no more.

    Call it before the receipt's units are moved: it locks the orders that wait and then the stock of all these SKUs.
    """
    skus = array_of(sorted(sku_id for sku_id, units in received.items() if units > 0))
    if not fetch(batch.connection, EXPECTED, (point_id, skus)):
        return
    lock_orders(batch.connection, [row[0] for row in fetch(batch.connection, WAITING, (skus,))])
    lock_skus(batch, received)
    for sku_id, expected in fetch(batch.connection, EXPECTED, (point_id, skus)):
        convert_presale(batch, point_id, sku_id, min(expected, received[sku_id]), is_booked=True)
    batch.pokes.add("wake_short")


def convert_presale(batch: Batch, point_id: int, sku_id: int, units: int, *, is_booked: bool) -> None:
    """The same in a transaction that holds the SKU's stock lock and, before it, those of the orders that wait."""
    batch.move_stock((point_id, sku_id, PRESALE), on_hand=-units, reason="presale_arrived")
    if not is_booked:
        batch.move_stock((point_id, sku_id, "good"), on_hand=units, reason="presale_arrived")
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(ARRIVED.encode(), {"point": point_id, "sku": sku_id, "units": units})


def _level(connection: Connection, point: str, sku: str) -> tuple[int, int, int]:
    rows = fetch(connection, LEVEL, (point, sku))
    if not rows:
        raise NotFound("there is no such stock point or SKU in use", "look at the spelling of both codes")
    return rows[0][0], rows[0][1], rows[0][2]


def mark_listing(hub: Hub, shop_id: int, listing_no: str, *, is_presale: bool) -> int:
    """The shop's listing of this number sells goods before they arrive, in all its variants, or not any more."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        found = fetch(connection, "select id from listing where shop_id = %s and listing_no = %s", (shop_id, listing_no))
        if not found:
            raise NotFound("the shop has no listing of this number", "look at the spelling, or wait for its first order")
        ids = array_of(row[0] for row in found)
        if is_presale:
            cursor.execute(
                "insert into presale_listing (listing_id) select unnest(%s::bigint[]) on conflict do nothing", (ids,)
            )
        else:
            cursor.execute("delete from presale_listing where listing_id = any(%s::bigint[])", (ids,))
        cursor.execute("update stock_push set due_at = least(due_at, %s) where shop_id = %s", (hub.clock(), shop_id))
    hub.poke("push_stock")
    return len(found)


def presale_listings(connection: Connection) -> list[tuple[int, str, str, str, str, int]]:
    """(id, shop's name, listing, variant, goods' code, shop) of listings that sell before goods arrive."""
    return [(row[0], row[1], row[2], row[3], row[4], row[5]) for row in fetch(connection, PRESALE_LISTINGS)]
