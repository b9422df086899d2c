"""What happened and what must go out: events, outbound rows, emergency stops, counters for screens."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, Month, blank, check, monthly, now, one_of, pk, settings, small, starts, zero
from oms.domain import lifecycle


class Event(Base):
    """操作日志: one thing that happened to an order. Append-only; `month` is the order's, so a timeline prunes."""

    __tablename__ = "event"
    __table_args__ = (monthly(),)
    month: Month = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    fulfilment_id: Mapped[int | None]
    actor: Mapped[str] = starts("system")
    at: Mapped[datetime]
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class Outbound(Base):
    """待推送: one effect on the outside world, committed with the change that caused it.

    It names documents; the payload is built at the call. `key` is the idempotency key. `unknown` is
    looked up before it is sent again; `stuck` waits for a person.
    """

    __tablename__ = "outbound"
    __table_args__ = (
        one_of("state", lifecycle.OUTBOUND.states),
        {"postgresql_with": {"fillfactor": "80"}},
    )
    id: Mapped[int] = pk()
    kind: Mapped[str]
    account_id: Mapped[int]
    state: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[int | None]
    fulfilment_id: Mapped[int | None]
    parcel_id: Mapped[int | None]
    shop_id: Mapped[int | None]
    stock_point_id: Mapped[int | None]
    carrier_id: Mapped[int | None]
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = now()
    due_at: Mapped[datetime | None]
    claim: Mapped[int | None]
    attempts: Mapped[int] = small()
    lookups: Mapped[int] = small()
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    code: Mapped[str] = blank()
    words: Mapped[str] = blank()


class OutboundAttempt(Base):
    """Evidence of one call that did not simply succeed. Append-only."""

    __tablename__ = "outbound_attempt"
    id: Mapped[int] = pk()
    outbound_id: Mapped[int]
    at: Mapped[datetime] = now()
    outcome: Mapped[str]
    code: Mapped[str] = blank()
    words: Mapped[str] = blank()
    milliseconds: Mapped[int] = small()


class EmergencyStop(Base):
    """紧急停发: nothing outbound in this scope while it is in force; released in stages of orders a minute."""

    __tablename__ = "emergency_stop"
    __table_args__ = (
        one_of("scope", ("all", "shop", "stock_point", "carrier")),
        check("per_minute_positive", "release_per_minute is null or release_per_minute > 0"),
    )
    id: Mapped[int] = pk()
    scope: Mapped[str]
    scope_id: Mapped[int] = zero()
    reason: Mapped[str]
    placed_at: Mapped[datetime] = now()
    placed_by: Mapped[str]
    releasing_at: Mapped[datetime | None]
    release_per_minute: Mapped[int | None]
    released: Mapped[int] = small()
    released_by: Mapped[str] = blank()
    ended_at: Mapped[datetime | None]


class WorkCount(Base):
    """Deltas of the numbers on tabs and menus, summed when read and folded by a job."""

    __tablename__ = "work_count"
    id: Mapped[int] = pk()
    queue: Mapped[str]
    shop_id: Mapped[int]
    delta: Mapped[int]


class AuditRoot(Base):
    """The hash that chains one day's committed events to the day before."""

    __tablename__ = "audit_root"
    day: Mapped[date] = mapped_column(primary_key=True)
    rows: Mapped[int]
    root: Mapped[bytes]
    made_at: Mapped[datetime] = now()


class StoredSetting(Base):
    """A setting of the hub that people change at run time."""

    __tablename__ = "stored_setting"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]] = settings()
    changed_at: Mapped[datetime] = now()
    changed_by: Mapped[str] = blank()


Index("ix_outbound_due", Outbound.account_id, Outbound.due_at, postgresql_where=text("due_at is not null"))
Index("ix_outbound_open", Outbound.state, Outbound.id, postgresql_where=text("state not in ('done', 'void')"))
Index("ix_outbound_fulfilment_id", Outbound.fulfilment_id)
Index("ix_outbound_order_id", Outbound.order_id, postgresql_where=text("order_id is not null"))
Index("ix_outbound_attempt_outbound_id", OutboundAttempt.outbound_id)
Index("ix_emergency_stop_open", EmergencyStop.scope, postgresql_where=text("ended_at is null"))
