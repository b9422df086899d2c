"""Cancelling an order by a person: it is stopped wherever it is, and what was freed is not planned again."""

from __future__ import annotations

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fill, lock_with_siblings
from oms.app.kernel.transition import move_order
from oms.app.kernel.work import OrderWork
from oms.domain import lifecycle
from oms.domain.errors import Invalid, NotFound, WrongState


def why_not_cancel(order: OrderWork) -> str:
    """The sentence that refuses a cancellation, empty when it is possible."""
    if not lifecycle.ORDER.allows(order.status, "cancel"):
        return f"the order is {order.status}"
    if any(demand.shipped for demand in order.demands):
        return "part of it has shipped; stop or return the rest instead"
    return ""


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
        refusal = why_not_cancel(order)
        if refusal:
            raise WrongState("order", refusal, "cancel")
        move_order(batch, order, "cancel", reason=reason[:200])
        order.ready_at = batch.now
        flush(batch)
    hub.poke("advance")
