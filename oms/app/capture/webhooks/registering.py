"""Who wants to be told what of a shop: making, changing and removing webhooks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.capture.webhooks.addresses import host_of
from oms.app.capture.webhooks.signing import new_secret
from oms.app.kernel.feed_reader import read_changes
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.trail import leave_trail
from oms.app.pipeline.stores.announcing import TOPIC
from oms.db.bulk import psycopg_connection
from oms.domain.errors import NotFound, NotPossible

#: What there is to be told of.
TOPICS: Final = ("order.changed", "shipment.created", "case.changed", TOPIC)
#: Where the announcing of a shop has come to in the change feed is kept beside the cursors of its streams.
STREAM: Final = "webhooks"
MOST: Final = 20
COLUMNS: Final = "id, shop_id, url, topics, state, paused_reason, created_by, created_at"


@dataclass(frozen=True, slots=True)
class Made:
    """A new webhook and its secret, which is told once."""

    id: int
    secret: str


def secret_name(webhook_id: int) -> str:
    """What a webhook's sealed secret is bound to."""
    return f"webhook {webhook_id}"


def add_webhook(hub: Hub, shop_id: int, url: str, topics: Collection[str], actor: str) -> Made:
    """Tell this address from now on; NotPossible when the shop has one with it already, or too many."""
    host_of(url, allow_private=hub.allow_private_addresses)
    with hub.begin() as connection:
        fetch(connection, "select id from shop where id = %s for update", (shop_id,))
        held = list_webhooks(connection, shop_id)
        if any(row["url"] == url for row in held):
            raise NotPossible("this shop has a webhook with this address", "change that one, or remove it first")
        if len(held) >= MOST:
            raise NotPossible(f"a shop has at most {MOST} webhooks", "remove one that is not needed")
        if not any(row["state"] == "active" for row in held):
            _begin_now(connection, shop_id)
        id_, secret = hub.ids.take(connection, 1)[0], new_secret()
        sealed = hub.keys.seal_secret(secret.encode(), secret_name(id_))
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """insert into webhook (id, shop_id, url, topics, sealed_secret, secret_key_id, created_by)
                   values (%s, %s, %s, %s, %s, %s, %s)""",
                (id_, shop_id, url, sorted(set(topics)), sealed, hub.keys.current, actor),
            )
        leave_trail(hub, connection, "webhook_made", actor, {"shop": shop_id, "webhook": id_})
    return Made(id_, secret)


def change_webhook(
    hub: Hub, shop_id: int, webhook_id: int, url: str, topics: Collection[str], *, paused: bool, actor: str = "system"
) -> None:
    """Give a webhook another address or other topics, pause it or let it go on; what waits for it is kept."""
    host_of(url, allow_private=hub.allow_private_addresses)
    with hub.begin() as connection:
        fetch(connection, "select id from shop where id = %s for update", (shop_id,))
        held = list_webhooks(connection, shop_id)
        if any(row["url"] == url and row["id"] != webhook_id for row in held):
            raise NotPossible("this shop has another webhook with this address", "change or remove that one")
        find_webhook(connection, shop_id, webhook_id)
        if not paused and not any(row["state"] == "active" for row in held):
            _begin_now(connection, shop_id)
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                "update webhook set url = %s, topics = %s, state = %s, paused_reason = %s where id = %s",
                (url, sorted(set(topics)), "paused" if paused else "active", "by hand" if paused else "", webhook_id),
            )
        leave_trail(hub, connection, "webhook_changed", actor, {"shop": shop_id, "webhook": webhook_id})


def remove_webhook(hub: Hub, shop_id: int, webhook_id: int, actor: str = "system") -> None:
    """Tell this address no more; its messages go, too."""
    with hub.begin() as connection:
        find_webhook(connection, shop_id, webhook_id)
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute("delete from webhook where id = %s", (webhook_id,))
        leave_trail(hub, connection, "webhook_removed", actor, {"shop": shop_id, "webhook": webhook_id})


def find_webhook(connection: Connection, shop_id: int, webhook_id: int) -> dict[str, Any]:
    """A webhook of this shop, or NotFound."""
    rows = _read(connection, "shop_id = %s and id = %s", (shop_id, webhook_id))
    if not rows:
        raise NotFound("there is no such webhook", "list the shop's webhooks")
    return rows[0]


def list_webhooks(connection: Connection, shop_id: int) -> list[dict[str, Any]]:
    """The webhooks of a shop with how many messages wait or were given up."""
    return _read(connection, "shop_id = %s", (shop_id,))


def _read(connection: Connection, condition: str, values: Sequence[int]) -> list[dict[str, Any]]:
    rows = fetch(
        connection,
        f"""select {COLUMNS}, (select count(*) from webhook_message m where m.webhook_id = webhook.id
              and m.state = 'waiting'), (select count(*) from webhook_message m where m.webhook_id = webhook.id
              and m.state = 'dead' and m.topic <> 'webhook.test') from webhook where {condition} order by id""",
        values,
    )
    names = (*COLUMNS.split(", "), "waiting", "dead")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _begin_now(connection: Connection, shop_id: int) -> None:
    """What happened before anybody wanted to know is not told."""
    cursor_text = read_changes(connection, [shop_id], "now").cursor
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into stream_cursor (shop_id, stream, cursor) values (%s, %s, %s)
               on conflict (shop_id, stream) do update set cursor = excluded.cursor""",
            (shop_id, STREAM, cursor_text),
        )
