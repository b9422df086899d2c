"""How notices are sent: the calls of their rows, looked up by our number when an answer was lost, and what follows."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from connectors.contract.families import Connector
from connectors.contract.geocoding import MessageFound
from connectors.contract.notices import Receipt
from connectors.contract.telling import Notifier
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import OutboundWork, Result, settle_outbound
from oms.app.pipeline.stores.notices import Message
from oms.db.bulk import copy_rows

KIND: Final = "notify"
EVENT: Final = ("month", "order_id", "id", "kind", "fulfilment_id", "actor", "at", "detail")


def send(connector: Connector, message: Message) -> Receipt:
    """Send one message."""
    return _notifier(connector).notify(message.to, message.template, message.values, message.key, words=message.words)


def look_up(connector: Connector, message: Message) -> MessageFound | None:
    """What became of it; None when the vendor knows nothing of it, so that it is sent again."""
    return _notifier(connector).find_message(message.to, message.key, message.sent_at)


def after(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    """The order's timeline says that its buyer was told, or was not."""
    with hub.begin() as connection:
        if result.outcome in ("done", "refused") and work.order_id is not None:
            is_failed = isinstance(result.answer, MessageFound) and result.answer.state == "failed"
            kind = "notice_sent" if result.outcome == "done" and not is_failed else "notice_failed"
            _note(hub, connection, work, kind)
        settle_outbound(connection, work, result, hub.clock())
    return set()


def _note(hub: Hub, connection: Connection, work: OutboundWork, kind: str) -> None:
    question = "select date_trunc('month', captured_at)::date from orders where id = %s"
    rows = fetch(connection, question, (work.order_id,))
    if rows:
        detail = {"event": (work.detail or {}).get("event", "")}
        row = (rows[0][0], work.order_id, hub.ids.take(connection, 1)[0], kind, work.fulfilment_id, "system",
               hub.clock(), detail)  # fmt: skip
        copy_rows(connection, "event", EVENT, [row])


def _notifier(connector: Connector) -> Notifier:
    if not isinstance(connector, Notifier):
        raise TypeError("the account is not a notifier's")
    return connector
