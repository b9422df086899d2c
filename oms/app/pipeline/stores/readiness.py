"""By when a store has an order ready: by its minutes and opening hours; late_tasks watches what is promised here."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.stores.deliveries import open_task
from oms.app.pipeline.stores.telling import tell_promise
from oms.db.bulk import psycopg_connection
from oms.domain.open_time import done_after

#: Minutes where a store says nothing.
READY_MIN: Final = 60
POINT: Final = """
select p.timezone, p.hours, array(select c.closed_on from stock_closure c where c.stock_point_id = p.id),
  coalesce(f.ready_min, %s), d.promise_at
from stock_point p left join store_profile f on f.stock_point_id = p.id
left join order_delivery d on d.order_id = %s where p.id = %s"""


def promise_ready(batch: Batch, work: FulfilmentWork) -> None:
    """A store has got an order: reckon by when it is ready, tell the buyer, start the clock.

    What the buyer wants later than that is not due sooner.
    """
    order_id, point_id = work.lead_order_id, work.stock_point_id
    rows = fetch(batch.connection, POINT, (READY_MIN, order_id, point_id))
    if not rows:
        return
    zone, hours, closed, minutes, wanted = rows[0]
    reckoned = done_after(batch.now, minutes, zone, hours or {}, closed)
    if reckoned is None:
        return
    ready_by: datetime = max(reckoned, wanted) if wanted is not None else reckoned
    with psycopg_connection(batch.connection).cursor() as cursor:
        question = "update order_delivery set ready_by = %s, ready_clock_at = %s where order_id = %s"
        cursor.execute(question, (ready_by, ready_by, order_id))
    batch.note(batch.orders[order_id], "ready_promised", {"by": ready_by.isoformat(), "point": point_id})
    tell_promise(batch, work, ready_by)


def promise_anew(batch: Batch, order: OrderWork) -> None:
    """The buyer wants the goods at another time: a store that has the order before it gets the time for that."""
    task = open_task(order)
    if task is not None:
        promise_ready(batch, task)


def stop_clock(batch: Batch, order_id: int, *, is_gone: bool = False) -> None:
    """The goods are ready, or the store has nothing to do with them any more."""
    question = "update order_delivery set ready_clock_at = null where order_id = %s"
    if is_gone:
        question = "update order_delivery set ready_clock_at = null, ready_by = null where order_id = %s"
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(question.encode(), (order_id,))
