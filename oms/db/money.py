"""代收货款: what couriers pay over of what they collected, and how each line fits the parcels."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, now, one_of, pk, starts, zero


class Remittance(Base):
    """回款单: one payment of a carrier for parcels it collected money on; amounts in minor units."""

    __tablename__ = "remittance"
    __table_args__ = (UniqueConstraint("carrier_id", "reference"),)
    id: Mapped[int] = pk()
    carrier_id: Mapped[int] = mapped_column(ForeignKey("carrier.id"))
    reference: Mapped[str]
    paid_on: Mapped[date]
    currency: Mapped[str] = starts("CNY")
    total: Mapped[int] = zero()
    fees: Mapped[int] = zero()
    made_at: Mapped[datetime] = now()
    made_by: Mapped[str] = blank()


class RemittanceLine(Base):
    """What a remittance says of a waybill, and how that fits; `accepted` is a difference that people took as it is."""

    __tablename__ = "remittance_line"
    __table_args__ = (
        one_of("result", ("matched", "differs", "unknown", "repeated", "not_due", "accepted")),
        UniqueConstraint("remittance_id", "waybill_no"),
    )
    id: Mapped[int] = pk()
    remittance_id: Mapped[int] = mapped_column(ForeignKey("remittance.id"))
    waybill_no: Mapped[str]
    amount: Mapped[int]
    fee: Mapped[int] = zero()
    parcel_id: Mapped[int | None]
    result: Mapped[str]
    words: Mapped[str] = blank()
    settled_by: Mapped[str] = blank()
    settled_at: Mapped[datetime | None]


PAID = text("result in ('matched', 'accepted') and parcel_id is not null")
Index("uq_remittance_line_paid", RemittanceLine.parcel_id, unique=True, postgresql_where=PAID)
OPEN = text("result in ('differs', 'unknown', 'repeated', 'not_due')")
Index("ix_remittance_line_open", RemittanceLine.id, postgresql_where=OPEN)
