"""What people decide about cases, on its way to the platform: built, looked up, sent, and what follows from the answer.

Deciding itself is a use case of oms.app.aftersales.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from connectors.contract.errors import Refused
from connectors.contract.families import Marketplace
from connectors.contract.notices import Receipt, RefundNotice, ShipmentNotice
from connectors.contract.records import RefundState
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_with_siblings
from oms.app.kernel.outbound import OutboundWork, Result, settle_outbound, void_on
from oms.app.kernel.rereading import ask_again
from oms.app.pipeline.outbound.calls import Void
from oms.app.pipeline.outbound.repayments import exchange_notice, note_sent, refund_notice, settle_refund
from oms.app.pipeline.repaid import count_repaid
from oms.db.bulk import psycopg_connection

MOVED: Final = "the case has moved on since it was decided; look at it and decide anew"
PAID: Final = frozenset({RefundState.SUCCEEDED, RefundState.CLOSED})
#: States that show that a request was agreed to, where the buyer was waiting for that.
AGREED: Final = PAID | {RefundState.AGREED, RefundState.RETURNED}
REFUSED: Final = frozenset({RefundState.REFUSED, RefundState.CLOSED})


@dataclass(frozen=True, slots=True)
class Decision:
    """What is told about a case: `verb` as in oms.app.aftersales.deciding; `state` is the one it was decided in.

    `notice` is the refund or the exchange's parcel, `looks_first` says that an earlier refund may have been paid.
    """

    case_no: str
    verb: str
    words: str
    facts: Mapping[str, str]
    state: RefundState
    has_moved: bool
    notice: RefundNotice | ShipmentNotice | None = None
    looks_first: bool = False
    allowed: frozenset[str] = frozenset()

    @property
    def done_in(self) -> frozenset[RefundState]:
        """States of the case that show that the platform has this decision."""
        if self.verb == "refuse":
            return REFUSED
        waited = self.verb == "agree" and self.state in (RefundState.NONE, RefundState.ASKED, RefundState.REFUSED)
        return AGREED if waited else PAID


def decision(connection: Connection, work: OutboundWork) -> Decision | Void:
    """The decision as it was taken; void when it was not sent yet and the case is another by now."""
    detail = work.detail or {}
    case_no, order_no, *now = fetch(
        connection,
        "select external_no, order_no, platform_state, changed_at, asked_amount from cases where id = %s",
        (detail["case_id"],),
    )[0]
    seen = [detail["state"], datetime.fromisoformat(detail["changed_at"]), int(detail["facts"]["amount"])]
    has_moved = now != seen
    if has_moved and work.was == "waiting":
        return Void(MOVED)
    notice: RefundNotice | ShipmentNotice | None = None
    if detail["verb"] == "refund":
        notice = refund_notice(connection, order_no, detail)
    elif detail["verb"] == "ship_exchange":
        notice = exchange_notice(order_no, detail, work.created_at)
    return Decision(
        case_no, detail["verb"], detail["words"], detail["facts"], RefundState(seen[0] or "none"), has_moved,
        notice, bool(detail.get("look_first")), frozenset(detail.get("allows", ())),
    )  # fmt: skip


def send_decision(market: Marketplace, told: Decision) -> Receipt:
    """Tell the platform; what was decided about another state of the case is not told."""
    if told.has_moved:
        raise Refused(MOVED, code="moved")
    if isinstance(told.notice, RefundNotice):
        return (market.find_refund(told.notice) if told.looks_first else None) or market.refund_case(told.notice)
    if told.notice is not None:
        return market.ship_exchange(told.case_no, told.notice)
    if told.verb == "goods_received":
        return market.goods_received(told.case_no, told.facts)
    return market.decide_case(told.case_no, told.verb == "agree", told.words, told.facts)


def find_decision(market: Marketplace, told: Decision) -> Receipt | None:
    """What a platform has says whether a lost answer was a success: a refund under its key, else the case read anew."""
    if isinstance(told.notice, RefundNotice):
        return market.find_refund(told.notice)
    if "get_case" not in market.capabilities():
        return None  # A platform whose cases cannot be read is one that comes to us: telling it twice is harmless.
    now = market.parse_case(market.get_case(told.case_no).body)
    is_done = now.state in told.done_in
    if told.verb == "ship_exchange":
        is_done = now.state in PAID or ("ship_exchange" in told.allowed and "ship_exchange" not in now.allows)
    return Receipt(told.case_no) if is_done else None


def after_decision(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    """Told: the case is read anew. Refused or overtaken: it is back with people, with the platform's words."""
    with hub.begin() as connection:
        if work.order_id is not None:
            lock_with_siblings(connection, [work.order_id])  # Orders before cases, as everywhere.
        if result.outcome == "done":
            _told(hub, connection, work, result.answer)
        elif result.outcome in ("refused", "void"):
            give_back(hub, connection, work.order_id, work.detail or {}, result.words, result.outcome)
        if result.outcome in ("unknown", "refused"):
            keep_taken(connection, work.id, result)
        settle_outbound(connection, work, result, hub.clock())
    return {"details"}


def keep_taken(connection: Connection, outbound_id: int, result: Result) -> None:
    """Keep by which reference to ask about what was taken; a refusal ends it, so that a new try is asked about itself."""
    with psycopg_connection(connection).cursor() as cursor:
        if isinstance(result.answer, Receipt):
            cursor.execute(
                "update outbound set detail = detail || jsonb_build_object('taken', %s::text) where id = %s",
                (result.answer.reference, outbound_id),
            )
        elif result.outcome == "refused":
            cursor.execute("update outbound set detail = detail - 'taken' where id = %s", (outbound_id,))


def _told(hub: Hub, connection: Connection, work: OutboundWork, answer: object) -> None:
    detail = work.detail or {}
    now = hub.clock()
    if detail["verb"] == "refund":
        reference = answer.reference if isinstance(answer, Receipt) else ""
        settle_refund(connection, detail, "done", reference, now)
    elif detail["verb"] == "ship_exchange":
        note_sent(connection, detail["case_id"])
    leave_step(connection, detail["case_id"], "platform", "", f"{detail['verb']}_told", "", {}, now)
    note_on(hub, connection, work.order_id, "platform", "case_told", {"case": detail["case_no"]})
    if detail["verb"] == "refund" and work.order_id is not None:
        count_repaid(connection, [work.order_id])
    card = hub.masters.get(connection, now).shops.get(work.shop_id or 0)
    vendor = hub.vendors.get(card.vendor) if card else None
    if vendor is not None and "get_case" in vendor.capabilities() and detail.get("origin") != "store":
        ask_again(connection, work.shop_id or 0, "case", [detail["case_no"]], now)


def give_back(
    hub: Hub, connection: Connection, order_id: int | None, detail: Mapping[str, Any], words: str, outcome: str
) -> None:
    """The decision is not in force: the case waits for people again, unless the platform has told something newer.

    Rules are not asked again about what the platform has just refused.
    """
    if detail["verb"] == "refund":
        settle_refund(connection, detail, outcome, "", hub.clock())
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update cases set version = version + 1, ruled_version = version + 1,
                 review = case when version = %s then %s else review end where id = %s""",
            (detail["version"], detail["before"], detail["case_id"]),
        )
    verb = f"{detail['verb']}_refused"
    leave_step(connection, detail["case_id"], "platform", "", verb, words, {}, hub.clock())
    told = {"case": detail["case_no"], "words": words}
    note_on(hub, connection, order_id, "platform", "case_decision_refused", told)


def withdraw(hub: Hub, outbound_id: int, actor: str, reason: str) -> int:
    """Give up a decision that is not being sent at this moment; answers how many rows that was."""
    with hub.begin() as connection:
        order_id, detail = fetch(connection, "select order_id, detail from outbound where id = %s", (outbound_id,))[0]
        fetch(connection, "select id from cases where id = %s for update", (detail["case_id"],))
        count = void_on(connection, [outbound_id], hub.clock(), actor, reason)
        if count:
            give_back(hub, connection, order_id, detail, reason, "void")
    return count


def leave_step(
    connection: Connection, case_id: int, kind: str, actor: str, action: str, words: str, evidence: Any, at: datetime
) -> None:
    """Append to the case's history 协商过程."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into case_step (case_id, actor_kind, actor, action, words, evidence, at)
               values (%s, %s, %s, %s, %s, %s::jsonb, %s)""",
            (case_id, kind, actor, action, words[:500], orjson.dumps(evidence).decode(), at),
        )


def note_on(
    hub: Hub, connection: Connection, order_id: int | None, actor: str, kind: str, detail: dict[str, Any]
) -> None:
    """An event on the case's order, which thereby is in the change feed; a case without an order has none."""
    if order_id is None:
        return
    now = hub.clock()
    batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
    fill(batch, lock_with_siblings(connection, [order_id]))
    batch.note(batch.orders[order_id], kind, detail)
    flush(batch)
