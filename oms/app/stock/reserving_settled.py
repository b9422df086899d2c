"""预占落库: at the end of a batch each order's reservations are what it still waits for, written set-wise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.levels import sellable
from oms.app.kernel.promised import FREED, GOOD, PRESALE, Row
from oms.app.kernel.shop_modes import is_left
from oms.app.kernel.work import OrderWork
from oms.app.stock.exclusives import settle_exclusives
from oms.app.stock.keeping import There, decide
from oms.app.stock.reserving import read_totals
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.keeping import NOW, Kept

#: Holds that say an order could be sent were it not for the goods: it keeps its units only for a time.
SHORT: Final = ("short_of_stock", "oversold")
#: A hold under which an order waits for money, so that what it is promised is presale stock.
OWING: Final = "balance_unpaid"
Parts = Mapping[int, Sequence[tuple[int, int, int]]]  # bundle → (SKU, units, weight)
#: What a reservation is to be: pool, SKU, kind → units, place in the queue, end.
Wanted = dict[tuple[int, int, str], tuple[int, datetime, datetime | None]]

UPSERT: Final = """
insert into demand_reservation (pool_id, shop_id, order_id, sku_id, kind, units, since, expires_at, kept, reach, is_there,
  created_at)
select v.*, %s from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[],
  %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::text[], %s::bool[]) as v
on conflict (order_id, sku_id, kind) do update set units = excluded.units, pool_id = excluded.pool_id,
  expires_at = excluded.expires_at, kept = excluded.kept, reach = excluded.reach, is_there = excluded.is_there"""


@dataclass(slots=True)
class _Changes:
    """What is written at the end: rows that go, rows that are made or changed, holders' rows, SKUs that came free."""

    gone: list[Row] = field(default_factory=list)
    changed: list[tuple[object, ...]] = field(default_factory=list)
    timed: list[int] = field(default_factory=list)
    freed: set[int] = field(default_factory=set)


def settle(batch: Batch, orders: Iterable[OrderWork], parts: Parts) -> None:
    """Write what orders wait for and drop what they do not any more; `parts` are of bundles that unpaid orders want."""
    promised = batch.promised
    changes = _Changes()
    orders = list(orders)
    waiting: list[tuple[OrderWork, Wanted]] = []
    for order in orders:
        rows = promised.rows.get(order.id)
        if not rows and not order.holds and order.status == "open" and order.id not in promised.timed:
            continue
        wanted = _wanted(batch, order, parts)
        if wanted:
            waiting.append((order, wanted))
        changes.gone.extend(row for row in rows or () if (row.pool_id, row.sku_id, row.kind) not in wanted)
        if order.status != "unpaid":
            changes.timed.extend([hold.id for hold in promised.timed.get(order.id, ())])
    if waiting:
        _compare(batch, waiting, changes)
    if changes.gone or changes.changed or changes.timed:
        _write(batch, changes)
    settle_exclusives(batch, orders)


def _compare(batch: Batch, waiting: Sequence[tuple[OrderWork, Wanted]], changes: _Changes) -> None:
    """Decide what is kept for orders, and what of it is not written yet."""
    there = _there(batch, waiting)
    for order, wanted in waiting:
        goods = {sku: units for (_, sku, kind), (units, _, _) in wanted.items() if kind == GOOD}
        kept = _kept(batch, order, goods, there)
        rows = {(row.sku_id, row.kind): row for row in batch.promised.rows.get(order.id, ())}
        for (pool, sku, kind), (units, since, until) in wanted.items():
            one = kept[sku] if kind == GOOD else Kept(units, NOW, is_there=True)
            row = rows.get((sku, kind))
            asked = (pool, units, until, *one)
            if row is None or asked != (row.pool_id, row.units, row.expires_at, row.kept, row.reach, row.is_there):
                changes.changed.append((pool, order.shop_id, order.id, sku, kind, units, since, until, *one))
            if row is not None and one.units < row.kept and (one.is_there or row.is_there):
                changes.freed.add(sku)  # What was only kept until the order looked is not worth waking it again.


def _kept(batch: Batch, order: OrderWork, goods: dict[int, int], there: There) -> dict[int, Kept]:
    """As it was decided when the order was sourced, else now, in the order of the batch."""
    decided = batch.promised.decided.get(order.id)
    if decided is not None and decided[0] == goods:
        return decided[1]
    kept = decide(batch, order, goods, there)
    batch.promised.keep(order.id, batch.masters.shops[order.shop_id].pool_id or 0, goods, kept)
    return kept


def _there(batch: Batch, waiting: Sequence[tuple[OrderWork, Wanted]]) -> There:
    """What is sellable of goods for which nothing was decided yet, with what the batch has taken of it."""
    promised, standing = batch.promised, batch.masters.promises
    undecided = [wanted for order, wanted in waiting if order.id not in promised.decided]
    keys = {(pool, sku) for wanted in undecided for pool, sku, kind in wanted if kind == GOOD}
    if not keys:
        return {}
    if standing.is_any and (unread := keys - promised.totals.keys()):
        read_totals(batch, unread)
    pools = {joined for pool, _ in keys for joined in standing.sharing.get(pool, (pool,))}
    points = {card.id for pool in pools for _, card in batch.masters.open_points(pool)}
    return sellable(batch, points, {sku for _, sku in keys})


def _wanted(batch: Batch, order: OrderWork, parts: Parts) -> Wanted:
    """What an order is to have reserved: its open units, unless it is not ours to send or their time is over."""
    shop = batch.masters.shops[order.shop_id]
    if shop.pool_id is None or order.fulfiller != "us" or is_left(order, shop):
        return {}
    policy = batch.masters.promises.policy(shop.pool_id, shop.id)
    if order.status == "unpaid":
        if shop.id not in batch.masters.promises.at_order:
            return {}
        since, until, kind = order.ordered_at, order.ordered_at + policy.unpaid, GOOD
        units = unpaid_units(order, parts)
    elif order.status == "open":
        since, until, kind = order.paid_at or order.ordered_at, None, GOOD
        if order.is_presale and order.hold(OWING) is not None:
            since, kind = order.ordered_at, PRESALE
        elif any(order.hold(short) is not None for short in SHORT):
            until = since + policy.short
        units = open_units(order)
    else:
        return {}
    return _placed(batch, order, shop.pool_id, units, (kind, since, until))


def _placed(
    batch: Batch, order: OrderWork, pool_id: int, units: Mapping[int, int], asked: tuple[str, datetime, datetime | None]
) -> Wanted:
    """A reservation keeps its place in the queue; presale units stay presale until they have arrived.

    A presale of goods that lie in the warehouse already, with no presale stock kept for them, reserves the goods.
    """
    kind, since, until = asked
    if until is not None and until <= batch.now:
        return {}
    wanted: Wanted = {}
    rows = batch.promised.rows.get(order.id, ())
    for sku_id, open_ in units.items():
        mine = [row for row in rows if row.sku_id == sku_id and row.pool_id == pool_id]
        place = min([since, *[row.since for row in mine], *_since_held(batch, order, sku_id)])
        arrived = sum([row.units for row in mine if row.kind == GOOD])
        early = sum([row.units for row in mine if row.kind == PRESALE])
        if kind == PRESALE and (pool_id, sku_id) in batch.promised.presale:
            goods = min(open_, arrived)  # What has been turned into goods already stays so.
        else:
            goods = open_ - min(open_, early)
        for one, count in ((GOOD, goods), (PRESALE, open_ - goods)):
            if count:
                wanted[pool_id, sku_id, one] = (count, place, until if one == GOOD else None)
    return wanted


def _since_held(batch: Batch, order: OrderWork, sku_id: int) -> list[datetime]:
    return [hold.since for hold in batch.promised.timed.get(order.id, ()) if hold.sku_id == sku_id]


def open_units(order: OrderWork) -> dict[int, int]:
    """Units by SKU that are neither planned, shipped nor lost, of lines that nobody asks the money back for."""
    lines = {line.id: line for line in order.lines}
    units: dict[int, int] = {}
    for demand in order.demands:
        line = lines.get(demand.line_id)
        if line is not None and not line.is_lost and demand.open_units > 0:
            units[demand.sku_id] = units.get(demand.sku_id, 0) + demand.open_units
    return units


def unpaid_units(order: OrderWork, parts: Parts) -> dict[int, int]:
    """Units by SKU that an order wants which nobody has paid, so that it has no demands yet."""
    units: dict[int, int] = {}
    for line in order.lines:
        count = line.ordered - line.cancelled
        if not line.is_goods or line.is_lost or count <= 0:
            continue
        bundle = parts.get(line.bundle_id or 0, ())
        wanted = [(line.sku_id, 1)] if line.sku_id is not None else [(sku_id, each) for sku_id, each, _ in bundle]
        for sku_id, each in wanted:
            units[sku_id] = units.get(sku_id, 0) + each * count
    return units


def _write(batch: Batch, changes: _Changes) -> None:
    if changes.changed and not batch.masters.promises.is_any:
        batch.hub.masters.forget()  # From now on there is something to leave to others.
    with psycopg_connection(batch.connection).cursor() as cursor:
        if changes.gone or changes.timed:
            ids = sorted([*[row.id for row in changes.gone], *changes.timed])
            cursor.execute("delete from demand_reservation where id = any(%s::bigint[])", (array_of(ids),))
        if changes.changed:
            changes.changed.sort(key=lambda row: (row[2], row[3], row[4]))
            columns = [array_of(column) for column in zip(*changes.changed, strict=True)]
            cursor.execute(UPSERT, (batch.now, *columns))
        freed = sorted(changes.freed | _let_go(batch, changes.gone))
        if freed:
            cursor.execute(FREED.encode(), (array_of(freed),))
            batch.pokes.add("wake_short")


def _let_go(batch: Batch, gone: Iterable[Row]) -> set[int]:
    """SKUs of reservations that ended without an allocation."""
    planned = {(line.order_id, line.sku_id) for line in batch.new_fulfilment_lines}
    return {row.sku_id for row in gone if (row.order_id, row.sku_id) not in planned}
