"""Backtests 回测: a draft against what is in force, over past orders, and the orders it would change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, one_of, pk, settings, small, starts, texts, zero


class Backtest(Base):
    """One run; `question` holds its filters, `counts` what came out by kind of change and money."""

    __tablename__ = "backtest"
    __table_args__ = (
        one_of("state", ("waiting", "running", "done", "failed", "stopped")),
        check("period", "from_at < until_at"),
    )
    id: Mapped[int] = pk()
    rule_set_id: Mapped[int] = mapped_column(ForeignKey("rule_set.id"))
    version_id: Mapped[int]
    body: Mapped[dict[str, Any]] = settings()
    against_id: Mapped[int | None]
    stage: Mapped[str]
    question: Mapped[dict[str, Any]] = settings()
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    state: Mapped[str] = starts("waiting")
    total: Mapped[int] = zero()
    done: Mapped[int] = zero()
    reached: Mapped[int] = zero()
    attempts: Mapped[int] = small()
    counts: Mapped[dict[str, Any]] = settings()
    error: Mapped[str] = blank()
    created_by: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]


class BacktestChange(Base):
    """An order that the draft decides otherwise, or cannot be compared; `person` is what people then did with it."""

    __tablename__ = "backtest_change"
    backtest_id: Mapped[int] = mapped_column(ForeignKey("backtest.id", ondelete="cascade"), primary_key=True)
    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    before: Mapped[str] = blank()
    after: Mapped[str] = blank()
    rules_before: Mapped[list[str]] = texts()
    rules_after: Mapped[list[str]] = texts()
    person: Mapped[str] = blank()
    amount: Mapped[int] = zero()
    currency: Mapped[str] = starts("CNY")


Index("ix_backtest_waiting", Backtest.created_at, postgresql_where=text("state in ('waiting', 'running')"))
Index("ix_backtest_rule_set_id", Backtest.rule_set_id, Backtest.id)
Index("ix_backtest_change_kind", BacktestChange.backtest_id, BacktestChange.kind, BacktestChange.order_id)
