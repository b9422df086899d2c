"""Makes decisions of review void when what they rested on has changed."""

from __future__ import annotations

from oms.app.kernel.batch import Batch
from oms.app.kernel.transition import move_review
from oms.app.kernel.work import OrderWork
from oms.db.bulk import psycopg_connection
from oms.domain.review import void_after


def invalidate(batch: Batch, order: OrderWork, change: str) -> None:
    """A change that matters makes void what the tiers that depend on it decided; the order is reviewed again.

    What a person sent back stays with people until they lift it.
    """
    void = void_after(change)
    if order.review == "none" or not void:
        return
    order.tiers_passed &= ~void
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update review_decision set invalidated_at = %s, invalidated_by = %s
               where order_id = %s and invalidated_at is null and tier & %s <> 0""",
            (batch.now, change, order.id, void),
        )
    if order.review != "sent_back":
        order.tiers_waiting, order.tiers_next = 0, ""
        move_review(batch, order, "reset_review", change=change)
