"""What was brought to a webhook and what was not, and bringing it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.capture.webhooks.registering import find_webhook
from oms.app.kernel.hub import Hub

SHOWN: Final = 100
_LIST = text(
    """select id, topic, state, attempts, answer, due_at, created_at, sent_at,
         coalesce(body ->> 'order_no', body ->> 'case_no', '') as number
       from webhook_message where webhook_id = :webhook order by (state = 'dead') desc, id desc limit :most"""
)
_AGAIN = text(
    """update webhook_message set state = 'waiting', due_at = :now, attempts = 0, claimed_until = null
       where webhook_id = :webhook and id = any(:ids) and topic <> 'webhook.test'
         and (state = 'dead' or state = 'waiting')"""
)


def list_deliveries(connection: Connection, webhook_id: int) -> list[Any]:
    """The last messages of a webhook, those given up first."""
    return list(connection.execute(_LIST, {"webhook": webhook_id, "most": SHOWN}))


def send_again(hub: Hub, shop_id: int, webhook_id: int, message_ids: Sequence[int]) -> int:
    """Let messages that were given up, or wait long, go at once; answers how many.

    What was given up keeps its day of attempts behind it: when it fails once more it is given up again.
    """
    with hub.begin() as connection:
        find_webhook(connection, shop_id, webhook_id)
        values = {"now": hub.clock(), "webhook": webhook_id, "ids": list(message_ids)}
        count = connection.execute(_AGAIN, values).rowcount
    hub.poke("webhooks")
    return count
