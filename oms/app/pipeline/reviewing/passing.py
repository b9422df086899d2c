"""What people decide in review: pass at a tier, by force, or send back. Several at once, each with its own outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fill, lock_orders
from oms.app.kernel.queries.reviewers import PASSES
from oms.app.kernel.transition import move_review
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.reviewing.guard import FORCE, SEND_BACK, Asking, May, Refusal, anything, standing_of
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.domain.errors import Invalid
from oms.domain.review import BY_BIT, PASSED_AGAIN

DECISION: Final = ("id", "order_id", "tier", "verdict", "actor", "rule", "amount", "reason", "at", "bulk_id")
GONE: Final = Refusal("moved", "not waiting at this tier any more")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order in a bulk action; `words` say why when it was not done.

    `is_stopping`: it is on its way to a warehouse, or there, and is being called back.
    """

    order_id: int
    is_done: bool
    words: str = ""
    is_stopping: bool = False


def pass_orders(
    hub: Hub,
    order_ids: Sequence[int],
    tier: int,
    actor: str,
    reason: str = "",
    *,
    forced: bool = False,
    may: May = anything,
) -> list[Outcome]:
    """A person's word that a tier is content with orders; the last tier lets an order go on.

    `may` says what the actor may do in a shop. Forcing overrules holds, limits and claims, and needs a reason.
    """
    check_tier(tier)
    if forced and not reason.strip():
        raise Invalid("reason", "a reason is needed", "say why it cannot wait")
    with hub.begin() as connection:
        outcomes = pass_in(hub, connection, order_ids, tier, actor, reason, forced=forced, may=may)
    hub.poke("advance")
    return outcomes


def pass_in(
    hub: Hub,
    connection: Connection,
    order_ids: Sequence[int],
    tier: int,
    actor: str,
    reason: str = "",
    *,
    forced: bool = False,
    may: May = anything,
    bulk_id: int | None = None,
) -> list[Outcome]:
    """The same in a transaction of the caller's, who wakes the pipeline after the commit."""
    batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
    orders, refused = _look(batch, order_ids, tier, FORCE if forced else PASSES, may)
    for order in orders:
        _pass(batch, order, tier, reason, forced=forced)
    verdict = "forced" if forced else "passed"
    _write(batch, orders, tier, verdict, reason, bulk_id)
    return [_outcome(order_id, refused) for order_id in order_ids]


def send_back(
    hub: Hub, order_ids: Sequence[int], tier: int, actor: str, reason: str, *, may: May = anything
) -> list[Outcome]:
    """A person's refusal with a reason; the order is held until somebody mends it and lifts the hold."""
    if not reason.strip():
        raise Invalid("reason", "a reason is needed", "say what must be mended")
    check_tier(tier)
    with hub.begin() as connection:
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        orders, refused = _look(batch, order_ids, tier, SEND_BACK, may)
        for order in orders:
            order.tiers_waiting, order.tiers_next = 0, ""
            move_review(batch, order, "send_back", tier=BY_BIT[tier].code, reason=reason)
            batch.place_hold(order, "sent_back", {"tier": BY_BIT[tier].code, "reason": reason[:200]})
        _write(batch, orders, tier, "sent_back", reason)
    return [_outcome(order_id, refused) for order_id in order_ids]


def check_tier(tier: int) -> None:
    """Refuse what is no tier."""
    if tier not in BY_BIT:
        raise Invalid("tier", f"{tier} is no review tier", "use 1, 2, 4 or 8")


def _look(
    batch: Batch, order_ids: Sequence[int], tier: int, verb: str, may: May
) -> tuple[list[OrderWork], dict[int, Refusal]]:
    """Lock and load the orders; (those that can be decided about, the refused ones)."""
    orders = {order.id: order for order in lock_orders(batch.connection, set(order_ids))}
    fill(batch, list(orders.values()))
    asking = Asking(batch.connection, batch.masters, batch.now, tier, batch.actor, may, verb)
    refused = asking.refusals([standing_of(order) for order in orders.values()])
    refused |= {order_id: GONE for order_id in order_ids if order_id not in orders}
    return [order for order in orders.values() if order.id not in refused], refused


def _outcome(order_id: int, refused: dict[int, Refusal]) -> Outcome:
    refusal = refused.get(order_id)
    return Outcome(order_id, refusal is None, refusal.words if refusal else "")


def _pass(batch: Batch, order: OrderWork, tier: int, reason: str, *, forced: bool) -> None:
    """The tier is content: the next one's turn comes, or the order goes on when it was the last."""
    order.tiers_waiting &= ~tier
    order.tiers_passed |= tier
    called_back = order.hold("manual")
    if called_back is not None and called_back.seen.get(PASSED_AGAIN) == BY_BIT[tier].code:
        batch.clear_hold(order, "manual", "passed again")
    if not order.tiers_waiting and order.tiers_next:
        order.tiers_waiting, order.tiers_next = int(order.tiers_next[0]), order.tiers_next[1:]
    told: dict[str, object] = {"tier": BY_BIT[tier].code}
    if reason and (forced or order.tiers_waiting):
        told["reason"] = reason[:500]
    if order.tiers_waiting:
        batch.note(order, "tier_forced" if forced else "tier_passed", told)
        return
    move_review(batch, order, "force_review" if forced else "pass_review", **told)
    order.ready_at = batch.now


def _write(
    batch: Batch, orders: Sequence[OrderWork], tier: int, verdict: str, reason: str, bulk_id: int | None = None
) -> None:
    """The decisions; nobody has to keep claimed what is decided."""
    copy_rows(batch.connection, "review_decision", DECISION, [
        (batch.new_id(), order.id, tier, verdict, batch.actor, "", order.paid_total, reason[:500], batch.now, bulk_id)
        for order in orders
    ])  # fmt: skip
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            "delete from review_claim where order_id = any(%s) and (tier = %s or %s)",
            (array_of(order.id for order in orders), tier, verdict == "sent_back"),
        )
    flush(batch)
