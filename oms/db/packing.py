"""Work at warehouses without a system of their own: who works where, waves, checked units, what was reported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, off, on, one_of, pk, settings, small, texts, zero

VERBS = ("accept", "ship", "short", "refuse", "stopped", "gone", "swap")


class UserPoint(Base):
    """A stock point that a person works at; somebody with none works everywhere their shops do."""

    __tablename__ = "user_point"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"), primary_key=True)


class ApiKeyPoint(Base):
    """A stock point that an API key works for."""

    __tablename__ = "api_key_point"
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"), primary_key=True)
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"), primary_key=True)


class PackingSetting(Base):
    """仓库设置 of a stock point: what its staff may swap, what its slips show, how stops go on after hand-over.

    A swap is within limits when its origin is among `swap_origins` and the goods differ by no more than
    `swap_most_amount` minor units a piece; `calls_back` asks the courier by itself when a stop came too late.
    """

    __tablename__ = "packing_setting"
    __table_args__ = (check("swap_most", "swap_most_amount >= 0"), check("answer_minutes", "answer_minutes > 0"))
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"), primary_key=True)
    swap_origins: Mapped[list[str]] = texts()
    swap_most_amount: Mapped[int] = zero()
    swap_same_category: Mapped[bool] = on()
    slip_prices: Mapped[bool] = off()
    must_check: Mapped[bool] = off()
    calls_back: Mapped[bool] = off()
    answer_minutes: Mapped[int] = small(30)


class PickWave(Base):
    """波次: fulfilments picked together at a stock point."""

    __tablename__ = "pick_wave"
    id: Mapped[int] = pk()
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    created_by: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()


class PickWaveFulfilment(Base):
    """A fulfilment in the one wave it is picked with."""

    __tablename__ = "pick_wave_fulfilment"
    fulfilment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wave_id: Mapped[int] = mapped_column(ForeignKey("pick_wave.id"))


class PackedUnits(Base):
    """复核: units of a SKU that were scanned into a fulfilment's next parcel."""

    __tablename__ = "packed_units"
    __table_args__ = (check("units_positive", "units > 0"),)
    fulfilment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sku_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    units: Mapped[int] = small(None)
    checked_by: Mapped[str] = blank()
    checked_at: Mapped[datetime] = now()


class PackingReport(Base):
    """What a stock point said about a fulfilment; its key makes saying it twice harmless. Append-only."""

    __tablename__ = "packing_report"
    __table_args__ = (one_of("verb", VERBS), UniqueConstraint("stock_point_id", "key"))
    id: Mapped[int] = pk()
    stock_point_id: Mapped[int]
    key: Mapped[str]
    fulfilment_id: Mapped[int]
    verb: Mapped[str]
    actor: Mapped[str] = blank()
    at: Mapped[datetime] = now()
    detail: Mapped[dict[str, Any]] = settings()


Index("ix_pick_wave_fulfilment_wave_id", PickWaveFulfilment.wave_id)
Index("ix_pick_wave_stock_point_id", PickWave.stock_point_id, PickWave.id)
Index("ix_packing_report_fulfilment_id", PackingReport.fulfilment_id)
