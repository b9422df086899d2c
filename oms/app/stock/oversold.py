"""超卖挂单: orders that a person chooses to wait where goods were promised twice; they go on when goods arrive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import sellable
from oms.app.kernel.load import fetch, fill, lock_with_siblings
from oms.app.kernel.trail import leave_trail
from oms.app.kernel.work import OrderWork
from oms.app.stock.reserving import leave_to_others, wanted_of
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible
from oms.domain.sourcing import Need

KEPT_WAITING: Final = "kept_waiting"
MOST_ORDERS: Final = 500
LEVEL: Final = """
select s.reserved - s.on_hand, k.code, p.code from stock_level s join sku k on k.id = s.sku_id
join stock_point p on p.id = s.stock_point_id
where s.stock_point_id = %s and s.sku_id = %s and s.kind = 'good'"""
HOLDING: Final = """
select distinct l.order_id from fulfilment_line l join fulfilment f on f.id = l.fulfilment_id
where f.stock_point_id = %s and l.sku_id = %s and l.order_id = any(%s)
  and l.planned > l.shipped + l.short + l.cancelled"""


def hold_as_oversold(hub: Hub, point_id: int, sku_id: int, order_ids: Sequence[int], actor: str) -> int:
    """Have orders wait that hold units of an oversold level, all or none; answers the number of this act.

    What is planned comes back at once, what a warehouse has is asked back as for any hold.
    """
    wanted = sorted(set(order_ids))
    if not 0 < len(wanted) <= MOST_ORDERS:
        raise Invalid("orders", "no order is chosen, or too many", f"choose 1 to {MOST_ORDERS}")
    with hub.begin() as connection:
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        fill(batch, lock_with_siblings(connection, wanted))
        rows = fetch(connection, LEVEL, (point_id, sku_id))
        if not rows or rows[0][0] <= 0:
            raise NotPossible("these goods are not oversold there any more", "reload the page")
        missing, sku, point = rows[0]
        held = {row[0] for row in fetch(connection, HOLDING, (point_id, sku_id, array_of(wanted)))}
        if held != set(wanted):
            raise NotPossible("one of the orders holds none of these goods any more", "reload the page and choose again")
        pick_id = batch.new_id()
        for id_ in wanted:
            batch.place_hold(batch.orders[id_], KEPT_WAITING, {"sku": sku, "point": point, "pick": pick_id})
            batch.orders[id_].ready_at = batch.now
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """insert into oversold_pick (id, stock_point_id, sku_id, missing, order_ids, at, by)
                   values (%s, %s, %s, %s, %s, %s, %s)""",
                (pick_id, point_id, sku_id, missing, wanted, batch.now, actor),
            )
        leave_trail(hub, connection, "oversold_held", actor, {"point": point, "sku": sku, "orders": len(wanted)})
        flush(batch)
    hub.poke("advance")
    return pick_id


def undo_oversold(hub: Hub, pick_id: int, actor: str) -> int:
    """Take such an act back: its orders go on as far as there are goods; answers how many were still waiting."""
    with hub.begin() as connection:
        rows = fetch(connection, "select order_ids, undone_at from oversold_pick where id = %s", (pick_id,))
        if not rows:
            raise NotFound("there is no such list of orders", "reload the page")
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        fill(batch, lock_with_siblings(connection, rows[0][0]))
        count = 0
        for id_ in rows[0][0]:
            order = batch.orders.get(id_)
            hold = order.hold(KEPT_WAITING) if order is not None else None
            if order is not None and hold is not None and hold.seen.get("pick") == pick_id:
                batch.clear_hold(order, KEPT_WAITING, "taken back")
                order.ready_at = batch.now
                count += 1
        if not _mark_undone(batch, pick_id):
            raise NotPossible("this was taken back before", "reload the page")
        leave_trail(hub, connection, "oversold_undone", actor, {"orders": count})
        flush(batch)
    hub.poke("advance")
    return count


def _mark_undone(batch: Batch, pick_id: int) -> bool:
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            "update oversold_pick set undone_at = %s, undone_by = %s where id = %s and undone_at is null",
            (batch.now, batch.actor, pick_id),
        )
        return cursor.rowcount == 1


def release_arrived(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Let orders go on for whose goods there is enough again at the points of their pool, first come first served."""
    waiting = [order for order in orders if order.holds and order.hold(KEPT_WAITING) is not None]
    waiting = [
        order for order in waiting if not any(line.open_units for work in order.fulfilments for line in work.lines)
    ]
    for order in sorted(waiting, key=lambda order: (order.paid_at or order.ordered_at, order.id)):
        if _is_served(batch, order):
            batch.clear_hold(order, KEPT_WAITING, "goods arrived")


def _is_served(batch: Batch, order: OrderWork) -> bool:
    needs = [Need(one.id, one.sku_id, one.open_units) for one in order.demands if one.open_units > 0]
    points = [card.id for _, card in batch.masters.open_points(batch.masters.shops[order.shop_id].pool_id)]
    units = sellable(batch, points, sorted({need.sku_id for need in needs}))
    left = leave_to_others(batch, order, needs, dict(units)) or units
    wanted = wanted_of(needs)
    return bool(needs) and all(
        sum([max(0, left.get((point, sku_id), 0)) for point in points]) >= count for sku_id, count in wanted.items()
    )
