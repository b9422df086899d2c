"""Documents that move stock: purchase receipts, adjustments, what a warehouse with a system is asked to take or send."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, off, one_of, pk, settings, small, starts
from oms.db.stock import KINDS
from oms.domain import lifecycle_stock


class GoodsReceipt(Base):
    """采购入库单: goods that a supplier sends to a stock point; `purchase_no` is the buyer's own number."""

    __tablename__ = "goods_receipt"
    __table_args__ = (one_of("status", lifecycle_stock.GOODS_RECEIPT.states),)
    id: Mapped[int] = pk()
    status: Mapped[str]
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    purchase_no: Mapped[str] = blank()
    supplier_code: Mapped[str] = blank()
    supplier_name: Mapped[str] = blank()
    words: Mapped[str] = blank()
    expected_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = now()
    created_by: Mapped[str] = starts("system")
    closed_at: Mapped[datetime | None]


class GoodsReceiptLine(Base):
    """Units of a SKU expected and received, by kind; `result` and `difference_class` say how they differ."""

    __tablename__ = "goods_receipt_line"
    __table_args__ = (
        one_of("result", ("open", "equal", "short", "over", "unplanned")),
        UniqueConstraint("goods_receipt_id", "sku_id"),
    )
    id: Mapped[int] = pk()
    goods_receipt_id: Mapped[int] = mapped_column(ForeignKey("goods_receipt.id"))
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"))
    expected: Mapped[int] = small()
    received_good: Mapped[int] = small()
    received_defective: Mapped[int] = small()
    result: Mapped[str] = starts("open")
    difference_class: Mapped[str] = blank()


class TransferPlan(Base):
    """调拨 as it was planned and how it arrived, beside a transfer's line."""

    __tablename__ = "transfer_plan"
    transfer_line_id: Mapped[int] = mapped_column(ForeignKey("transfer_line.id"), primary_key=True)
    transfer_id: Mapped[int]
    planned: Mapped[int] = small()
    received_defective: Mapped[int] = small()
    lost: Mapped[int] = small()
    difference_class: Mapped[str] = blank()


class StockAdjustment(Base):
    """库存调整单: people correct levels, or move units from one kind to another, with a class and words."""

    __tablename__ = "stock_adjustment"
    id: Mapped[int] = pk()
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    difference_class: Mapped[str]
    words: Mapped[str] = blank()
    at: Mapped[datetime] = now()
    actor: Mapped[str]


class StockAdjustmentLine(Base):
    """Signed units of a SKU and kind in an adjustment."""

    __tablename__ = "stock_adjustment_line"
    __table_args__ = (one_of("kind", KINDS), check("changes_something", "units <> 0"))
    id: Mapped[int] = pk()
    stock_adjustment_id: Mapped[int] = mapped_column(ForeignKey("stock_adjustment.id"))
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"))
    kind: Mapped[str] = starts("good")
    units: Mapped[int] = small(None)


class WarehouseOrder(Base):
    """仓库出入库单: a receipt or a transfer handed to a warehouse that has a system; `direction` as it sees it."""

    __tablename__ = "warehouse_order"
    __table_args__ = (
        one_of("status", lifecycle_stock.WAREHOUSE_ORDER.states),
        one_of("direction", ("in", "out")),
        one_of("document_kind", ("goods_receipt", "transfer")),
        UniqueConstraint("document_kind", "document_id", "direction"),
    )
    id: Mapped[int] = pk()
    status: Mapped[str]
    direction: Mapped[str]
    document_kind: Mapped[str]
    document_id: Mapped[int]
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    reference: Mapped[str] = blank()
    words: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()
    closed_at: Mapped[datetime | None]


class StockConfirm(Base):
    """收发确认: a message or an act that booked units of a document.

    Its quantities are increments, and `key` tells repeats.
    """

    __tablename__ = "stock_confirm"
    __table_args__ = (UniqueConstraint("document_kind", "document_id", "key"),)
    id: Mapped[int] = pk()
    document_kind: Mapped[str]
    document_id: Mapped[int]
    direction: Mapped[str]
    key: Mapped[str]
    is_final: Mapped[bool] = off()
    at: Mapped[datetime]
    booked_at: Mapped[datetime] = now()
    actor: Mapped[str] = starts("system")
    lines: Mapped[dict[str, Any]] = settings()


Index("ix_goods_receipt_open", GoodsReceipt.id, postgresql_where=text("closed_at is null"))
Index("ix_goods_receipt_line_goods_receipt_id", GoodsReceiptLine.goods_receipt_id)
Index("ix_transfer_plan_transfer_id", TransferPlan.transfer_id)
Index("ix_stock_adjustment_line_stock_adjustment_id", StockAdjustmentLine.stock_adjustment_id)
