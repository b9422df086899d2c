"""Brings waiting messages to their webhooks: claimed, signed, posted outside of transactions, sent again or given up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from connectors.contract.errors import ConnectorError, RateLimited
from connectors.contract.http import Http
from oms.app.capture.webhooks.addresses import look_up
from oms.app.capture.webhooks.registering import find_webhook, secret_name
from oms.app.capture.webhooks.rotating import secrets_in
from oms.app.capture.webhooks.signing import headers_of
from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection

LIMIT = 20
THREADS = 8
#: What one webhook may have of a batch, and what it may have while a message that it did not take waits.
SHARE, SHARE_IN_TROUBLE = 5, 1
#: All of an attempt, however slowly the other side answers; a batch of them ends well before its claim does.
SECONDS = 10.0
CLAIM = timedelta(seconds=60)
#: Seconds until the next attempt, by the attempts so far; the last one counts for all later.
WAITS: Final = (5, 30, 120, 600, 1800, 3600, 7200)
GIVEN_UP_AFTER: Final = timedelta(days=1)
GONE = "http-410"
COLUMNS: Final = """m.id, m.webhook_id, w.shop_id, w.url, w.sealed_secret, w.secret_key_id, m.topic, m.body, m.attempts,
m.created_at"""

CLAIM_DUE: Final = """
with waiting as (select m.id, m.webhook_id, m.due_at, m.claimed_until,
    bool_or(m.answer <> '') over (partition by m.webhook_id) as in_trouble
  from webhook_message m join webhook w on w.id = m.webhook_id and w.state = 'active' where m.state = 'waiting'),
turns as (select id, due_at, in_trouble, row_number() over (partition by webhook_id order by due_at, id) as turn
  from waiting where due_at <= %s and (claimed_until is null or claimed_until < %s)),
picked as (select m.id from webhook_message m join turns t on t.id = m.id
  where t.turn <= case when t.in_trouble then %s else %s end
    and m.state = 'waiting' and (m.claimed_until is null or m.claimed_until < %s)
  order by t.due_at, m.id limit %s for update of m skip locked)
update webhook_message m set claimed_until = %s, attempts = m.attempts + 1 from picked p where m.id = p.id
returning m.id"""


@dataclass(frozen=True, slots=True)
class Message:
    """A claimed message with where it goes."""

    id: int
    webhook_id: int
    shop_id: int
    url: str
    sealed_secret: bytes
    secret_key_id: str
    topic: str
    body: dict[str, Any]
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an attempt ended; `answer` is a status or the kind of failure, never the other side's text."""

    is_taken: bool
    answer: str
    wait: float | None = None


def deliver_batch(hub: Hub, limit: int = LIMIT) -> int:
    """Send one batch of due messages, several at once; answers how many were claimed."""
    with hub.begin() as connection:
        messages = _claim(connection, hub.clock(), limit)
    if messages:
        with ThreadPoolExecutor(THREADS, thread_name_prefix="webhooks") as pool:
            list(pool.map(lambda message: _deliver(hub, message), messages))
    return len(messages)


def send_test(hub: Hub, shop_id: int, webhook_id: int) -> Delivery:
    """Send a message of topic webhook.test at once, also to a paused webhook, and say how it ended; only once."""
    with hub.begin() as connection:
        find_webhook(connection, shop_id, webhook_id)
        id_ = hub.ids.take(connection, 1)[0]
        body = orjson.dumps({"words": "the hub reaches this address"}).decode()
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """insert into webhook_message (id, webhook_id, key, topic, body, state, attempts, created_at)
                   values (%s, %s, %s, 'webhook.test', %s, 'dead', 1, %s)""",
                (id_, webhook_id, f"test:{id_}", body, hub.clock()),
            )
        (message,) = _read(connection, [id_])
    delivery = post(hub, message)
    with hub.begin() as connection:
        _settle(connection, message, "sent" if delivery.is_taken else "dead", delivery.answer, hub.clock())
    return delivery


def post(hub: Hub, message: Message) -> Delivery:
    """One attempt: any answer of 2xx takes the message."""
    place = look_up(message.url, allow_private=hub.allow_private_addresses)
    if place.trouble:
        return Delivery(False, place.trouble)
    opened = hub.keys.open_secret(message.sealed_secret, message.secret_key_id, secret_name(message.webhook_id)).decode()
    body = body_of(message)
    headers = headers_of(secrets_in(opened, hub.clock()), f"msg_{message.id}", int(hub.clock().timestamp()), body)
    try:
        http = Http(read_seconds=SECONDS, address=place.address, status_within=SECONDS)
        answer = http.post(message.url, body=body, headers=headers, writes=True)
    except RateLimited as error:
        return Delivery(False, error.code, error.retry_after)
    except ConnectorError as error:
        return Delivery(False, error.code)
    return Delivery(True, f"http-{answer.status}")


def body_of(message: Message) -> bytes:
    """What is posted: the same bytes in every attempt."""
    return orjson.dumps(
        {
            "type": message.topic,
            "timestamp": message.created_at.isoformat().replace("+00:00", "Z"),
            "shop_id": message.shop_id,
            "data": message.body,
        }
    )


def wait_after(attempts: int, chance: float) -> float:
    """Seconds until the next attempt, a fifth more or less by `chance` (0 to 1), so that many do not come together."""
    return WAITS[min(attempts, len(WAITS)) - 1] * (0.8 + 0.4 * chance)


def _claim(connection: Connection, now: datetime, limit: int) -> Sequence[Message]:
    """Claim what waits longest, of each webhook no more than its share, so that a slow one does not hold the others."""
    rows = fetch(connection, CLAIM_DUE, (now, now, SHARE_IN_TROUBLE, SHARE, now, limit, now + CLAIM))
    return _read(connection, [row[0] for row in rows]) if rows else ()


def _read(connection: Connection, ids: Sequence[int]) -> list[Message]:
    question = f"""select {COLUMNS} from webhook_message m join webhook w on w.id = m.webhook_id
                   where m.id = any(%s) order by m.id"""
    return [Message(*row) for row in fetch(connection, question, (list(ids),))]


def _deliver(hub: Hub, message: Message) -> None:
    delivery, now = post(hub, message), hub.clock()
    with hub.begin() as connection:
        if delivery.is_taken:
            _settle(connection, message, "sent", delivery.answer, now)
        elif delivery.answer == GONE:
            _settle(connection, message, "dead", delivery.answer, now)
            _pause(connection, message.webhook_id)
        elif now - message.created_at >= GIVEN_UP_AFTER:
            _settle(connection, message, "dead", delivery.answer, now)
            words = f"a webhook of shop {message.shop_id} took no message for a day: {delivery.answer}"
            raise_alert(connection, "webhook_dead", str(message.webhook_id), words)
        else:
            wait = delivery.wait if delivery.wait is not None else wait_after(message.attempts, random.random())  # noqa: S311 - no secret
            _settle(connection, message, "waiting", delivery.answer, now + timedelta(seconds=wait))


def _settle(connection: Connection, message: Message, state: str, answer: str, at: datetime) -> None:
    """Note how an attempt ended; `at` is when it was sent, or is due again."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update webhook_message set state = %s, answer = %s, claimed_until = null,
                 due_at = case when %s = 'waiting' then %s else due_at end,
                 sent_at = case when %s = 'sent' then %s end where id = %s""",
            (state, answer[:100], state, at, state, at, message.id),
        )


def _pause(connection: Connection, webhook_id: int) -> None:
    """An address that says it is gone for good is not asked again until a person lets it go on."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "update webhook set state = 'paused', paused_reason = %s where id = %s",
            ("the address answered 410: it is gone", webhook_id),
        )
