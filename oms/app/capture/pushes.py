"""Receives pushes and callbacks: verified on the raw bytes, stored sealed, answered; worked on afterwards."""

from __future__ import annotations

from datetime import date

import orjson
from sqlalchemy import Connection

from connectors.contract.errors import BadRecord, BadSignature, NotSupported, Retryable
from connectors.contract.families import Connector
from connectors.contract.notices import PushAnswer, PushEnvelope, PushRequest
from oms.app.kernel.connectors import AccountPaused, connector_on
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection

UNKNOWN = PushAnswer(b"unknown address", "text/plain; charset=utf-8", 404)
LATER = PushAnswer(b"try again later", "text/plain; charset=utf-8", 503)
PAUSED = PushAnswer(b"paused", "text/plain; charset=utf-8", 503)


def receive(hub: Hub, family: str, vendor: str, token: str, push: PushRequest) -> PushAnswer:
    """Answer a push byte for byte as its sender wants; a replay is answered like the first time and changes nothing.

    What is not genuine is refused in the vendor's own way and counted. Folder names are accepted as the family.
    """
    with hub.begin() as connection:
        account_id = _account_id(connection, family, vendor, token)
        if account_id is None:
            return UNKNOWN
        try:
            connector = connector_on(hub, connection, account_id=account_id)
        except AccountPaused:
            return PAUSED
        answer = _take(hub, connection, connector, account_id, push)
    hub.poke("messages")
    return answer


def refuse(hub: Hub, family: str, vendor: str, token: str, words: str) -> PushAnswer:
    """Refuse a push that was not even read, in the vendor's own way, and count it."""
    with hub.begin() as connection:
        account_id = _account_id(connection, family, vendor, token)
        if account_id is None:
            return UNKNOWN
        count_refused(connection, account_id, words, hub.clock().date())
        try:
            return connector_on(hub, connection, account_id=account_id).refuse_push(words)
        except AccountPaused:
            return PAUSED


def _account_id(connection: Connection, family: str, vendor: str, token: str) -> int | None:
    rows = fetch(
        connection,
        "select id from account where push_token = %s and vendor = %s and family = %s",
        (token, vendor, family.removesuffix("s")),
    )
    return int(rows[0][0]) if rows else None


def _take(hub: Hub, connection: Connection, connector: Connector, account_id: int, push: PushRequest) -> PushAnswer:
    try:
        envelope = connector.verify_push(push)
    except Retryable:  # Some platforms' keys must be fetched first; the sender tries again.
        return LATER
    except (BadSignature, BadRecord, NotSupported) as error:
        count_refused(connection, account_id, error.words, push.received_at.date())
        return connector.refuse_push(error.words)
    store_push(hub, connection, account_id, envelope, push)
    return envelope.answer


def count_refused(connection: Connection, account_id: int, reason: str, day: date) -> None:
    """Count a push that is not kept, by its account, reason and day."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into refused_push (account_id, reason, day, count) values (%s, %s, %s, 1)
               on conflict (account_id, reason, day) do update set count = refused_push.count + 1, last_at = now()""",
            (account_id, reason[:100], day),
        )


def store_push(hub: Hub, connection: Connection, account_id: int, envelope: PushEnvelope, push: PushRequest) -> None:
    """Keep a verified push, sealed, for the inbox to work on; one whose key is kept already changes nothing."""
    id_ = hub.ids.take(connection, 1)[0]
    key, wrapped = hub.keys.new_data_key(id_)
    kept = orjson.dumps(
        {
            "method": push.method,
            "path": push.path,
            "query": dict(push.query),
            "headers": {name.lower(): value for name, value in push.headers.items() if name.lower() in KEPT_HEADERS},
            "body": push.body.hex(),
        }
    )
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """with message as (
                 insert into push_message (id, account_id, topic, key, number, data_key_id, sealed, received_at, due_at)
                 values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
                 on conflict (account_id, key) do nothing returning data_key_id)
               insert into data_key (id, master_key_id, wrapped) select data_key_id, %s, %s from message""",
            (id_, account_id, envelope.topic, envelope.key, envelope.number, id_, key.seal(kept), push.received_at,
             push.received_at, hub.keys.current, wrapped),
        )  # fmt: skip


KEPT_HEADERS = ("content-type", "content-encoding")
