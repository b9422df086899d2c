"""Outbound rows: claimed in short transactions, called outside of any, settled with their consequence.

A row goes waiting → sending → done; a lost answer makes it unknown, and it is looked up before it is sent
again. What fails in passing is tried again with growing pauses, for some half an hour at a warehouse, for a day
where a platform is only told something. Refused and stuck rows wait for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection

COLUMNS = """id, kind, account_id, state, key, order_id, fulfilment_id, parcel_id, shop_id, stock_point_id, carrier_id, \
detail, attempts, lookups, created_at"""
RETURNED = ", ".join("due.was" if name == "state" else f"o.{name}" for name in COLUMNS.replace("\n", " ").split(", "))
#: A claimed row whose worker died is taken up again after this long, as of unknown outcome.
CLAIM = timedelta(seconds=50)
FIRST_WAIT = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a call is tried before it is stuck, and the longest pause between two tries."""

    tries: int
    longest_wait: timedelta

    def wait_after(self, attempts: int) -> timedelta:
        """The pause after so many tries: twice the one before, up to the longest."""
        doubled: timedelta = FIRST_WAIT * (1 << min(max(0, attempts - 1), 30))
        return min(doubled, self.longest_wait)


#: Goods wait for the answer, so people hear of it after 37 minutes.
SOON_STUCK: Final = Patience(12, timedelta(minutes=10))
#: What has happened is only told, so an outage of a night passes without people: just over 24 hours.
DAY_LONG: Final = Patience(60, timedelta(minutes=30))
PATIENCE: Final = dict.fromkeys(("push_shipment", "confirm_interception", "decide_case", "subscribe_parcel"), DAY_LONG)


def patience_of(kind: str) -> Patience:
    """How long a row of this kind is tried."""
    return PATIENCE.get(kind, SOON_STUCK)


@dataclass(slots=True)
class OutboundWork:
    """A claimed row. `was` is the state it was claimed from: unknown must be looked up first."""

    id: int
    kind: str
    account_id: int
    was: str
    key: str
    order_id: int | None
    fulfilment_id: int | None
    parcel_id: int | None
    shop_id: int | None
    stock_point_id: int | None
    carrier_id: int | None
    detail: dict[str, Any] | None
    attempts: int
    lookups: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """How a call ended: done, retry, unknown, refused, void because the documents have moved on, or kept by a stop.

    `answer` is what the other side gave back. What `counts` brings the row nearer to being stuck: not that an
    account is paused or the other side asks for fewer calls.
    """

    outcome: str
    words: str = ""
    code: str = ""
    wait: float | None = None
    answer: Any = None
    counts: bool = True


def claim_outbound(connection: Connection, now: datetime, limit: int, accounts_busy: Sequence[int]) -> list[OutboundWork]:
    """Claim due rows of accounts that are not busy here. A row found sending was lost by a dead worker: unknown.

    Accounts take turns, so that one with much to send, or one that does not answer, leaves room for the others.
    """
    rows = fetch(
        connection,
        f"""with found as materialized (
              select o.* from account a cross join lateral (
                select id, account_id, state, due_at from outbound where account_id = a.id and due_at <= %s
                order by due_at limit %s for update skip locked) o
              where a.state = 'active' and not a.id = any(%s)),
            turns as (select *, row_number() over (partition by account_id order by due_at, id) as turn from found),
            due as (select id, case when state = 'sending' then 'unknown' else state end as was from turns
              order by turn, due_at limit %s)
            update outbound o set state = 'sending', due_at = %s, attempts = attempts + 1, sent_at = %s
            from due where o.id = due.id
            returning {RETURNED}""",
        (now, limit, list(accounts_busy), limit, now + CLAIM, now),
    )
    return [OutboundWork(*row) for row in rows]


STATES = {"done": "done", "retry": "waiting", "unknown": "unknown", "refused": "refused", "void": "void"}


def settle_outbound(connection: Connection, work: OutboundWork, result: Result, now: datetime) -> str:
    """Write how a call ended and answer its state; a failure leaves evidence and a next time, or waits for a person."""
    state, due = work.was if result.outcome == "kept" else STATES[result.outcome], None
    if result.outcome != "kept" and state in ("waiting", "unknown"):
        patience = patience_of(work.kind)
        if result.counts and work.attempts >= patience.tries:
            state = "stuck"
        elif result.wait is not None:
            due = now + timedelta(seconds=result.wait)
        else:
            due = now + patience.wait_after(work.attempts)
    is_unsent = work.was == "waiting" and work.attempts == 1 and not result.counts
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update outbound set state = %s, due_at = %s, done_at = case when %s = 'done' then %s end,
                 attempts = attempts - %s, sent_at = case when %s then null else sent_at end,
                 code = %s, words = %s where id = %s and state = 'sending' and attempts = %s""",
            (state, due, state, now, int(not result.counts), is_unsent, result.code[:100], result.words[:500], work.id,
             work.attempts),
        )  # fmt: skip
        if result.outcome != "done":
            cursor.execute(
                "insert into outbound_attempt (outbound_id, at, outcome, code, words) values (%s, %s, %s, %s, %s)",
                (work.id, now, result.outcome, result.code[:100], result.words[:500]),
            )
    return state


def retry(hub: Hub, ids: Sequence[int], actor: str) -> int:
    """Send refused, stuck or unknown rows again; unless it was plainly refused, what was called is looked up first."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """with chosen as (update outbound set state =
                   case when state = 'refused' or sent_at is null then 'waiting' else 'unknown' end,
                 due_at = %s, attempts = 0 where id = any(%s) and state in ('refused', 'stuck', 'unknown')
                 returning id)
               insert into outbound_attempt (outbound_id, at, outcome, words)
               select id, %s, 'retried by a person', %s from chosen""",
            (hub.clock(), list(ids), hub.clock(), actor),
        )
        count = cursor.rowcount
    hub.poke("outbound")
    return count


def void(hub: Hub, ids: Sequence[int], actor: str, reason: str) -> int:
    """Give rows up that no fulfilment waits for; pipeline.voiding knows what the others need."""
    with hub.begin() as connection:
        rows = fetch(
            connection,
            """select id from outbound where id = any(%s)
               and (kind not in ('create_fulfilment', 'cancel_fulfilment') or state = 'refused') for update""",
            (list(ids),),
        )
        return void_on(connection, [row[0] for row in rows], hub.clock(), actor, reason)


def void_on(connection: Connection, ids: Sequence[int], now: datetime, actor: str, reason: str) -> int:
    """The same for any kind of row, in the transaction that moves its documents; rows being called stay."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """with chosen as (update outbound set state = 'void', due_at = null, words = %s
                 where id = any(%s) and state in ('waiting', 'refused', 'stuck', 'unknown') returning id)
               insert into outbound_attempt (outbound_id, at, outcome, words)
               select id, %s, 'void', %s from chosen""",
            (reason[:500], list(ids), now, f"{actor}: {reason}"[:500]),
        )
        return cursor.rowcount
