"""Goods that buyers bring back to a store, money that goes back over its counter, cash handed in, clerks' rounds.

Refused and uncollected parcels are in oms.db.stores; the case of a return is in oms.db.aftersales.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, off, one_of, pk, small, starts, zero

CONDITIONS = ("good", "opened", "damaged", "parts_missing")
FOUND_BY = ("store", "code", "phone")
ROUND_RESULTS = ("open", "delivered", "refused", "failed", "left")


class ReturnTerms(Base):
    """门店退货规则 of a shop: days after hand-over, and up to what a clerk's word is enough (0: people decide all)."""

    __tablename__ = "return_terms"
    __table_args__ = (check("days", "days between 0 and 365"), check("own_limit", "own_limit >= 0"))
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    days: Mapped[int] = small(7)
    own_limit: Mapped[int] = zero()
    allows_other_stores: Mapped[bool] = off()


class StoreReturn(Base):
    """门店退货单: what a clerk took back of one order; its key makes taking it twice harmless.

    `case_id` is the case it belongs to: our own, or one that the platform had opened. `platform_case_id` is the
    platform's case through which our own was paid. `store_part` of `amount` is given back over the counter.
    """

    __tablename__ = "store_return"
    __table_args__ = (
        UniqueConstraint("stock_point_id", "key"),
        one_of("found_by", FOUND_BY),
        check("amounts", "amount >= 0 and store_part between 0 and amount"),
    )
    id: Mapped[int] = pk()
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    key: Mapped[str]
    order_id: Mapped[int]
    shop_id: Mapped[int]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    platform_case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    found_by: Mapped[str] = starts("store")
    reason: Mapped[str]
    words: Mapped[str] = blank()
    amount: Mapped[int] = zero()
    store_part: Mapped[int] = zero()
    currency: Mapped[str] = starts("CNY")
    at: Mapped[datetime] = now()
    by: Mapped[str] = blank()


class StoreReturnLine(Base):
    """Units of a SKU that were taken back, of which order line, how they look, and where they go.

    `home_point_id` is the store for its own goods, else the warehouse they wait to go back to on `transfer_id`.
    """

    __tablename__ = "store_return_line"
    __table_args__ = (
        one_of("condition", CONDITIONS),
        check("units", "units > 0 and line_units >= 0"),
        check("received", "good >= 0 and defective >= 0 and missing >= 0 and good + defective + missing <= units"),
    )
    id: Mapped[int] = pk()
    store_return_id: Mapped[int] = mapped_column(ForeignKey("store_return.id"))
    order_line_id: Mapped[int]
    sku_id: Mapped[int]
    line_units: Mapped[int] = small()
    units: Mapped[int] = small(None)
    condition: Mapped[str] = starts("good")
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    home_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("transfer.id"))
    good: Mapped[int] = small()
    defective: Mapped[int] = small()
    missing: Mapped[int] = small()
    settled_at: Mapped[datetime | None]


class StoreReturnPhoto(Base):
    """退货照片: a picture of goods that were brought back."""

    __tablename__ = "store_return_photo"
    id: Mapped[int] = pk()
    store_return_id: Mapped[int] = mapped_column(ForeignKey("store_return.id"))
    media_type: Mapped[str]
    body: Mapped[bytes]
    at: Mapped[datetime] = now()
    by: Mapped[str] = blank()


class StorePayout(Base):
    """门店退款: money that a store gave back over the counter for a refund. Append-only."""

    __tablename__ = "store_payout"
    __table_args__ = (check("amount_positive", "amount > 0"), UniqueConstraint("stock_point_id", "key"))
    id: Mapped[int] = pk()
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    key: Mapped[str]
    order_id: Mapped[int]
    refund_id: Mapped[int] = mapped_column(ForeignKey("refund.id"), unique=True)
    amount: Mapped[int]
    currency: Mapped[str] = starts("CNY")
    method: Mapped[str]
    reference: Mapped[str] = blank()
    at: Mapped[datetime] = now()
    by: Mapped[str] = blank()


class CashHandIn(Base):
    """交款单: cash that a store handed in to the bank or to head office. Append-only."""

    __tablename__ = "cash_hand_in"
    __table_args__ = (check("amount_positive", "amount > 0"), UniqueConstraint("stock_point_id", "key"))
    id: Mapped[int] = pk()
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    key: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str] = starts("CNY")
    reference: Mapped[str] = blank()
    at: Mapped[datetime] = now()
    by: Mapped[str] = blank()


class DeliveryRound(Base):
    """配送趟次: parcels that one clerk brings in one go; closed when none of them is open."""

    __tablename__ = "delivery_round"
    __table_args__ = (one_of("status", ("out", "closed")), UniqueConstraint("stock_point_id", "key"))
    id: Mapped[int] = pk()
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    key: Mapped[str]
    status: Mapped[str] = starts("out")
    clerk: Mapped[str] = blank()
    started_at: Mapped[datetime] = now()
    closed_at: Mapped[datetime | None]


class RoundStop(Base):
    """A parcel of a round at its place in the order of the way, and how it ended there."""

    __tablename__ = "round_stop"
    __table_args__ = (one_of("result", ROUND_RESULTS),)
    delivery_round_id: Mapped[int] = mapped_column(ForeignKey("delivery_round.id"), primary_key=True)
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), primary_key=True)
    place: Mapped[int] = small(None)
    result: Mapped[str] = starts("open")
    reason: Mapped[str] = blank()
    ended_at: Mapped[datetime | None]


Index("ix_store_return_order_id", StoreReturn.order_id)
Index("ix_store_return_case_id", StoreReturn.case_id)
Index("ix_store_return_line_return", StoreReturnLine.store_return_id)
Index(
    "ix_store_return_line_waiting",
    StoreReturnLine.stock_point_id,
    StoreReturnLine.home_point_id,
    postgresql_where=text("settled_at is null"),
)
Index("ix_store_return_line_transfer", StoreReturnLine.transfer_id, postgresql_where=text("transfer_id is not null"))
Index("ix_store_return_photo_return", StoreReturnPhoto.store_return_id)
Index("ix_store_payout_order_id", StorePayout.order_id)
Index("ix_delivery_round_out", DeliveryRound.stock_point_id, postgresql_where=text("status = 'out'"))
Index("uq_round_stop_open", RoundStop.parcel_id, unique=True, postgresql_where=text("result = 'open'"))
