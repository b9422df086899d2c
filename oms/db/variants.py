"""Plans looked at again (重排), and ways of sourcing tried over open orders (寻源试算): settings, runs, what came out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, off, one_of, pk, settings, small, starts, zero


class ReplanSetting(Base):
    """重排: whether what is planned and not sent of a pool is looked at again, how often, and what it must save.

    `reached` is the order up to which this round has looked; a claim puts `due_at` off.
    """

    __tablename__ = "replan_setting"
    __table_args__ = (
        check("amount_not_negative", "least_amount >= 0"),
        check("minutes", "every_min between 1 and 1440 and quiet_min between 0 and 10080"),
    )
    pool_id: Mapped[int] = mapped_column(ForeignKey("stock_pool.id"), primary_key=True, autoincrement=False)
    is_on: Mapped[bool] = off()
    least_amount: Mapped[int] = zero()
    every_min: Mapped[int] = small(10)
    quiet_min: Mapped[int] = small(60)
    due_at: Mapped[datetime] = now()
    reached: Mapped[int] = zero()
    changed_by: Mapped[str] = blank()
    changed_at: Mapped[datetime] = now()


class Replan(Base):
    """An order that was planned anew: the parcels and minor units that saved; negative of one that gave way."""

    __tablename__ = "replan"
    __table_args__ = (one_of("kind", ("moved", "exchanged", "gave_way")),)
    id: Mapped[int] = pk()
    at: Mapped[datetime] = now()
    pool_id: Mapped[int]
    order_id: Mapped[int]
    kind: Mapped[str]
    parcels: Mapped[int] = small()
    amount: Mapped[int] = zero()
    currency: Mapped[str] = starts("CNY")


class RoutingVariant(Base):
    """方案: changes to sourcing that are tried, under a name; nothing follows them."""

    __tablename__ = "routing_variant"
    __table_args__ = (UniqueConstraint("name"),)
    id: Mapped[int] = pk()
    name: Mapped[str]
    changes: Mapped[dict[str, Any]] = settings()
    created_by: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()
    changed_at: Mapped[datetime] = now()


class VariantTrial(Base):
    """试算: variants beside what is in force over the same orders; `variants` as they were when it was asked for.

    `question` holds the shops and the period, empty of open orders; `figures` one object a side, the first in force.
    """

    __tablename__ = "variant_trial"
    __table_args__ = (one_of("state", ("waiting", "running", "done", "failed", "stopped")),)
    id: Mapped[int] = pk()
    variants: Mapped[list[Any]]
    question: Mapped[dict[str, Any]] = settings()
    state: Mapped[str] = starts("waiting")
    total: Mapped[int] = zero()
    done: Mapped[int] = zero()
    attempts: Mapped[int] = small()
    figures: Mapped[list[Any] | None]
    error: Mapped[str] = blank()
    created_by: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]


class VariantTrialChange(Base):
    """An order that would leave otherwise under a variant (`side` counts from 1), with both ways and their costs."""

    __tablename__ = "variant_trial_change"
    trial_id: Mapped[int] = mapped_column(ForeignKey("variant_trial.id", ondelete="cascade"), primary_key=True)
    side: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    before: Mapped[dict[str, Any]] = settings()
    after: Mapped[dict[str, Any]] = settings()
    amount: Mapped[int] = zero()
    parcels: Mapped[int] = small()
    currency: Mapped[str] = starts("CNY")


Index("ix_replan_order_id", Replan.order_id, Replan.at)
Index("ix_replan_pool_id", Replan.pool_id, Replan.at)
Index("ix_variant_trial_waiting", VariantTrial.created_at, postgresql_where=text("state in ('waiting', 'running')"))
