"""Lifting a hold by a person, and holding an order by hand."""

from __future__ import annotations

from collections.abc import Collection

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_with_siblings
from oms.app.kernel.transition import move_review
from oms.app.kernel.work import OrderWork
from oms.domain.errors import Invalid, NotFound, NotPossible, WrongState
from oms.domain.holds import KINDS


def lift(hub: Hub, hold_id: int, actor: str, reason: str) -> int:
    """Lift one hold; the order goes on if nothing else holds it. Answers the order's id."""
    if not reason.strip():
        raise Invalid("reason", "a reason is needed", "say why it may go on")
    with hub.begin() as connection:
        rows = fetch(connection, "select order_id, kind from hold where id = %s and cleared_at is null", (hold_id,))
        if not rows:
            raise NotFound("this hold is not open any more", "reload the page")
        order_id, kind = rows[0]
        if KINDS[kind].clears == "auto":
            raise Invalid("hold", f"{kind} clears by itself", KINDS[kind].remedy_en)
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        fill(batch, lock_with_siblings(connection, [order_id]))
        order = batch.orders[order_id]
        if not batch.clear_hold(order, kind, reason[:500]):
            raise NotFound("this hold is not open any more", "reload the page")
        if kind == "sent_back" and order.review == "sent_back":
            move_review(batch, order, "reset_review", by=actor)
        order.ready_at = batch.now
        flush(batch)
    hub.poke("advance")
    return int(order_id)


def why_not_hold(status: str, kinds: Collection[str], goods: Collection[tuple[int, int]]) -> str:
    """What speaks against a hold by hand: closed, held, gone; empty when nothing does.

    `kinds` are its open holds, `goods` (units still to ship, units shipped) of each line that is goods of ours.
    """
    if status not in ("unpaid", "open"):
        return "closed"
    if "manual" in kinds:
        return "held"
    return "gone" if any(shipped for _, shipped in goods) and not any(left for left, _ in goods) else ""


def _require_holdable(order: OrderWork) -> None:
    goods = [(line.ordered - line.cancelled - line.shipped, line.shipped) for line in order.lines if line.is_goods]
    why = why_not_hold(order.status, {hold.kind for hold in order.holds}, goods)
    if why == "closed":
        raise WrongState("order", order.status, "hold")
    if why == "held":
        raise NotPossible("it is held by hand already", "see who holds it and why")
    if why == "gone":
        raise NotPossible("everything has shipped; there is nothing to hold", "intercept the parcel or open a case")


def hold_order(hub: Hub, order_id: int, actor: str, reason: str) -> None:
    """Hold an order by hand; what is at a warehouse is called back. WrongState when it cannot be held any more."""
    if not reason.strip():
        raise Invalid("reason", "a reason is needed", "say why it must wait")
    with hub.begin() as connection:
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        fill(batch, lock_with_siblings(connection, [order_id]))
        if order_id not in batch.orders:
            raise NotFound("there is no such order")
        order = batch.orders[order_id]
        _require_holdable(order)
        batch.place_hold(order, "manual", {"reason": reason[:200]})
        order.ready_at = batch.now
        flush(batch)
    hub.poke("advance")
