"""Cancelling an order by a person: it is stopped wherever it is, and what was freed is not planned again."""

from __future__ import annotations

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fill, lock_with_siblings
from oms.app.kernel.transition import move_order
from oms.app.kernel.work import OrderWork
from oms.domain import lifecycle
from oms.domain.errors import Invalid, NotFound, NotPossible, WrongState


def require_cancellable(order: OrderWork) -> None:
    """WrongState when the order's status does not allow it, or when part of it has left."""
    if not lifecycle.ORDER.allows(order.status, "cancel"):
        raise WrongState("order", order.status, "cancel")
    if any(demand.shipped for demand in order.demands):
        raise NotPossible("part of it has shipped; stop or return the rest instead")


def cancel_order(hub: Hub, order_id: int, actor: str, reason: str) -> None:
    """Cancel an order of which nothing has shipped; WrongState with the reason when it cannot be."""
    if not reason.strip():
        raise Invalid("reason", "a reason is needed", "say why the order is cancelled")
    with hub.begin() as connection:
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        fill(batch, lock_with_siblings(connection, [order_id]))
        order = batch.orders.get(order_id)
        if order is None:
            raise NotFound("there is no such order")
        require_cancellable(order)
        move_order(batch, order, "cancel", reason=reason[:200])
        order.ready_at = batch.now
        flush(batch)
    hub.poke("advance")
