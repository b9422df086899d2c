"""Carriers, where they deliver, what they charge, and China's division codes."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, off, on, one_of, pk, small, starts, zero


class Carrier(Base):
    """承运商: a courier company or store clerks; `tracking_account_id` tells where its parcels are."""

    __tablename__ = "carrier"
    __table_args__ = (one_of("kind", ("courier", "clerk")),)
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str] = starts("courier")
    rank: Mapped[int] = small()
    is_suspended: Mapped[bool] = off()
    allows_cod: Mapped[bool] = on()
    tracking_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class CarrierCoverage(Base):
    """Whether a carrier delivers to divisions starting with a code; the longest prefix wins."""

    __tablename__ = "carrier_coverage"
    carrier_id: Mapped[int] = mapped_column(ForeignKey("carrier.id"), primary_key=True)
    division_prefix: Mapped[str] = mapped_column(primary_key=True)
    is_deliverable: Mapped[bool] = on()


class CarrierTariff(Base):
    """Freight from a stock point (0: any) to divisions starting with a code; minor units and grams."""

    __tablename__ = "carrier_tariff"
    __table_args__ = (UniqueConstraint("carrier_id", "stock_point_id", "division_prefix"),)
    id: Mapped[int] = pk()
    carrier_id: Mapped[int] = mapped_column(ForeignKey("carrier.id"))
    stock_point_id: Mapped[int] = zero()
    division_prefix: Mapped[str] = blank()
    first_g: Mapped[int] = small(1000)
    first_amount: Mapped[int] = zero()
    step_g: Mapped[int] = small(1000)
    step_amount: Mapped[int] = zero()
    surcharge: Mapped[int] = zero()


class Division(Base):
    """A province, city, district or town with its code; pseudo city levels are marked."""

    __tablename__ = "division"
    code: Mapped[str] = mapped_column(primary_key=True)
    parent_code: Mapped[str] = blank()
    name: Mapped[str]
    level: Mapped[int] = small(None)
    is_pseudo: Mapped[bool] = off()


Index("ix_division_parent_code", Division.parent_code, Division.name)
