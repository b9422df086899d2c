"""Proof that nothing is missing: certificates of completeness, past windows pulled again, files imported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, one_of, pk, settings, small, starts, zero


class CompletenessCheck(Base):
    """完整性证书: the platform's list of a window, fetched anew by another list than capture uses, against ours."""

    __tablename__ = "completeness_check"
    __table_args__ = (
        one_of("state", ("waiting", "running", "done", "failed")),
        check("window_sane", "since_at < until_at"),
        Index("ix_completeness_check_open", "due_at", postgresql_where=text("state in ('waiting', 'running')")),
    )
    id: Mapped[int] = pk()
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    since_at: Mapped[datetime]
    until_at: Mapped[datetime]
    method: Mapped[str] = blank()  # Which list was used: list, count, bill.
    state: Mapped[str] = starts("waiting")
    cursor: Mapped[str] = blank()
    fence: Mapped[int] = zero()
    due_at: Mapped[datetime | None]
    listed: Mapped[int] = zero()
    matched: Mapped[int] = zero()
    missing: Mapped[int] = zero()
    extra: Mapped[int] = zero()
    differing: Mapped[int] = zero()
    pulled_again: Mapped[int] = zero()
    error: Mapped[str] = blank()
    asked_by: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()
    ended_at: Mapped[datetime | None]


class CompletenessRow(Base):
    """An order the platform's list named, or a difference found; matched rows go when the check is done."""

    __tablename__ = "completeness_row"
    __table_args__ = (one_of("kind", ("listed", "matched", "missing", "extra", "differing", "solved")),)
    check_id: Mapped[int] = mapped_column(ForeignKey("completeness_check.id", ondelete="cascade"), primary_key=True)
    external_no: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = starts("listed")
    seen: Mapped[dict[str, Any]] = settings()


class Backfill(Base):
    """补抓: one past window of a shop's stream, walked page by page beside the live stream."""

    __tablename__ = "backfill"
    __table_args__ = (
        one_of("state", ("waiting", "running", "done", "failed", "stopped")),
        check("window_sane", "since_at < until_at"),
        Index("ix_backfill_open", "due_at", postgresql_where=text("state in ('waiting', 'running')")),
    )
    id: Mapped[int] = pk()
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    since_at: Mapped[datetime]
    until_at: Mapped[datetime]
    state: Mapped[str] = starts("waiting")
    cursor: Mapped[str] = blank()
    fence: Mapped[int] = zero()
    due_at: Mapped[datetime | None]
    estimate: Mapped[int | None]
    documents: Mapped[int] = zero()
    failures: Mapped[int] = small()
    error: Mapped[str] = blank()
    asked_by: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()
    ended_at: Mapped[datetime | None]


class ImportBatch(Base):
    """A file that people uploaded; the same file twice adds nothing. Rows that failed are kept sealed."""

    __tablename__ = "import_batch"
    __table_args__ = (
        UniqueConstraint("kind", "shop_id", "content_hash", postgresql_nulls_not_distinct=True),
        one_of("kind", ("orders", "stock", "listings", "shipped")),
    )
    id: Mapped[int] = pk()
    kind: Mapped[str]
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shop.id"))
    file_name: Mapped[str]
    content_hash: Mapped[bytes]
    rows: Mapped[int] = zero()
    taken: Mapped[int] = zero()
    repeated: Mapped[int] = zero()
    failed: Mapped[int] = zero()
    data_key_id: Mapped[int | None]
    sealed_failures: Mapped[bytes | None]
    imported_by: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()


class Webhook(Base):
    """Where another system wants to be told of changes; the secret signs each message (Standard Webhooks)."""

    __tablename__ = "webhook"
    __table_args__ = (one_of("state", ("active", "paused")),)
    id: Mapped[int] = pk()
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shop.id"), index=True)
    url: Mapped[str]
    topics: Mapped[list[str]]
    sealed_secret: Mapped[bytes]
    secret_key_id: Mapped[str]
    state: Mapped[str] = starts("active")
    paused_reason: Mapped[str] = blank()
    created_by: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()


class WebhookMessage(Base):
    """One message to one webhook; no names, phones or streets are in it. Sent again until taken or given up."""

    __tablename__ = "webhook_message"
    __table_args__ = (
        UniqueConstraint("webhook_id", "key"),
        one_of("state", ("waiting", "sent", "dead")),
        Index("ix_webhook_message_due", "due_at", postgresql_where=text("state = 'waiting'")),
    )
    id: Mapped[int] = pk()
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="cascade"))
    key: Mapped[str]
    topic: Mapped[str]
    body: Mapped[dict[str, Any]] = settings()
    state: Mapped[str] = starts("waiting")
    attempts: Mapped[int] = small()
    due_at: Mapped[datetime] = now()
    claimed_until: Mapped[datetime | None]
    answer: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()
    sent_at: Mapped[datetime | None]
