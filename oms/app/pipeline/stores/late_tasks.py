"""Stores that should have an order ready by now are told, once each; run by the clock."""

from __future__ import annotations

from typing import Final

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.app.pipeline.stores.deliveries import open_task
from oms.app.pipeline.stores.telling import tell_late_task

AT_ONCE: Final = 200
DUE: Final = "select order_id from order_delivery where ready_clock_at <= %s order by ready_clock_at, order_id limit %s"
LATE: Final = """update order_delivery set ready_clock_at = null where order_id = %s and ready_clock_at <= %s
returning ready_by"""


def mark_late_tasks(hub: Hub) -> int:
    """Tell stores of orders that should be ready by now, once each; answers how many were looked at."""
    with hub.engine.connect() as connection:
        due = [row[0] for row in fetch(connection, DUE, (hub.clock(), AT_ONCE))]
    for order_id in due:
        with hub.begin() as connection:
            batch = open_batch(hub, connection, [order_id])
            late = fetch(connection, LATE, (order_id, batch.now))
            order = batch.orders.get(order_id)
            task = open_task(order) if order is not None and order.status == "open" else None
            if late and order is not None and task is not None:
                (ready_by,) = late[0]
                batch.note(order, "task_late", {"by": ready_by.isoformat()})
                tell_late_task(batch, task, ready_by)
            close_batch(batch)
        batch.tell()
    return len(due)
