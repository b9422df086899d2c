"""Taking back what a person did by mistake, while nothing of the order has left: a lifted hold, a passed review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson
from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_with_siblings
from oms.app.kernel.queries.reviewers import PASSES
from oms.app.kernel.transition import move_review
from oms.app.kernel.work import HoldWork, OrderWork
from oms.app.pipeline.reviewing.guard import May, anything
from oms.app.pipeline.reviewing.passing import DECISION, Outcome, check_tier
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible
from oms.domain.holds import CLOSED, KINDS, Back
from oms.domain.phase import LIVE_BEYOND_PLAN
from oms.domain.review import BY_BIT, PASSED_AGAIN, tiers_in

#: A hold that a person has lifted; what clears by itself or with its order is nobody's mistake.
LIFTED: Final = """
select order_id, kind, blocks, clears, seen from hold where id = %s and cleared_at is not null
and cleared_by <> all(array['system', 'platform']) and clear_reason <> %s"""
REOPEN: Final = """
update hold set cleared_at = null, cleared_by = '', clear_reason = '', seen = %s::jsonb where id = %s"""
PASSED: Final = """
select distinct order_id from review_decision where order_id = any(%s) and tier = %s
and verdict in ('passed', 'forced') and invalidated_at is null and (bulk_id = %s or %s)"""
REVOKE: Final = """
update review_decision set invalidated_at = %s, invalidated_by = 'revoked'
where order_id = any(%s) and tier = %s and verdict in ('passed', 'forced') and invalidated_at is null"""


def hold_again(hub: Hub, hold_id: int, actor: str, reason: str) -> int:
    """Open a hold again that a person has lifted; answers the order's id.

    What a warehouse has is called back: by the hold itself, else by one by hand. Lines that were counted as shipped
    elsewhere when it was lifted are open again.
    """
    _require(reason)
    with hub.begin() as connection:
        rows = fetch(connection, LIFTED, (hold_id, CLOSED))
        if not rows:
            raise NotFound("nobody has lifted this hold", "reload the page")
        order_id, kind, blocks, clears, seen = rows[0]
        batch = _batch(hub, connection, [order_id], actor)
        order = batch.orders[order_id]
        if order.hold(kind) is not None:
            raise NotPossible("it is on hold again already")
        why = _why_not(order)
        if why:
            raise NotPossible(why, "intercept the parcel or open a case")
        elsewhere = {int(id_): units for id_, units in seen.pop("elsewhere", {}).items()}
        _reopen(batch, order, HoldWork(hold_id, order_id, kind, blocks, clears, seen), reason)
        _open_lines(batch, order, elsewhere)
        if kind == "sent_back":
            _send_back_again(batch, order, reason)
        _call_back(batch, order, reason, does_itself=KINDS[kind].calls_back is not Back.NOTHING)
        order.ready_at = batch.now
        flush(batch)
    hub.poke("advance")
    return int(order_id)


def take_pass_back(
    hub: Hub,
    order_ids: Sequence[int],
    tier: int,
    actor: str,
    reason: str,
    *,
    may: May = anything,
    bulk_id: int | None = None,
) -> list[Outcome]:
    """Take back that a person passed orders at a tier: they wait there again; what a warehouse has is called back.

    With `bulk_id` only what that click on many passed.
    """
    _require(reason)
    check_tier(tier)
    with hub.begin() as connection:
        batch = _batch(hub, connection, order_ids, actor)
        told = (list(order_ids), tier, bulk_id, bulk_id is None)
        passed = {order_id for (order_id,) in fetch(connection, PASSED, told)}
        refusals = {id_: _why_not_back(batch.orders.get(id_), tier, id_ in passed, may) for id_ in order_ids}
        done = [id_ for id_, why in refusals.items() if not why]
        rows = []
        for order_id in done:
            order = batch.orders[order_id]
            _wait_again(batch, order, tier, reason)
            _call_back(batch, order, reason, does_itself=False, tier=tier)
            order.ready_at = batch.now
            rows.append((batch.new_id(), order_id, tier, "revoked", actor, "", order.paid_total, reason[:500], batch.now,
                         bulk_id))  # fmt: skip
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(REVOKE, (batch.now, done, tier))
        copy_rows(connection, "review_decision", DECISION, rows)
        flush(batch)
    hub.poke("advance")
    stopping = {id_ for id_ in done if _is_on_its_way(batch.orders[id_])}
    return [Outcome(id_, not why, why, is_stopping=id_ in stopping) for id_, why in refusals.items()]


def _require(reason: str) -> None:
    if not reason.strip():
        raise Invalid("reason", "a reason is needed", "say what was wrong")


def _batch(hub: Hub, connection: Connection, order_ids: Sequence[int], actor: str) -> Batch:
    batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
    fill(batch, lock_with_siblings(connection, list(order_ids)))
    return batch


def _why_not(order: OrderWork) -> str:
    """The sentence that refuses, empty while nothing has left."""
    if order.status not in ("unpaid", "open"):
        return f"the order is {order.status}"
    has_left = any(line.shipped for line in order.lines) or any(demand.shipped for demand in order.demands)
    return "goods of it have left already" if has_left else ""


def _why_not_back(order: OrderWork | None, tier: int, is_passed: bool, may: May) -> str:
    if order is not None and not may(PASSES, order.shop_id):
        return f"the permission {PASSES} is missing for this shop"
    if order is None or not is_passed or not order.tiers_passed & tier or order.review not in ("waiting", "passed"):
        return "nobody has passed it at this tier"
    return _why_not(order)


def _reopen(batch: Batch, order: OrderWork, hold: HoldWork, reason: str) -> None:
    """The very row opens again, so that it never counts as lifted; the timeline keeps both."""
    order.holds.append(hold)
    batch.note(order, "held_again", {"kind": hold.kind, "reason": reason[:500]})
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(REOPEN, (orjson.dumps(hold.seen).decode(), hold.id))


def _open_lines(batch: Batch, order: OrderWork, elsewhere: dict[int, int]) -> None:
    """Units that were counted as shipped elsewhere are to be sent again; their demands are made anew."""
    for line in order.lines:
        if line.id in elsewhere and not line.is_void:
            line.cancelled = max(0, line.cancelled - elsewhere[line.id])
            batch.touched_lines[line.id] = line


def _send_back_again(batch: Batch, order: OrderWork, reason: str) -> None:
    if order.review == "none":
        move_review(batch, order, "ask_review")
    order.tiers_waiting, order.tiers_next = 0, ""
    move_review(batch, order, "send_back", reason=reason[:500])


def _wait_again(batch: Batch, order: OrderWork, tier: int, reason: str) -> None:
    """Where tiers look in order, those that have begun meanwhile wait until this one is content again."""
    order.tiers_passed &= ~tier
    if batch.masters.shops[order.shop_id].plan.order:
        order.tiers_next = "".join(str(one.bit) for one in tiers_in(order.tiers_waiting)) + order.tiers_next
        order.tiers_waiting = tier
    else:
        order.tiers_waiting |= tier
    told = {"tier": BY_BIT[tier].code, "reason": reason[:500]}
    if order.review == "passed":
        move_review(batch, order, "revoke_review", **told)
    else:
        batch.note(order, "revoke_review", told)


def _call_back(batch: Batch, order: OrderWork, reason: str, *, does_itself: bool, tier: int = 0) -> None:
    """Only a hold calls back what is on its way to a warehouse, or there; one for a tier ends when that passes again."""
    if not does_itself and _is_on_its_way(order):
        batch.place_hold(order, "manual", {"reason": reason[:200], **({PASSED_AGAIN: BY_BIT[tier].code} if tier else {})})


def _is_on_its_way(order: OrderWork) -> bool:
    return any(work.status in LIVE_BEYOND_PLAN for work in order.fulfilments)
