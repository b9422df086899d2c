"""A webhook's secrets: a new one in place of the old, which goes on signing beside it for a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from oms.app.capture.webhooks.registering import find_webhook, secret_name
from oms.app.capture.webhooks.signing import new_secret
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.trail import leave_trail
from oms.db.bulk import psycopg_connection

#: How long receivers have to take the new secret over.
BOTH: Final = timedelta(days=1)


def rotate_secret(hub: Hub, shop_id: int, webhook_id: int, actor: str) -> str:
    """A new secret, told once; messages carry the signatures of both until BOTH has passed."""
    with hub.begin() as connection:
        find_webhook(connection, shop_id, webhook_id)
        ((sealed, key_id),) = fetch(
            connection, "select sealed_secret, secret_key_id from webhook where id = %s for update", (webhook_id,)
        )
        old = hub.keys.open_secret(sealed, key_id, secret_name(webhook_id)).decode().split()[0]
        secret, until = new_secret(), int((hub.clock() + BOTH).timestamp())
        kept = hub.keys.seal_secret(f"{secret} {old} {until}".encode(), secret_name(webhook_id))
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                "update webhook set sealed_secret = %s, secret_key_id = %s where id = %s",
                (kept, hub.keys.current, webhook_id),
            )
        leave_trail(hub, connection, "secret_rotated", actor, {"shop": shop_id, "webhook": webhook_id})
    return secret


def secrets_in(opened: str, now: datetime) -> list[str]:
    """The secrets that sign now: the newest first, and the one before while its day lasts."""
    newest, *before = opened.split()
    return [newest, before[0]] if before and now.timestamp() < int(before[1]) else [newest]
