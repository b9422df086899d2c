"""预占: what is promised of a pool before a stock point is known: looked at before sourcing, settled after it.

An order that is planned in its first batch never has a reservation: its allocation comes at once. Only what is still open
at the end of a batch is written, and goes when it is planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.promised import GOOD, PoolSku, Row, Sums, Timed
from oms.app.kernel.shop_modes import is_left
from oms.app.kernel.work import OrderWork
from oms.app.stock.exclusives import look_at_exclusives, take_exclusive
from oms.app.stock.keeping import BEYOND_SUPPLY, decide, kept_before, say_beyond, shared_of
from oms.db.bulk import array_of
from oms.domain.sharing import allowed
from oms.domain.sourcing import Need

LATEST: Final = datetime.max.replace(tzinfo=UTC)
ROWS: Final = """
select id, order_id, pool_id, sku_id, kind, units, since, expires_at, kept, reach, is_there from demand_reservation
where order_id = any(%s)"""
TIMED: Final = """
select v.order_id, r.id, r.pool_id, r.sku_id, r.units, r.since
from unnest(%s::bigint[], %s::bigint[], %s::text[]) as v(order_id, shop_id, reference)
join demand_reservation r on r.order_id is null and r.shop_id = v.shop_id and r.reference = v.reference"""
#: Where more of a SKU came free a moment ago, and those who wait have not been looked through yet, whoever could be
#: served keeps what it waits for; otherwise what was decided for it is kept.
ASKED: Final = """
asked as (select v.pool_id, v.sku_id, case when exists (select from stock_freed f where f.sku_id = v.sku_id)
    then coalesce((select sum(greatest(0, l.on_hand - l.reserved - l.safety)) from stock_level l
    join pool_member m on m.stock_point_id = l.stock_point_id and m.pool_id = v.pool_id
    join stock_point p on p.id = l.stock_point_id and p.state = 'open'
    where l.sku_id = v.sku_id and l.kind = 'good'), 0) else 0 end as fresh
  from (select distinct * from unnest(%s::bigint[], %s::bigint[]) as v(pool_id, sku_id)) v),
queue as (select r.id, r.order_id, r.pool_id, r.sku_id, r.since, r.units, r.reach,
    case when r.units <= a.fresh or (r.reach = 'later' and a.fresh > 0) then r.units else r.kept end as kept
  from asked a join demand_reservation r on r.pool_id = a.pool_id and r.sku_id = a.sku_id and r.kind = 'good'
  where r.expires_at is null or r.expires_at > %s)"""
TOTALS: Final = f"""
with {ASKED}
select pool_id, sku_id, sum(kept)::bigint, coalesce(sum(units) filter (where reach in ('now', 'later')), 0)::bigint,
  coalesce(sum(kept) filter (where reach = 'later'), 0)::bigint from queue group by 1, 2"""
#: The queue of each pool's SKU in which orders of the batch stand, with what is kept and due before each of them.
AHEAD: Final = f"""
with {ASKED},
places as (select id, pool_id, sku_id, (sum(kept) over before - kept)::bigint as ahead,
    (sum(case when reach in ('now', 'later') then units else 0 end) over before
      - case when reach in ('now', 'later') then units else 0 end)::bigint as due
  from queue window before as (partition by pool_id, sku_id order by since, id rows unbounded preceding))
select id, pool_id, ahead, due from places where id = any(%s::bigint[])"""
#: The same in the queues of other pools that share stock points.
AHEAD_ELSEWHERE: Final = f"""
with {ASKED}
select m.id, q.pool_id, sum(q.kept)::bigint, 0::bigint from demand_reservation m
join queue q on q.sku_id = m.sku_id and q.pool_id <> m.pool_id and (q.since, q.id) < (m.since, m.id)
where m.id = any(%s::bigint[]) group by 1, 2"""


def look(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Read what is promised of the goods that these orders need; call it when their demands are known."""
    standing = batch.masters.promises
    if standing.has_exclusive:
        look_at_exclusives(batch)
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
    promised = batch.promised
    read_totals(batch, wanted)
    mine = {row.id: (row.order_id, row) for rows in promised.rows.values() for row in rows if row.kind == GOOD}
    held = {hold.id: (order_id, hold) for order_id, holds in promised.timed.items() for hold in holds}
    if promised.totals and (mine or held):
        _read_places(batch, {**held, **mine})


def read_totals(batch: Batch, wanted: Iterable[PoolSku]) -> None:
    """What is kept of these pools' SKUs, and of pools that share stock points with them."""
    sharing = batch.masters.promises.sharing
    keys = {(joined, sku) for pool, sku in wanted for joined in sharing.get(pool, (pool,))}
    columns = [array_of(column) for column in zip(*sorted(keys), strict=True)]
    rows = fetch(batch.connection, TOTALS, (*columns, batch.now))
    batch.promised.totals |= {(pool, sku): Sums(*found) for pool, sku, *found in rows}


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
    promised, sharing = batch.promised, batch.masters.promises.sharing
    keys = {(row.pool_id, row.sku_id) for _, row in mine.values()}
    for id_, pool_id, *found in _ahead(batch, AHEAD, keys, mine):
        order_id, row = mine[id_]
        key, place = (order_id, row.sku_id), (row.since, id_)
        if place < promised.places.get(key, (LATEST, 0)):
            promised.places[key] = place
            promised.ahead[order_id, pool_id, row.sku_id] = Sums(*found)
        promised.mine[key] = promised.mine.get(key, 0) + (row.kept if isinstance(row, Row) else row.units)
    shared = {(other, sku) for pool, sku in keys for other in sharing.get(pool, ())}
    for id_, pool_id, *found in _ahead(batch, AHEAD_ELSEWHERE, shared, mine) if shared else ():
        order_id, row = mine[id_]
        if promised.places.get((order_id, row.sku_id)) == (row.since, id_):
            promised.ahead[order_id, pool_id, row.sku_id] = Sums(*found)


def _ahead(batch: Batch, question: str, keys: set[PoolSku], ids: Iterable[int]) -> list[Any]:
    columns = [array_of(column) for column in zip(*sorted(keys), strict=True)]
    return fetch(batch.connection, question, (*columns, batch.now, array_of(ids)))


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
        given = _given(batch, order, (sku_id, wanted), points, units)
        if given is not None:
            if left is None:
                left = {(point, need.sku_id): units.get((point, need.sku_id), 0) for point in points for need in needs}
            left |= {(point, sku_id): given.get(point, 0) for point in points}
    return left


def _given(
    batch: Batch, order: OrderWork, asked: tuple[int, int], points: Sequence[int], units: dict[tuple[int, int], int]
) -> dict[int, int] | None:
    """Point → units of (SKU, units wanted) that are left to an order; None when it may take them wherever it likes."""
    (sku_id, wanted), shop = asked, batch.masters.shops[order.shop_id]
    there, others = kept_before(batch, order, shop, sku_id, units)
    shared = shared_of(batch, order, shop, sku_id, units)
    if shared is not None:
        limits = shared.limits(shop.pool_id or 0)
        if wanted <= there - others and all(wanted <= limit for _, limit in limits):
            return None
        return allowed(shared, shop.pool_id or 0, points, there - others)
    if not others or wanted <= there - others:
        return None
    return _cut([(point, units.get((point, sku_id), 0)) for point in points], there - others)


def wanted_of(needs: Iterable[Need]) -> dict[int, int]:
    """Units by SKU."""
    wanted: dict[int, int] = {}
    for need in needs:
        wanted[need.sku_id] = wanted.get(need.sku_id, 0) + need.units
    return wanted


def _cut(there: Iterable[tuple[int, int]], free: int) -> dict[int, int]:
    """Leave so many units of a SKU in all."""
    left = {}
    for point, units in there:
        left[point] = min(max(0, units), free)
        free -= left[point]
    return left


def note_outcome(
    batch: Batch,
    order: OrderWork,
    needs: Sequence[Need],
    units: dict[tuple[int, int], int],
    seen: dict[str, Any],
    *,
    is_planned: bool,
) -> None:
    """Orders that come later in the batch leave to this one what it keeps, and nothing that it has been given.

    `seen` is what people are told when there is never enough for it.
    """
    shop = batch.masters.shops[order.shop_id]
    if is_planned and order.holds:
        batch.clear_hold(order, BEYOND_SUPPLY, "sourced")
    if shop.pool_id is None or (is_planned and not batch.promised.is_any) or is_left(order, shop):
        return
    wanted = wanted_of(needs)
    if is_planned:
        batch.promised.let_go(order.id, shop.pool_id, wanted)
        if batch.promised.exclusive:
            take_exclusive(batch, shop, wanted)
        return
    if not units:
        return  # Sourcing has not looked at stock yet: the end of the batch decides.
    kept = decide(batch, order, wanted, units)
    say_beyond(batch, order, wanted, kept, seen)
    if (order.paid_at or order.ordered_at) + batch.masters.promises.policy(shop.pool_id, shop.id).short > batch.now:
        batch.promised.keep(order.id, shop.pool_id, wanted, kept)
