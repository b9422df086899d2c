"""Step 3 审核: rules say which of the four tiers must look; the rest passes by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fill, lock_orders
from oms.app.kernel.transition import move_review
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.decide import decide, record
from oms.app.rulebook.guarding import why_people
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain.errors import Invalid
from oms.domain.holds import Block
from oms.domain.review import BY_BIT, BY_CODE, bits_of, tiers_in, void_after

DECISION = ("id", "order_id", "tier", "verdict", "actor", "rule", "amount", "reason", "at")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order in a bulk action; `words` say why when it was not done."""

    order_id: int
    is_done: bool
    words: str = ""


def review(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Decide for orders that nobody has reviewed; those that wait for a person stay as they are."""
    for order in orders:
        if order.review != "none" or order.status != "open" or order.fulfiller != "us":
            continue
        if not order.demands or order.is_kept_from(Block.REVIEW):
            continue
        version_id, facts, verdict = decide(batch, order, batch.masters.shops[order.shop_id], "review")
        tiers = bits_of({str(a.params["tier"]) for a in verdict.actions if a.action == "send_to_tier"})
        if verdict.unhealthy or verdict.unknown:
            tiers |= BY_CODE["service"].bit
            batch.note(order, "rule_unhealthy", why_people(verdict))
        waiting = tiers & ~order.tiers_passed
        order.tiers_waiting = waiting
        move_review(batch, order, "ask_review" if waiting else "pass_review", rules=list(verdict.matched))
        word = ",".join(tier.code for tier in tiers_in(waiting)) or "passed"
        record(batch, order, "review", word, version_id=version_id, facts=facts, matched=verdict.matched)


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
        order.tiers_waiting = 0
        move_review(batch, order, "reset_review", change=change)


def pass_orders(
    hub: Hub, order_ids: Sequence[int], tier: int, actor: str, reason: str = "", *, forced: bool = False
) -> list[Outcome]:
    """A person's word that a tier is content with orders; the last tier lets an order go on."""
    if tier not in BY_BIT:
        raise Invalid("tier", f"{tier} is no review tier", "use 1, 2, 4 or 8")
    outcomes = []
    with hub.begin() as connection:
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        orders = {order.id: order for order in lock_orders(connection, order_ids)}
        fill(batch, list(orders.values()))
        rows = []
        for order_id in order_ids:
            order = orders.get(order_id)
            refusal = _why_not_pass(order, tier, forced=forced)
            if order is None or refusal:
                outcomes.append(Outcome(order_id, False, refusal))
                continue
            _pass(batch, order, tier, forced=forced)
            rows.append(_decision(batch, order, tier, "forced" if forced else "passed", reason))
            outcomes.append(Outcome(order_id, True))
        copy_rows(connection, "review_decision", DECISION, rows)
        flush(batch)
    hub.poke("advance")
    return outcomes


def _why_not_pass(order: OrderWork | None, tier: int, *, forced: bool) -> str:
    """The sentence that refuses a pass, empty when it is possible; forcing overrules holds, not the order's end."""
    if order is not None and order.status != "open":
        return f"the order is {order.status}"
    if order is None or order.review != "waiting" or not order.tiers_waiting & tier:
        return "not waiting at this tier any more"
    if order.is_kept_from(Block.REVIEW) and not forced:
        return "a hold keeps it from review; lift that first"
    return ""


def _pass(batch: Batch, order: OrderWork, tier: int, *, forced: bool) -> None:
    order.tiers_waiting &= ~tier
    order.tiers_passed |= tier
    if order.tiers_waiting:
        batch.note(order, "tier_passed", {"tier": BY_BIT[tier].code})
        return
    move_review(batch, order, "force_review" if forced else "pass_review", tier=BY_BIT[tier].code)
    order.ready_at = batch.now


def _decision(batch: Batch, order: OrderWork, tier: int, verdict: str, reason: str) -> tuple[object, ...]:
    return (batch.new_id(), order.id, tier, verdict, batch.actor, "", order.paid_total, reason[:500], batch.now)


def send_back(hub: Hub, order_ids: Sequence[int], tier: int, actor: str, reason: str) -> list[Outcome]:
    """A person's refusal with a reason; the order is held until somebody mends it and lifts the hold."""
    if not reason.strip():
        raise Invalid("reason", "a reason is needed", "say what must be mended")
    outcomes = []
    with hub.begin() as connection:
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        orders = {order.id: order for order in lock_orders(connection, order_ids)}
        fill(batch, list(orders.values()))
        rows = []
        for order_id in order_ids:
            order = orders.get(order_id)
            if order is not None and order.status != "open":
                outcomes.append(Outcome(order_id, False, f"the order is {order.status}"))
                continue
            if order is None or order.review != "waiting":
                outcomes.append(Outcome(order_id, False, "not waiting for review any more"))
                continue
            order.tiers_waiting = 0
            move_review(batch, order, "send_back", tier=BY_BIT[tier].code, reason=reason)
            batch.place_hold(order, "sent_back", {"tier": BY_BIT[tier].code, "reason": reason[:200]})
            rows.append(_decision(batch, order, tier, "sent_back", reason))
            outcomes.append(Outcome(order_id, True))
        copy_rows(connection, "review_decision", DECISION, rows)
        flush(batch)
    return outcomes
