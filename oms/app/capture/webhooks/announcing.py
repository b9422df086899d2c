"""From the change feed to messages: what changed in a shop becomes a row for each webhook that wants to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from oms.app.capture.webhooks.registering import STREAM
from oms.app.kernel.feed_reader import read_changes
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.queries.results import cases_of, shipments_of, states_of
from oms.db.bulk import psycopg_connection

#: Changes of one shop in one transaction.
LIMIT = 200
#: (key, topic, what is told of it)
Message = tuple[str, str, dict[str, Any]]


def announce_next(hub: Hub) -> int:
    """Write the messages of every shop with webhooks, some changes each; answers how many changes were read."""
    with hub.engine.connect() as connection:
        shops = fetch(connection, "select distinct shop_id from webhook where state = 'active' and shop_id is not null")
    count = sum([_announce(hub, row[0]) for row in shops])
    if count:
        hub.poke("webhooks")
    return count


def _announce(hub: Hub, shop_id: int) -> int:
    """One shop's next changes; a worker that finds another at it leaves it alone."""
    with hub.begin() as connection:
        held = fetch(
            connection,
            "select cursor from stream_cursor where shop_id = %s and stream = %s for update skip locked",
            (shop_id, STREAM),
        )
        if not held:
            return 0
        changes = read_changes(connection, [shop_id], held[0][0], kind="order", limit=LIMIT)
        if not changes.rows:
            return 0
        order_ids = sorted({change.document_id for change in changes.rows})
        _write(connection, shop_id, list(_messages(connection, shop_id, order_ids)), hub.clock())
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                "update stream_cursor set cursor = %s where shop_id = %s and stream = %s",
                (changes.cursor, shop_id, STREAM),
            )
    return len(changes.rows)


def _messages(connection: Connection, shop_id: int, order_ids: Sequence[int]) -> Iterator[Message]:
    """What there is to tell of these orders; a message told before has the same key."""
    for row in states_of(connection, shop_id, order_ids):
        told = {"order_no": row.order_no, "order_id": row.order_id, "status": row.status, "phase": row.phase}
        yield f"order:{row.order_id}:{row.version}", "order.changed", told
    for row in shipments_of(connection, shop_id, order_ids):
        yield f"shipment:{row.parcel_id}:{row.order_id}:{row.waybill_no}", "shipment.created", shipment_body(row)
    for row in cases_of(connection, shop_id, order_ids):
        yield f"case:{row.case_id}:{row.version}:{row.answer_id or 0}", "case.changed", case_body(row)


def shipment_body(row: Any) -> dict[str, Any]:
    """What is told of a parcel."""
    return {
        "shipment_id": f"{row.parcel_id}-{row.order_id}",
        "order_no": row.order_no,
        "carrier": row.carrier,
        "waybill_no": row.waybill_no,
        "shipped_at": row.shipped_at,
        "items": row.items,
    }


def case_body(row: Any) -> dict[str, Any]:
    """What is told of a case."""
    return {
        "case_no": row.case_no,
        "order_no": row.order_no,
        "kind": row.kind,
        "review": row.review,
        "goods": row.goods,
        "money": row.money,
        "outcome": row.outcome,
        "currency": row.currency,
        "asked_amount": row.asked_amount,
        "agreed_amount": row.agreed_amount,
        "stopped": row.stopped,
    }


def _write(connection: Connection, shop_id: int, messages: Sequence[Message], now: datetime) -> None:
    if not messages:
        return
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into webhook_message (webhook_id, key, topic, body, due_at, created_at)
               select w.id, v.key, v.topic, v.body::jsonb, %s, %s
               from unnest(%s::text[], %s::text[], %s::text[]) as v(key, topic, body)
               join webhook w on w.shop_id = %s and w.state = 'active' and v.topic = any(w.topics)
               on conflict (webhook_id, key) do nothing""",
            (
                now,
                now,
                [key for key, _, _ in messages],
                [topic for _, topic, _ in messages],
                [orjson.dumps(told).decode() for _, _, told in messages],
                shop_id,
            ),
        )
