"""Fulfilments, their lines, parcels with items and scans, merge groups, delivery notes, transfers, interceptions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, Month, blank, check, monthly, now, off, one_of, pk, settings, small, starts, zero
from oms.domain import lifecycle


class Fulfilment(Base):
    """发货单: what one stock point sends as one; merge and split happen only here.

    Its number is derived from the id (oms.domain.numbers); `version` counts re-creations at the
    warehouse. A line's open units are the allocation at the stock point (view `allocation`).
    """

    __tablename__ = "fulfilment"
    __table_args__ = (
        one_of("status", lifecycle.FULFILMENT.states),
        one_of("stop", lifecycle.STOP.states),
        one_of("mode", ("courier", "store_pickup", "store_delivery", "unified", "virtual")),
        {"postgresql_with": {"fillfactor": "80"}},
    )
    id: Mapped[int] = pk()
    status: Mapped[str]
    stop: Mapped[str] = starts("none")
    lead_order_id: Mapped[int]
    shop_id: Mapped[int]
    stock_point_id: Mapped[int]
    carrier_id: Mapped[int | None]
    mode: Mapped[str] = starts("courier")
    kind: Mapped[str] = starts("sale")
    version: Mapped[int] = small(1)
    merge_key: Mapped[bytes | None]
    merged_into_id: Mapped[int | None]
    order_count: Mapped[int] = small(1)
    currency: Mapped[str] = starts("CNY")
    goods_amount: Mapped[int] = zero()
    freight_amount: Mapped[int] = zero()
    collect_amount: Mapped[int] = zero()
    is_cod: Mapped[bool] = off()
    is_split: Mapped[bool] = off()
    is_sealed: Mapped[bool] = off()
    warehouse_ref: Mapped[str] = blank()
    warehouse_step: Mapped[str] = blank()
    planned_at: Mapped[datetime] = now()
    sent_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    ship_by: Mapped[datetime | None]


class FulfilmentLine(Base):
    """Units of one demand in one fulfilment."""

    __tablename__ = "fulfilment_line"
    __table_args__ = (
        check(
            "units",
            "planned > 0 and shipped >= 0 and short >= 0 and cancelled >= 0 and shipped + short + cancelled <= planned",
        ),
    )
    id: Mapped[int] = pk()
    fulfilment_id: Mapped[int]  # Belongs to fulfilment and demand: checked set-wise, see migration 0004setwise.
    demand_id: Mapped[int]
    order_id: Mapped[int]
    order_line_id: Mapped[int]
    sku_id: Mapped[int]
    planned: Mapped[int] = small(None)
    shipped: Mapped[int] = small()
    short: Mapped[int] = small()
    cancelled: Mapped[int] = small()
    share_amount: Mapped[int] = zero()


class MergeGroup(Base):
    """Planned fulfilments that may leave together, waiting for their window; one row per merge key.

    `asks_platform`: masked receivers, the platform decides; its answer covers the orders in `asked`.
    """

    __tablename__ = "merge_group"
    merge_key: Mapped[bytes] = mapped_column(primary_key=True)
    shop_id: Mapped[int]
    due_at: Mapped[datetime]
    asks_platform: Mapped[bool] = off()
    asked: Mapped[list[Any] | None]
    answer: Mapped[list[Any] | None]
    attempts: Mapped[int] = small()


class Parcel(Base):
    """包裹: what the courier carries under one waybill."""

    __tablename__ = "parcel"
    __table_args__ = (
        UniqueConstraint("carrier_id", "waybill_no"),
        one_of("state", lifecycle.PARCEL.states),
    )
    id: Mapped[int] = pk()
    fulfilment_id: Mapped[int] = mapped_column(ForeignKey("fulfilment.id"))
    carrier_id: Mapped[int]
    waybill_no: Mapped[str]
    state: Mapped[str]
    weight_g: Mapped[int | None]
    collect_amount: Mapped[int] = zero()
    handed_over_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    last_event_at: Mapped[datetime | None]
    subscribed_at: Mapped[datetime | None]
    trail_hash: Mapped[bytes | None]


class ParcelItem(Base):
    """Units of a fulfilment line in a parcel, with lot, expiry and serials."""

    __tablename__ = "parcel_item"
    __table_args__ = (check("units_positive", "units > 0"),)
    id: Mapped[int] = pk()
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"))
    fulfilment_line_id: Mapped[int] = mapped_column(ForeignKey("fulfilment_line.id"), index=True)
    order_id: Mapped[int]
    sku_id: Mapped[int]
    units: Mapped[int] = small(None)
    lot: Mapped[str] = blank()
    expires_on: Mapped[date | None]
    serials: Mapped[list[str] | None]


class ParcelEvent(Base):
    """物流轨迹: one scan of a parcel. Append-only; a new trail only adds what is new."""

    __tablename__ = "parcel_event"
    __table_args__ = (monthly(),)
    month: Month = mapped_column(primary_key=True)
    parcel_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    state: Mapped[str]
    code: Mapped[str] = blank()
    words: Mapped[str]
    place: Mapped[str] = blank()


class DeliveryNote(Base):
    """配送单: parcels carried together from a warehouse to a store."""

    __tablename__ = "delivery_note"
    __table_args__ = (one_of("status", lifecycle.TRANSFER.states),)
    id: Mapped[int] = pk()
    status: Mapped[str]
    from_point_id: Mapped[int]
    to_point_id: Mapped[int]
    created_at: Mapped[datetime] = now()
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]


class DeliveryNoteParcel(Base):
    """A parcel on a delivery note and how it arrived."""

    __tablename__ = "delivery_note_parcel"
    __table_args__ = (one_of("result", ("open", "received", "missing", "damaged")),)
    delivery_note_id: Mapped[int] = mapped_column(ForeignKey("delivery_note.id"), primary_key=True)
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), primary_key=True)
    result: Mapped[str] = starts("open")


class Transfer(Base):
    """退运单/调拨单: goods from one stock point to another."""

    __tablename__ = "transfer"
    __table_args__ = (one_of("status", lifecycle.TRANSFER.states), one_of("kind", ("return", "restock")))
    id: Mapped[int] = pk()
    kind: Mapped[str] = starts("return")
    status: Mapped[str]
    from_point_id: Mapped[int]
    to_point_id: Mapped[int]
    waybill_no: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]


class TransferLine(Base):
    """Units of a SKU on a transfer."""

    __tablename__ = "transfer_line"
    id: Mapped[int] = pk()
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id"))
    sku_id: Mapped[int]
    kind: Mapped[str] = starts("good")
    sent: Mapped[int] = small()
    received: Mapped[int] = small()
    return_line_id: Mapped[int | None]


class Interception(Base):
    """截停: one attempt to stop a fulfilment, and how it ended; an open one is unresolved work.

    `asked_of`: nobody (it was still ours), its warehouse, or the courier of `parcel_id` after hand-over. Past `due_at`
    without an answer it is expired: work of its owner or team, not an ending.
    """

    __tablename__ = "interception"
    __table_args__ = (
        one_of("state", lifecycle.INTERCEPTION.states),
        one_of("asked_of", ("nobody", "warehouse", "courier")),
    )
    id: Mapped[int] = pk()
    fulfilment_id: Mapped[int]
    order_id: Mapped[int]
    reason: Mapped[str]
    state: Mapped[str]
    asked_at: Mapped[datetime] = now()
    asked_by: Mapped[str] = starts("system")
    case_no: Mapped[str] = blank()
    order_line_ids: Mapped[list[int] | None]
    words: Mapped[str] = blank()
    ended_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str] = blank()
    detail: Mapped[dict[str, Any]] = settings()
    asked_of: Mapped[str] = starts("warehouse")
    parcel_id: Mapped[int | None]
    due_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]
    owner_id: Mapped[int | None]
    user_group_id: Mapped[int | None]


LIVE = text("status not in ('shipped', 'cancelled', 'merged', 'closed_short')")
Index("ix_fulfilment_live", Fulfilment.stock_point_id, Fulfilment.status, postgresql_where=LIVE)
Index("ix_fulfilment_lead_order_id", Fulfilment.lead_order_id)
Index("ix_fulfilment_merged_into_id", Fulfilment.merged_into_id, postgresql_where=text("merged_into_id is not null"))
Index("ix_fulfilment_merge", Fulfilment.merge_key, postgresql_where=text("merge_key is not null and status = 'planned'"))
Index("ix_fulfilment_line_fulfilment_id", FulfilmentLine.fulfilment_id)
Index("ix_fulfilment_line_order_id", FulfilmentLine.order_id)
Index("ix_merge_group_due_at", MergeGroup.due_at)
Index("ix_parcel_fulfilment_id", Parcel.fulfilment_id)
Index("ix_parcel_waybill_no", Parcel.waybill_no)
Index("ix_parcel_collecting", Parcel.delivered_at, Parcel.id, postgresql_where=text("collect_amount > 0"))
Index("ix_parcel_item_parcel_id", ParcelItem.parcel_id)
Index("ix_parcel_item_order_id", ParcelItem.order_id)
Index("ix_interception_fulfilment_id", Interception.fulfilment_id)
Index("ix_interception_order_id", Interception.order_id)
Index("ix_interception_asked_at", Interception.asked_at)
Index("ix_interception_open", Interception.asked_at, postgresql_where=text("ended_at is null"))
Index(
    "ix_interception_unacknowledged",
    Interception.asked_at,
    postgresql_where=text("state in ('failed', 'expired') and acknowledged_by = ''"),
)
