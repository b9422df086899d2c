"""The trail of changes that people make to shops, accounts, keys and webhooks: who, when, which fields. No values."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, insert, select

from oms.app.kernel.hub import Hub
from oms.db.activity import Event

#: Events of no order carry this number; they are chained with all others of their day.
NO_ORDER: Final = 0
SHOWN: Final = 20


def leave_trail(hub: Hub, connection: Connection, kind: str, actor: str, detail: dict[str, Any]) -> None:
    """Note a change in the transaction that makes it; `detail` names what and which fields, never their values."""
    now = hub.clock()
    values = {
        "month": now.date().replace(day=1), "order_id": NO_ORDER, "id": hub.ids.take(connection, 1)[0],
        "kind": kind, "actor": actor, "at": now, "detail": detail,
    }  # fmt: skip
    connection.execute(insert(Event).values(**values))


def trail_of(connection: Connection, shop_id: int, account_id: int | None) -> list[Any]:
    """The last changes of a shop and its account, newest first: kind, actor, at, detail."""
    about: ColumnElement[bool] = Event.detail["shop"].as_integer() == shop_id
    if account_id is not None:
        about |= Event.detail["account"].as_integer() == account_id
    question = select(Event.kind, Event.actor, Event.at, Event.detail).where(Event.order_id == NO_ORDER, about)
    return list(connection.execute(question.order_by(Event.at.desc(), Event.id.desc()).limit(SHOWN)))


def differing(before: dict[str, Any], after: dict[str, Any]) -> Collection[str]:
    """The names of what is not the same any more."""
    return sorted(name for name, value in after.items() if before.get(name) != value)
