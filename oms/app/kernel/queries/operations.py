"""What the operations pages list: streams of shops, parked records, outbound rows, interceptions, stops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, text

from oms.app.kernel.queries.pages import Page, read_page
from oms.db.activity import EmergencyStop, Outbound, OutboundAttempt
from oms.db.capture import ParkedRecord
from oms.db.channels import Account, Shop, StreamCursor, SyncSchedule
from oms.db.fulfilments import Interception
from oms.db.orders import Order


def streams(connection: Connection, shop_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
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
    found: dict[int, list[Row[Any]]] = {}
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
    return dict(connection.execute(statement).tuples().all())


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


def outbound_of_order(connection: Connection, order_id: int, fulfilment_ids: Sequence[int]) -> list[Row[Any]]:
    """Everything that was or will be sent for an order and its fulfilments."""
    statement = (
        select(*Outbound.__table__.c, Account.name.label("account"))
        .join(Account, Account.id == Outbound.account_id, isouter=True)
        .where(or_(Outbound.order_id == order_id, Outbound.fulfilment_id.in_(fulfilment_ids)))
        .order_by(Outbound.id)
    )
    return list(connection.execute(statement))


def attempts(connection: Connection, outbound_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """The evidence of calls that did not simply succeed, newest first, by outbound row."""
    statement = (
        select(*OutboundAttempt.__table__.c)
        .where(OutboundAttempt.outbound_id.in_(outbound_ids))
        .order_by(OutboundAttempt.outbound_id, OutboundAttempt.id.desc())
    )
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.outbound_id, []).append(row)
    return found


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
        .where(Interception.ended_at.is_(None), Order.shop_id.in_(shop_ids))
    )
    return read_page(connection, statement, (Interception.asked_at.expression, Interception.id.expression), cursor)


def stops(connection: Connection, recent: int = 20) -> list[Row[Any]]:
    """Emergency stops in force, then the latest that ended."""
    statement = (
        select(*EmergencyStop.__table__.c)
        .order_by(EmergencyStop.ended_at.is_not(None), EmergencyStop.placed_at.desc())
        .limit(recent)
    )
    return list(connection.execute(statement))


_SCOPES = {
    "all": "true",
    "shop": "shop_id = :id",
    "stock_point": "stock_point_id = :id",
    "carrier": "carrier_id = :id",
}


def waiting_under(connection: Connection, scope: str, scope_id: int) -> int:
    """How many outbound rows wait within the scope of a stop."""
    statement = text(
        "select count(*) from outbound where state not in ('done', 'void') and state = 'waiting' "
        f"and {_SCOPES[scope]}"
    )
    return int(connection.execute(statement, {"id": scope_id} if scope != "all" else {}).scalar_one())


def lag_of(row: Row[Any], now: datetime) -> float | None:
    """Seconds since a stream was last pulled with success; None when it never was."""
    return None if row.last_success_at is None else (now - row.last_success_at).total_seconds()
