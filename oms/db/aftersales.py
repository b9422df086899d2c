"""After-sales: cases with four independent columns, their lines and history, refunds, return receipts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, off, one_of, pk, settings, small, starts, zero
from oms.domain import lifecycle


class Case(Base):
    """售后单: one request; review, goods, money and remedy move independently."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("shop_id", "origin", "external_no"),
        one_of("kind", ("refund", "return", "exchange", "repair", "reship", "other")),
        one_of("origin", ("platform", "hub", "store", "distributor", "buyer")),
        one_of("review", lifecycle.CASE_REVIEW.states),
        one_of("goods", lifecycle.CASE_GOODS.states),
        one_of("money", lifecycle.CASE_MONEY.states),
        one_of("remedy", lifecycle.CASE_REMEDY.states),
        one_of("outcome", lifecycle.CASE_OUTCOME.states),
    )
    id: Mapped[int] = pk()
    shop_id: Mapped[int]
    origin: Mapped[str] = starts("platform")
    external_no: Mapped[str]
    order_id: Mapped[int | None]
    order_no: Mapped[str] = blank()
    kind: Mapped[str]
    review: Mapped[str] = starts("waiting")
    goods: Mapped[str] = starts("none")
    money: Mapped[str] = starts("none")
    remedy: Mapped[str] = starts("none")
    outcome: Mapped[str] = starts("open")
    level: Mapped[int] = small(1)
    platform_state: Mapped[str] = blank()
    platform_status: Mapped[str] = blank()
    platform_version: Mapped[str] = blank()
    phase: Mapped[str] = blank()
    currency: Mapped[str] = starts("CNY")
    asked_amount: Mapped[int] = zero()
    agreed_amount: Mapped[int | None]
    reason: Mapped[str] = blank()
    liability: Mapped[str] = blank()
    return_point_id: Mapped[int | None]
    return_carrier: Mapped[str] = blank()
    return_waybill: Mapped[str] = blank()
    owner_id: Mapped[int | None]
    respond_by: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = small(1)
    ruled_version: Mapped[int] = small()
    content_hash: Mapped[bytes | None]
    fetched_at: Mapped[datetime | None]


class CaseLine(Base):
    """Units and money of one order line that a case is about."""

    __tablename__ = "case_line"
    __table_args__ = (check("not_negative", "units >= 0 and amount >= 0 and received >= 0"),)
    id: Mapped[int] = pk()
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    order_line_id: Mapped[int | None]
    sku_id: Mapped[int | None]
    units: Mapped[int] = small()
    received: Mapped[int] = small()
    amount: Mapped[int] = zero()
    exchange_sku_id: Mapped[int | None]


class CaseStep(Base):
    """协商过程: one step with actor, words and evidence. Append-only."""

    __tablename__ = "case_step"
    __table_args__ = (one_of("actor_kind", ("buyer", "merchant", "platform", "system", "distributor")),)
    id: Mapped[int] = pk()
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    actor_kind: Mapped[str]
    actor: Mapped[str] = blank()
    action: Mapped[str]
    words: Mapped[str] = blank()
    evidence: Mapped[dict[str, Any]] = settings()
    at: Mapped[datetime] = now()


class Refund(Base):
    """退款单: money to be paid back to the buyer."""

    __tablename__ = "refund"
    __table_args__ = (
        one_of("state", ("due", "submitted", "paid", "failed", "void")),
        check("amount_positive", "amount >= 0"),
    )
    id: Mapped[int] = pk()
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    order_id: Mapped[int]
    order_line_id: Mapped[int | None]
    payment_id: Mapped[int | None]
    state: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str] = starts("CNY")
    paid_by_platform: Mapped[bool] = off()
    created_at: Mapped[datetime] = now()
    paid_at: Mapped[datetime | None]
    reference: Mapped[str] = blank()


class ReturnReceipt(Base):
    """退货入库单: goods expected back at a stock point."""

    __tablename__ = "return_receipt"
    __table_args__ = (one_of("status", lifecycle.RETURN_RECEIPT.states),)
    id: Mapped[int] = pk()
    status: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    fulfilment_id: Mapped[int | None]
    stock_point_id: Mapped[int]
    carrier_code: Mapped[str] = blank()
    waybill_no: Mapped[str] = blank()
    expected_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = now()


class ReturnReceiptLine(Base):
    """Requested against received units of a SKU, by kind, with a coded difference."""

    __tablename__ = "return_receipt_line"
    __table_args__ = (one_of("result", ("open", "equal", "short", "over", "wrong", "damaged")),)
    id: Mapped[int] = pk()
    return_receipt_id: Mapped[int] = mapped_column(ForeignKey("return_receipt.id"))
    order_line_id: Mapped[int | None]
    sku_id: Mapped[int]
    requested: Mapped[int] = small()
    received_good: Mapped[int] = small()
    received_defective: Mapped[int] = small()
    result: Mapped[str] = starts("open")
    difference_class: Mapped[str] = blank()


Index("ix_cases_order_id", Case.order_id)
Index("ix_cases_unlinked", Case.shop_id, Case.order_no, postgresql_where=text("order_id is null"))
Index("ix_cases_open", Case.respond_by, Case.id, postgresql_where=text("outcome = 'open'"))
Index("ix_case_line_case_id", CaseLine.case_id)
Index("ix_case_line_order_line_id", CaseLine.order_line_id)
Index("ix_case_step_case_id", CaseStep.case_id)
Index("ix_refund_order_id", Refund.order_id)
Index("ix_return_receipt_waybill", ReturnReceipt.waybill_no)
Index(
    "ix_cases_to_rule",
    Case.id,
    postgresql_where=text("review = 'waiting' and outcome = 'open' and ruled_version < version"),
)
Index(
    "uq_return_receipt_parcel",
    ReturnReceipt.fulfilment_id,
    ReturnReceipt.waybill_no,
    unique=True,
    postgresql_where=text("case_id is null"),
)
Index("ix_return_receipt_line_receipt", ReturnReceiptLine.return_receipt_id)
OPEN_RECEIPT = text("status not in ('put_away', 'lost', 'withdrawn')")
Index("ix_return_receipt_open", ReturnReceipt.id, postgresql_where=OPEN_RECEIPT)
