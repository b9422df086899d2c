"""The one place where a status changes: by a row of a transition table, with an event for people."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.db.bulk import psycopg_connection
from oms.domain import lifecycle
from oms.domain.holds import CLOSED, KINDS, Back


def move_order(batch: Batch, order: OrderWork, action: str, **detail: Any) -> None:
    """Change an order's status; WrongState when the table has no such row."""
    order.status = lifecycle.ORDER.target(order.status, action)
    order.closed_at = batch.now if is_closed(order) else None
    batch.note(order, action, detail or None)
    if is_closed(order):
        order.tiers_waiting, order.tiers_next = 0, ""
        clear_closed(batch, order)
    elif order.review == "waiting" and not order.tiers_waiting:
        move_review(batch, order, "reset_review", by=action)  # What it waited for was forgotten when it closed.


def is_closed(order: OrderWork) -> bool:
    """Whether nothing more is to be done for the order."""
    return order.status in ("completed", "cancelled")


def clear_closed(batch: Batch, order: OrderWork) -> None:
    """Nobody has to lift a hold of a closed order; one that calls goods back stays until nothing is under way."""
    for hold in list(order.holds):
        if not order.fulfilments or KINDS[hold.kind].calls_back is Back.NOTHING:
            batch.clear_hold(order, hold.kind, CLOSED)


def move_review(batch: Batch, order: OrderWork, action: str, **detail: Any) -> None:
    """Change an order's review state."""
    order.review = lifecycle.REVIEW.target(order.review, action)
    batch.note(order, action, detail or None)


_STAMPS = {
    "sent": "sent_at",
    "accepted": "accepted_at",
    "shipped": "shipped_at",
    "cancelled": "closed_at",
    "merged": "closed_at",
    "closed_short": "closed_at",
}


def move_fulfilment(batch: Batch, fulfilment: FulfilmentWork, action: str, **detail: Any) -> None:
    """Change a fulfilment's status and tell every source order's timeline."""
    fulfilment.status = lifecycle.FULFILMENT.target(fulfilment.status, action)
    stamp = _STAMPS.get(fulfilment.status)
    if stamp and getattr(fulfilment, stamp) is None:
        setattr(fulfilment, stamp, batch.now)
    if not fulfilment.is_new:
        batch.touched_fulfilments[fulfilment.id] = fulfilment
    for order_id in fulfilment.order_ids:
        if order_id in batch.orders:
            batch.note(batch.orders[order_id], action, detail or None, fulfilment_id=fulfilment.id)


def move_stop(batch: Batch, fulfilment: FulfilmentWork, action: str) -> None:
    """Change a fulfilment's stop state, which lives beside its status."""
    fulfilment.stop = lifecycle.STOP.target(fulfilment.stop, action)
    if not fulfilment.is_new:
        batch.touched_fulfilments[fulfilment.id] = fulfilment


def move_stock_document(
    connection: Connection, machine: lifecycle.Machine, table: str, id_: int, status: str, action: str
) -> str:
    """Change the status of a document that moves stock, whose row is locked; answers the new one."""
    target = machine.target(status, action)
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(f"update {table} set status = %s where id = %s".encode(), (target, id_))
    return target
