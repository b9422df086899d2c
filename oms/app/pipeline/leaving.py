"""Whether an order, and what it shares a fulfilment with, may go on to merging and dispatch."""

from __future__ import annotations

from datetime import datetime

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.domain.holds import Block


def may_leave(order: OrderWork, now: datetime) -> bool:
    """Whether nothing but merging and dispatch is left to do; what has changed since is looked at first."""
    if order.ready_at is not None and order.ready_at <= now:
        return False
    return order.status == "open" and order.review == "passed" and not order.is_kept_from(Block.DISPATCH)


def all_may_leave(batch: Batch, work: FulfilmentWork) -> bool:
    """Whether every source order is here and may leave, with goods that all are still wanted.

    What holds one of them holds what they leave in.
    """
    for order_id in work.order_ids:
        order = batch.orders.get(order_id)
        if order is None or not may_leave(order, batch.now):
            return False
        lost = {line.id for line in order.lines if line.is_lost}
        if lost and any(line.line_id in lost and line.open_units for line in work.lines):
            return False
    return True
