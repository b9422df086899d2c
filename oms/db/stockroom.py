"""Around stock points: where they deliver, when they are closed, what they planned a day; reports, counts, the proof."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, off, one_of, pk, small, starts, zero

AREA_KINDS = ("division", "list", "radius", "polygon")
#: How a line of a report ended.
LINE_STATES = ("booked", "same", "waiting", "older", "told", "refused", "unknown")


class StockArea(Base):
    """覆盖范围 of a stock point; one with areas serves what any of them holds and none of the excluded ones does.

    `value` is a division code, or a text of the delivery list (`division_code` where it names one); `shape` are the
    (latitude, longitude) of a polygon's corners; `metres` is a radius around the point.
    """

    __tablename__ = "stock_area"
    __table_args__ = (one_of("kind", AREA_KINDS),)
    id: Mapped[int] = pk()
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    kind: Mapped[str]
    value: Mapped[str] = blank()
    division_code: Mapped[str] = blank()
    shape: Mapped[list[Any] | None] = mapped_column(JSONB)
    metres: Mapped[int | None]
    is_excluded: Mapped[bool] = off()


class StockClosure(Base):
    """休息日 of a stock point: it sends nothing on that day of its own time zone."""

    __tablename__ = "stock_closure"
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"), primary_key=True)
    closed_on: Mapped[date] = mapped_column(primary_key=True)
    words: Mapped[str] = blank()


class StockCapacity(Base):
    """日产能占用: fulfilments planned at a stock point that has a daily capacity, by its own day."""

    __tablename__ = "stock_capacity"
    __table_args__ = (check("not_negative", "used >= 0"),)
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    used: Mapped[int] = zero()


class StockReport(Base):
    """库存报告: a warehouse's or a person's word on stock, as of its own time; `key` tells repeats.

    `source`: push (sent by the warehouse), query (asked by us), count (盘点 by people or their system).
    """

    __tablename__ = "stock_report"
    __table_args__ = (one_of("source", ("push", "query", "count")), UniqueConstraint("stock_point_id", "key"))
    id: Mapped[int] = pk()
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    source: Mapped[str]
    number: Mapped[str] = blank()
    key: Mapped[str]
    page: Mapped[int] = small(1)
    pages: Mapped[int] = small(1)
    as_of: Mapped[datetime]
    received_at: Mapped[datetime] = now()
    actor: Mapped[str] = starts("system")


class StockReportLine(Base):
    """盘差 of a SKU and kind: `told` units (a change when `is_delta`) against what the ledger had at that moment.

    `explained` are units of the difference that a document told later, which had happened before. `state`: booked, same,
    waiting for a person, older than what was taken over, told by another document, refused by a person, unknown SKU.
    """

    __tablename__ = "stock_report_line"
    __table_args__ = (one_of("state", LINE_STATES), UniqueConstraint("stock_point_id", "key"))
    id: Mapped[int] = pk()
    report_id: Mapped[int] = mapped_column(ForeignKey("stock_report.id"))
    stock_point_id: Mapped[int]
    key: Mapped[str]
    sku_id: Mapped[int | None]
    sku_code: Mapped[str]
    kind: Mapped[str] = starts("good")
    is_delta: Mapped[bool] = off()
    told: Mapped[int]
    as_of: Mapped[datetime]
    document_no: Mapped[str] = blank()
    expected: Mapped[int | None]
    difference: Mapped[int] = zero()
    explained: Mapped[int] = zero()
    state: Mapped[str]
    difference_class: Mapped[str] = blank()
    words: Mapped[str] = blank()
    decided_by: Mapped[str] = blank()
    decided_at: Mapped[datetime | None]


class StockProof(Base):
    """每日核账: the ledger added up and compared with the levels, one row a day."""

    __tablename__ = "stock_proof"
    day: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    levels: Mapped[int] = zero()
    movements: Mapped[int] = zero()
    differing: Mapped[int] = zero()
    milliseconds: Mapped[int] = zero()


class StockProofLine(Base):
    """What differed on a day: a level against the sums of its ledger."""

    __tablename__ = "stock_proof_line"
    day: Mapped[date] = mapped_column(ForeignKey("stock_proof.day", ondelete="cascade"), primary_key=True)
    stock_point_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sku_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    on_hand: Mapped[int]
    on_hand_ledger: Mapped[int]
    reserved: Mapped[int]
    reserved_ledger: Mapped[int]


Index("ix_stock_area_stock_point_id", StockArea.stock_point_id)
Index("ix_stock_report_received_at", StockReport.received_at)
Index("ix_stock_report_line_report_id", StockReportLine.report_id)
Index(
    "ix_stock_report_line_level",
    StockReportLine.stock_point_id,
    StockReportLine.sku_id,
    StockReportLine.kind,
    StockReportLine.as_of,
)
Index("ix_stock_report_line_waiting", StockReportLine.id, postgresql_where=text("state = 'waiting'"))
