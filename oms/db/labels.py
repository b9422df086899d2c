"""E-waybills we take ourselves, with what is left of them; label changes; parcels that are asked after."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, now, on, one_of, pk, settings, small, texts, zero

EWAYBILL_STATES = ("asked", "got", "used", "cancelling", "cancelled", "wasted", "refused")


class EWaybillSetting(Base):
    """电子面单设置: what leaves this stock point with this carrier gets its number from our account, not the warehouse's.

    `terms` are what the carrier agreed with us (customer_code, product_code, branch_code …), by the connector's names.
    `low_at`: people are told when fewer numbers than that are left.
    """

    __tablename__ = "e_waybill_setting"
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"), primary_key=True)
    carrier_id: Mapped[int] = mapped_column(ForeignKey("carrier.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    is_on: Mapped[bool] = on()
    sender_name: Mapped[str]
    sender_phone: Mapped[str]
    province: Mapped[str]
    city: Mapped[str] = blank()
    district: Mapped[str] = blank()
    town: Mapped[str] = blank()
    street: Mapped[str]
    template_url: Mapped[str] = blank()
    terms: Mapped[dict[str, Any]] = settings()
    low_at: Mapped[int] = small(200)
    changed_at: Mapped[datetime] = now()
    changed_by: Mapped[str] = blank()


class EWaybill(Base):
    """电子面单: one number we asked a carrier for; never deleted, so that numbers got, used and wasted can be counted.

    `key` is our document number and the package, by which the carrier finds it again. The print data holds names, so it
    is sealed with the data key of `order_id`. `prints` counts the labels that were made of it.
    `package` counts the parcels of one fulfilment; `parent_no` is the mother waybill 母单 of a child 子单.
    """

    __tablename__ = "e_waybill"
    __table_args__ = (one_of("state", EWAYBILL_STATES),)
    id: Mapped[int] = pk()
    key: Mapped[str] = mapped_column(unique=True)
    fulfilment_id: Mapped[int]
    version: Mapped[int] = small(1)
    package: Mapped[int] = small(1)
    order_id: Mapped[int]
    account_id: Mapped[int]
    carrier_id: Mapped[int]
    stock_point_id: Mapped[int]
    state: Mapped[str]
    waybill_no: Mapped[str] = blank()
    parent_no: Mapped[str] = blank()
    sealed_print: Mapped[bytes | None]
    prints: Mapped[int] = small()
    reason: Mapped[str] = blank()
    words: Mapped[str] = blank()
    asked_at: Mapped[datetime] = now()
    got_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class EWaybillStock(Base):
    """面单余额: how many numbers an account has left with a carrier, as it said last; None where it does not count."""

    __tablename__ = "e_waybill_stock"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    carrier_id: Mapped[int] = mapped_column(ForeignKey("carrier.id"), primary_key=True)
    numbers: Mapped[int | None]
    looked_at: Mapped[datetime | None]
    due_at: Mapped[datetime] = now()
    words: Mapped[str] = blank()


class CarrierRefusal(Base):
    """A carrier gave an order no number, for example because it does not go there: sourcing leaves it out."""

    __tablename__ = "carrier_refusal"
    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    carrier_id: Mapped[int] = mapped_column(ForeignKey("carrier.id"), primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime] = now()


class LabelChange(Base):
    """改面单: a new receiver or carrier for what is on its way out, asked until the other side says yes or no.

    `way`: direct (nothing had been handed over), update (the carrier changes our label), renew (the warehouse gives it
    back and gets it anew). `sealed` is the new receiver under the order's data key, `was_key` the one the platform knew.
    `told`: the carrier has changed it, and the warehouse has not said yet that the parcel bears the new label.
    """

    __tablename__ = "label_change"
    __table_args__ = (
        one_of("way", ("direct", "update", "renew")),
        one_of("state", ("asked", "told", "confirmed", "refused")),
    )
    id: Mapped[int] = pk()
    order_id: Mapped[int]
    fulfilment_id: Mapped[int] = zero()
    way: Mapped[str]
    state: Mapped[str]
    what: Mapped[list[str]] = texts()
    carrier_id: Mapped[int | None]
    sealed: Mapped[bytes | None]
    was_key: Mapped[bytes | None]
    reason: Mapped[str] = blank()
    words: Mapped[str] = blank()
    asked_at: Mapped[datetime] = now()
    asked_by: Mapped[str]
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = blank()


class ParcelLook(Base):
    """跟踪巡查: a parcel that is asked after while nobody tells of it, less often as it ages; `warning` what is odd."""

    __tablename__ = "parcel_look"
    __table_args__ = (one_of("warning", ("", "no_scan", "no_news", "long_out", "not_collected")),)
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), primary_key=True)
    account_id: Mapped[int]
    due_at: Mapped[datetime]
    looks: Mapped[int] = small()
    looked_at: Mapped[datetime | None]
    warning: Mapped[str] = blank()
    warned_at: Mapped[datetime | None]
    words: Mapped[str] = blank()


Index("ix_e_waybill_fulfilment_id", EWaybill.fulfilment_id)
Index("ix_e_waybill_waybill_no", EWaybill.waybill_no, postgresql_where=text("waybill_no <> ''"))
Index("ix_e_waybill_open", EWaybill.state, EWaybill.id, postgresql_where=text("state in ('asked', 'got', 'cancelling')"))
Index("ix_e_waybill_stock_due_at", EWaybillStock.due_at)
Index("ix_label_change_order_id", LabelChange.order_id)
Index("uq_label_change_open", LabelChange.order_id, unique=True,
      postgresql_where=text("state in ('asked', 'told')"))  # fmt: skip
Index("ix_parcel_look_due_at", ParcelLook.due_at)
Index("ix_parcel_look_warning", ParcelLook.warned_at, postgresql_where=text("warning <> ''"))
