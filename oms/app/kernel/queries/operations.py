"""What the operations pages list: streams of shops, parked records, outbound rows, interceptions, stops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select, text

from oms.app.kernel.queries.pages import AnyRow, Page, read_page
from oms.db.activity import EmergencyStop, Outbound, OutboundAttempt
from oms.db.capture import ParkedRecord, PushMessage
from oms.db.channels import Account, Shop, StreamCursor, SyncSchedule
from oms.db.fulfilments import Interception
from oms.db.orders import Order


def streams(connection: Connection, shop_ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    """Every stream of every shop that has a schedule or a cursor, by shop."""
    statement = (
        select(
            SyncSchedule.shop_id,
            SyncSchedule.stream,
            SyncSchedule.id.label("schedule_id"),
            SyncSchedule.every_s,
            SyncSchedule.is_enabled,
            SyncSchedule.version,
            StreamCursor.cursor,
            StreamCursor.last_started_at,
            StreamCursor.last_success_at,
            StreamCursor.last_error,
            StreamCursor.last_error_at,
            StreamCursor.failures,
            StreamCursor.paused_until,
            StreamCursor.documents,
            Account.state.label("account_state"),
            Account.paused_reason,
        )
        .join(Shop, Shop.id == SyncSchedule.shop_id)
        .join(Account, Account.id == Shop.account_id, isouter=True)
        .join(
            StreamCursor,
            and_(StreamCursor.shop_id == SyncSchedule.shop_id, StreamCursor.stream == SyncSchedule.stream),
            isouter=True,
        )
        .where(SyncSchedule.shop_id.in_(shop_ids))
        .order_by(SyncSchedule.shop_id, SyncSchedule.stream)
    )
    found: dict[int, list[AnyRow]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.shop_id, []).append(row)
    return found


def parked_by_shop(connection: Connection, shop_ids: Sequence[int]) -> dict[int, int]:
    """How many records are parked in each shop."""
    statement = (
        select(ParkedRecord.shop_id, func.count())
        .where(ParkedRecord.state == "parked", ParkedRecord.shop_id.in_(shop_ids))
        .group_by(ParkedRecord.shop_id)
    )
    return dict(connection.execute(statement).all())


def shops_of_parked(connection: Connection, ids: Sequence[int]) -> list[int]:
    """The shops that these parked records belong to."""
    return list(connection.execute(select(ParkedRecord.shop_id).where(ParkedRecord.id.in_(ids)).distinct()).scalars())


def shops_of_outbound(connection: Connection, ids: Sequence[int]) -> list[int]:
    """The shops that these outbound rows belong to; rows of no shop belong to none."""
    statement = select(Outbound.shop_id).where(Outbound.id.in_(ids), Outbound.shop_id.is_not(None)).distinct()
    return [shop_id for shop_id in connection.execute(statement).scalars() if shop_id is not None]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What narrows a list of trouble."""

    shop_id: int | None = None
    state: str = ""
    kind: str = ""


def parked(connection: Connection, shop_ids: Sequence[int], filters: Trouble, cursor: str) -> Page:
    """Records that could not be understood, newest first; never their bodies."""
    statement = select(
        ParkedRecord.id,
        ParkedRecord.shop_id,
        ParkedRecord.kind,
        ParkedRecord.external_no,
        ParkedRecord.field,
        ParkedRecord.reason,
        ParkedRecord.attempts,
        ParkedRecord.first_at,
        ParkedRecord.last_at,
        ParkedRecord.last_at.label("sort_at"),
    ).where(ParkedRecord.state == "parked", ParkedRecord.shop_id.in_(shop_ids))
    if filters.shop_id is not None:
        statement = statement.where(ParkedRecord.shop_id == filters.shop_id)
    return read_page(connection, statement, (ParkedRecord.last_at.expression, ParkedRecord.id.expression), cursor)


def failed_messages(connection: Connection, shop_ids: Sequence[int], most: int = 50) -> list[AnyRow]:
    """Pushes and callbacks that could not be worked on, newest first; never their bodies."""
    others = select(Shop.account_id).where(Shop.account_id.is_not(None), Shop.id.not_in(shop_ids))
    mine = select(Shop.account_id).where(Shop.account_id.is_not(None), Shop.id.in_(shop_ids))
    statement = (
        select(
            PushMessage.id,
            PushMessage.topic,
            PushMessage.number,
            PushMessage.error,
            PushMessage.received_at,
            Account.name.label("account"),
        )
        .join(Account, Account.id == PushMessage.account_id)
        .where(
            PushMessage.state == "failed",
            or_(PushMessage.account_id.in_(mine), PushMessage.account_id.not_in(others)),
        )
        .order_by(PushMessage.received_at.desc(), PushMessage.id.desc())
        .limit(most)
    )
    return list(connection.execute(statement))


def shops_of_messages(connection: Connection, ids: Sequence[int]) -> list[int]:
    """The shops whose accounts these messages came to; those to a warehouse or carrier belong to no shop."""
    statement = select(Shop.id).join(PushMessage, PushMessage.account_id == Shop.account_id)
    return list(connection.execute(statement.where(PushMessage.id.in_(ids)).distinct()).scalars())


#: What the outbound page shows unless told otherwise: what needs a person or is not certain.
STUCK = ("stuck", "refused", "unknown")


def outbound(connection: Connection, shop_ids: Sequence[int], filters: Trouble, cursor: str) -> Page:
    """Outbound rows in a state ("" means what needs people), newest first."""
    states = [filters.state] if filters.state else list(STUCK)
    statement = (
        select(*Outbound.__table__.c, Outbound.created_at.label("sort_at"), Account.name.label("account"))
        .join(Account, Account.id == Outbound.account_id, isouter=True)
        .where(Outbound.state.in_(states), or_(Outbound.shop_id.is_(None), Outbound.shop_id.in_(shop_ids)))
    )
    if not {"done", "void"}.intersection(states):
        statement = statement.where(text("outbound.state not in ('done', 'void')"))
    if filters.kind:
        statement = statement.where(Outbound.kind == filters.kind)
    return read_page(connection, statement, (Outbound.created_at.expression, Outbound.id.expression), cursor)


def outbound_of_order(connection: Connection, order_id: int, fulfilment_ids: Sequence[int]) -> list[AnyRow]:
    """Everything that was or will be sent for an order and its fulfilments."""
    statement = (
        select(*Outbound.__table__.c, Account.name.label("account"))
        .join(Account, Account.id == Outbound.account_id, isouter=True)
        .where(or_(Outbound.order_id == order_id, Outbound.fulfilment_id.in_(fulfilment_ids)))
        .order_by(Outbound.id)
    )
    return list(connection.execute(statement))


def attempts(connection: Connection, outbound_ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    """The evidence of calls that did not simply succeed, newest first, by outbound row."""
    statement = (
        select(*OutboundAttempt.__table__.c)
        .where(OutboundAttempt.outbound_id.in_(outbound_ids))
        .order_by(OutboundAttempt.outbound_id, OutboundAttempt.id.desc())
    )
    found: dict[int, list[AnyRow]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.outbound_id, []).append(row)
    return found


#: Attempts without an answer, and those that came too late until somebody took note.
UNSETTLED = or_(
    Interception.ended_at.is_(None),
    and_(Interception.state.in_(("failed", "expired")), Interception.acknowledged_by == ""),
)


def interceptions(connection: Connection, shop_ids: Sequence[int], cursor: str) -> Page:
    """Interceptions that are not settled, newest first."""
    statement = (
        select(
            *Interception.__table__.c,
            Interception.asked_at.label("sort_at"),
            Order.external_no,
            Order.shop_id,
        )
        .join(Order, Order.id == Interception.order_id)
        .where(UNSETTLED, Order.shop_id.in_(shop_ids))
    )
    return read_page(connection, statement, (Interception.asked_at.expression, Interception.id.expression), cursor)


def stop(connection: Connection, stop_id: int) -> AnyRow | None:
    """One emergency stop; None when there is none."""
    statement = select(EmergencyStop.id, EmergencyStop.scope, EmergencyStop.scope_id)
    return connection.execute(statement.where(EmergencyStop.id == stop_id)).one_or_none()


def stops(connection: Connection, recent: int = 20) -> list[AnyRow]:
    """Emergency stops in force, then the latest that ended."""
    statement = (
        select(*EmergencyStop.__table__.c)
        .order_by(EmergencyStop.ended_at.is_not(None), EmergencyStop.placed_at.desc())
        .limit(recent)
    )
    return list(connection.execute(statement))


def lag_of(row: AnyRow, now: datetime) -> float | None:
    """Seconds since a stream was last pulled with success; None when it never was."""
    return None if row.last_success_at is None else (now - row.last_success_at).total_seconds()
