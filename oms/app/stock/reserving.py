"""预占: what is promised of a pool before a stock point is known: looked at before sourcing, settled after it.

An order that is planned in its first batch never has a reservation: its allocation comes at once. Only what is still open
at the end of a batch is written, and goes when it is planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.promised import GOOD, Row, Timed
from oms.app.kernel.shop_modes import is_left
from oms.app.kernel.work import OrderWork
from oms.app.stock.exclusives import kept_for, kept_for_others, look_at_exclusives, take_exclusive
from oms.db.bulk import array_of
from oms.domain.sourcing import Need

LATEST: Final = datetime.max.replace(tzinfo=UTC)
ROWS: Final = """
select id, order_id, pool_id, sku_id, kind, units, since, expires_at from demand_reservation where order_id = any(%s)"""
TIMED: Final = """
select v.order_id, r.id, r.pool_id, r.sku_id, r.units, r.since
from unnest(%s::bigint[], %s::bigint[], %s::text[]) as v(order_id, shop_id, reference)
join demand_reservation r on r.order_id is null and r.shop_id = v.shop_id and r.reference = v.reference"""
TOTALS: Final = """
select r.pool_id, r.sku_id, sum(r.units)::bigint
from (select distinct * from unnest(%s::bigint[], %s::bigint[]) as v(pool_id, sku_id)) v
join demand_reservation r on r.pool_id = v.pool_id and r.sku_id = v.sku_id and r.kind = 'good'
where r.expires_at is null or r.expires_at > %s group by 1, 2"""
#: The queue of each pool's SKU in which orders of the batch stand, with what is promised before each of them.
AHEAD: Final = """
with queue as (select r.id, (sum(r.units) over (partition by r.pool_id, r.sku_id
    order by r.since, r.id rows unbounded preceding) - r.units)::bigint as ahead
  from (select distinct * from unnest(%s::bigint[], %s::bigint[]) as v(pool_id, sku_id)) v
  join demand_reservation r on r.pool_id = v.pool_id and r.sku_id = v.sku_id and r.kind = 'good'
  where r.expires_at is null or r.expires_at > %s)
select id, ahead from queue where id = any(%s::bigint[])"""


def look(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Read what is promised of the goods that these orders need; call it when their demands are known."""
    standing = batch.masters.promises
    if standing.has_exclusive:
        look_at_exclusives(batch, orders)
    if not standing.is_any:
        return
    _read_rows(batch, batch.orders.values())
    if standing.has_timed:
        _read_timed(batch, orders)
    wanted = {
        (pool_id, demand.sku_id)
        for order in orders
        if (pool_id := batch.masters.shops[order.shop_id].pool_id) is not None
        for demand in order.demands
        if demand.open_units > 0
    }
    if not wanted:
        return
    pools, skus = array_of([pool for pool, _ in wanted]), array_of([sku for _, sku in wanted])
    promised = batch.promised
    rows = fetch(batch.connection, TOTALS, (pools, skus, batch.now))
    promised.totals = {(pool, sku): units for pool, sku, units in rows}
    mine = {row.id: (row.order_id, row) for rows in promised.rows.values() for row in rows if row.kind == GOOD}
    held = {hold.id: (order_id, hold) for order_id, holds in promised.timed.items() for hold in holds}
    if promised.totals and (mine or held):
        _read_places(batch, {**held, **mine})


def _read_rows(batch: Batch, orders: Iterable[OrderWork]) -> None:
    known = array_of([order.id for order in orders if not order.is_new])
    for found in fetch(batch.connection, ROWS, (known,)) if known != "{}" else ():
        row = Row(*found)
        batch.promised.rows.setdefault(row.order_id, []).append(row)


def _read_timed(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Units that a holder has had kept for an order go to it."""
    columns = zip(*[(order.id, order.shop_id, order.external_no) for order in orders], strict=True)
    arrays = [array_of(column) for column in columns]
    for order_id, *found in fetch(batch.connection, TIMED, arrays) if arrays else ():
        batch.promised.timed.setdefault(order_id, []).append(Timed(*found))


def _read_places(batch: Batch, mine: Mapping[int, tuple[int, Row | Timed]]) -> None:
    """The place of each order in the queue of its goods, by its own reservation, else by what is held for it."""
    promised = batch.promised
    keys = {(row.pool_id, row.sku_id) for _, row in mine.values()}
    arrays = [array_of(column) for column in zip(*sorted(keys), strict=True)]
    for id_, ahead in fetch(batch.connection, AHEAD, (*arrays, batch.now, array_of(mine))):
        order_id, row = mine[id_]
        key, place = (order_id, row.sku_id), (row.since, id_)
        if place < promised.places.get(key, (LATEST, 0)):
            promised.places[key], promised.ahead[key] = place, ahead
        promised.mine[key] = promised.mine.get(key, 0) + row.units


def leave_to_others(
    batch: Batch, order: OrderWork, needs: Sequence[Need], units: dict[tuple[int, int], int]
) -> dict[tuple[int, int], int] | None:
    """(point, SKU) → units without what is promised to others, of an order that would take some; else None."""
    if not batch.promised.is_any:
        return None
    shop = batch.masters.shops[order.shop_id]
    points = [card.id for _, card in batch.masters.open_points(shop.pool_id)]
    left: dict[tuple[int, int], int] | None = None
    for sku_id, wanted in wanted_of(needs).items():
        others = batch.promised.before(order.id, (shop.pool_id or 0, sku_id)) + kept_for_others(batch, shop, sku_id)
        if not others:
            continue
        there = sum([max(0, units.get((point, sku_id), 0)) for point in points])
        free = max(there - others, min(there, kept_for(batch, shop, sku_id)))
        if wanted > free:
            if left is None:
                left = {(point, need.sku_id): units.get((point, need.sku_id), 0) for point in points for need in needs}
            _cut(left, points, sku_id, max(0, free))
    return left


def wanted_of(needs: Iterable[Need]) -> dict[int, int]:
    """Units by SKU."""
    wanted: dict[int, int] = {}
    for need in needs:
        wanted[need.sku_id] = wanted.get(need.sku_id, 0) + need.units
    return wanted


def _cut(left: dict[tuple[int, int], int], points: Sequence[int], sku_id: int, free: int) -> None:
    """Leave so many units of a SKU in all."""
    for point in points:
        mine = min(max(0, left[point, sku_id]), free)
        left[point, sku_id] = mine
        free -= mine


def note_outcome(batch: Batch, order: OrderWork, needs: Sequence[Need], *, is_planned: bool) -> None:
    """Orders that come later in the batch leave to this one what it waits for, and nothing that it has been given."""
    shop = batch.masters.shops[order.shop_id]
    if shop.pool_id is None or (is_planned and not batch.promised.is_any) or is_left(order, shop):
        return
    keeps_for = batch.masters.promises.policy(shop.pool_id, shop.id).short
    if not is_planned and (order.paid_at or order.ordered_at) + keeps_for <= batch.now:
        return
    wanted = wanted_of(needs)
    batch.promised.keep(order.id, shop.pool_id, wanted.items(), is_planned=is_planned)
    if is_planned and batch.promised.exclusive:
        take_exclusive(batch, shop, wanted)
