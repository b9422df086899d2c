"""标记已付: an unpaid manual order whose money came in; it then goes the way of all orders."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from oms.app.capture.entered.taking import ORIGIN
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fill, lock_with_siblings
from oms.app.kernel.transition import move_order
from oms.app.kernel.work import OrderWork
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible, WrongState
from oms.domain.sla import ship_deadline

MOST_REFERENCE: Final = 100
AHEAD: Final = timedelta(minutes=5)
PAID: Final = """
update payment set state = 'paid', paid_at = %s, reference = %s where order_id = %s and state = 'due'"""


def mark_paid(hub: Hub, order_id: int, amount: int, paid_at: datetime, reference: str, actor: str) -> None:
    """Note that a manual order was paid: the whole amount in minor units, when, and what proves it.

    WrongState when it is not unpaid any more, NotPossible for orders of platforms, Invalid by field.
    """
    with hub.begin() as connection:
        now = hub.clock()
        batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
        fill(batch, lock_with_siblings(connection, [order_id]))
        order = batch.orders.get(order_id)
        if order is None:
            raise NotFound("there is no such order")
        _check(order, amount, paid_at, reference, now)
        order.paid_at = paid_at
        order.ship_by = _deadline(batch, order)
        move_order(batch, order, "pay", amount=amount, reference=reference)
        order.ready_at = now
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(PAID, (paid_at, reference, order_id))
            cursor.execute(
                "update orders set paid_at = %s, ship_by = %s, platform_state = 'open' where id = %s",
                (paid_at, order.ship_by, order_id),
            )
        flush(batch)
    hub.poke("advance")


def _check(order: OrderWork, amount: int, paid_at: datetime, reference: str, now: datetime) -> None:
    if order.origin != ORIGIN:
        raise NotPossible("the platform tells when its orders are paid", "wait for its next pull")
    if order.status != "unpaid":
        raise WrongState("order", order.status, "pay")
    if amount != order.paid_total:
        raise Invalid("amount", "this is not what the order costs", "write the whole amount, or cancel and enter it anew")
    if not order.ordered_at - timedelta(days=1) <= paid_at <= now + AHEAD:
        raise Invalid("paid_at", "this is before the order or still to come", "write when the money came in")
    if not 1 <= len(reference.strip()) <= MOST_REFERENCE or "\0" in reference:
        raise Invalid("reference", "a reference is needed", "write the receipt's or transfer's number")


def _deadline(batch: Batch, order: OrderWork) -> datetime | None:
    shop = batch.masters.shops[order.shop_id]
    return ship_deadline(
        platform=None, ordered_at=order.ordered_at, paid_at=order.paid_at, is_cod=order.is_cod,
        hours_paid=shop.hours_paid, hours_cod=shop.hours_cod, pauses=shop.pauses,
    )  # fmt: skip
