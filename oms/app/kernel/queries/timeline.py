"""An order's timeline: its events, newest first, by who did them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, or_, select

from oms.app.kernel.queries.pages import AnyRow, AnySelect
from oms.db.activity import Event

#: Kinds of actors an event may name: a person, the hub itself, or the other side.
PEOPLE = "user:%"
OTHERS = ("platform%", "warehouse%", "carrier%", "buyer%")
SIZE = 100


def month_of(captured_at: datetime) -> date:
    """The month under which an order's events are kept."""
    return date(captured_at.year, captured_at.month, 1)


def read_timeline(connection: Connection, order_id: int, month: date, whose: str = "") -> list[AnyRow]:
    """The newest events of an order; `whose` is people, system, platform or empty for all."""
    statement = select(Event.id, Event.kind, Event.actor, Event.at, Event.detail, Event.fulfilment_id).where(
        Event.month == month, Event.order_id == order_id
    )
    statement = _by(statement, whose).order_by(Event.at.desc(), Event.id.desc()).limit(SIZE)
    return list(connection.execute(statement))


def _by(statement: AnySelect, whose: str) -> AnySelect:
    others = or_(*(Event.actor.like(pattern) for pattern in OTHERS))
    if whose == "people":
        return statement.where(Event.actor.like(PEOPLE))
    if whose == "platform":
        return statement.where(others)
    if whose == "system":
        return statement.where(~Event.actor.like(PEOPLE), ~others)
    return statement
