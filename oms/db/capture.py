"""What came from outside: data keys, raw documents, references to fetch, parked records, pushes, the change feed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from oms.db.base import Base, Month, blank, monthly, now, one_of, pk, settings, small, starts


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The column's type in DDL."""
        return "xid8"


class DataKey(Base):
    """A key that seals one order's receiver and documents, wrapped by a master key.

    An order's data key has the order's id; deleting the row erases the buyer everywhere.
    """

    __tablename__ = "data_key"
    id: Mapped[int] = pk()
    master_key_id: Mapped[str]
    wrapped: Mapped[bytes]


class RawDocument(Base):
    """原始报文: a document exactly as it came, compressed and sealed. Append-only."""

    __tablename__ = "raw_document"
    __table_args__ = (monthly(),)
    month: Month = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(primary_key=True)
    external_no: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    data_key_id: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(BYTEA)
    content_hash: Mapped[bytes]
    changed_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime]


class SeenKey(Base):
    """Keys of messages already taken in; expires on its own."""

    __tablename__ = "seen_key"
    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = now()
    expires_at: Mapped[datetime]


class PendingReference(Base):
    """A document known by number and still to be fetched; claimed by one worker at a time."""

    __tablename__ = "pending_reference"
    shop_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    external_no: Mapped[str] = mapped_column(primary_key=True)
    changed_at: Mapped[datetime | None]
    due_at: Mapped[datetime] = now()
    claim: Mapped[int | None]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = small()
    last_error: Mapped[str] = blank()
    noted_at: Mapped[datetime] = now()


class ParkedRecord(Base):
    """待处理: a document that could not be understood, with its reason and a retry."""

    __tablename__ = "parked_record"
    __table_args__ = (
        UniqueConstraint("shop_id", "kind", "external_no"),
        one_of("state", ("parked", "resolved", "discarded")),
    )
    id: Mapped[int] = pk()
    shop_id: Mapped[int]
    kind: Mapped[str]
    external_no: Mapped[str]
    data_key_id: Mapped[int]
    sealed: Mapped[bytes]
    content_hash: Mapped[bytes]
    changed_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime]
    field: Mapped[str] = blank()
    reason: Mapped[str]
    state: Mapped[str] = starts("parked")
    attempts: Mapped[int] = small(1)
    first_at: Mapped[datetime] = now()
    last_at: Mapped[datetime] = now()
    resolved_by: Mapped[str] = blank()


class PushMessage(Base):
    """A verified push or callback, stored before it is worked on; `key` makes a replay harmless."""

    __tablename__ = "push_message"
    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        one_of("state", ("new", "done", "failed")),
    )
    id: Mapped[int] = pk()
    account_id: Mapped[int]
    topic: Mapped[str]
    key: Mapped[str]
    number: Mapped[str] = blank()
    data_key_id: Mapped[int]
    sealed: Mapped[bytes]
    state: Mapped[str] = starts("new")
    received_at: Mapped[datetime] = now()
    due_at: Mapped[datetime] = now()
    done_at: Mapped[datetime | None]
    attempts: Mapped[int] = small()
    error: Mapped[str] = blank()


class RefusedPush(Base):
    """A count of pushes that were refused, by account and reason and day."""

    __tablename__ = "refused_push"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    day: Month = mapped_column(primary_key=True)
    count: Mapped[int] = small()
    last_at: Mapped[datetime] = now()


class ChangeFeed(Base):
    """Which document changed in which transaction, for everything that reads "since a cursor"."""

    __tablename__ = "change_feed"
    __table_args__ = (monthly(),)
    month: Month = mapped_column(primary_key=True)
    xid: Mapped[int] = mapped_column(Xid8, primary_key=True, server_default=text("pg_current_xact_id()"))
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    document_id: Mapped[int]
    shop_id: Mapped[int | None]


class Alert(Base):
    """Something people must know: an unknown platform value, a paused account, a lagging stream."""

    __tablename__ = "alert"
    __table_args__ = (UniqueConstraint("kind", "subject"), one_of("state", ("open", "closed")))
    id: Mapped[int] = pk()
    kind: Mapped[str]
    subject: Mapped[str]
    words: Mapped[str]
    detail: Mapped[dict[str, Any]] = settings()
    state: Mapped[str] = starts("open")
    count: Mapped[int] = small(1)
    first_at: Mapped[datetime] = now()
    last_at: Mapped[datetime] = now()


Index("ix_pending_reference_due", PendingReference.shop_id, PendingReference.due_at)
Index("ix_parked_record_open", ParkedRecord.last_at, postgresql_where=text("state = 'parked'"))
Index("ix_push_message_due", PushMessage.due_at, postgresql_where=text("state = 'new'"))
Index("ix_push_message_failed", PushMessage.received_at, postgresql_where=text("state = 'failed'"))
Index("ix_push_message_number", PushMessage.number, postgresql_where=text("number <> ''"))
