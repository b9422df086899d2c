"""Stores at work: how an order reaches its buyer there, parcels waiting, what clerks did, photos, notices to buyers.

Who works at which store is oms.db.packing.UserPoint; delivery notes and transfers themselves are in oms.db.fulfilments.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, off, on, one_of, pk, settings, small, starts, texts, zero
from oms.db.fulfilments import DeliveryNote, Transfer

MODES = ("store_pickup", "store_delivery", "unified")
LEGS = ("pickup", "delivery")
CHOSEN_BY = ("", "platform", "location", "list", "hand")
EVENTS = ("ready", "out", "overdue_soon", "overdue", "handed_over", "refused", "new_task", "promised", "task_late",
          "bring_late")  # fmt: skip
AUDIENCES = ("buyer", "store", "merchant")


class ShopStores(Base):
    """门店业务 of a shop: whether its orders go through stores, and how stores are found.

    `finds_by`: location, list or hand. `tells_at`: the platform hears of a shipment when goods are ready, or when the
    buyer has them.
    """

    __tablename__ = "shop_stores"
    __table_args__ = (
        one_of("finds_by", ("location", "list", "hand")),
        one_of("tells_at", ("ready", "handed_over")),
    )
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    is_on: Mapped[bool] = on()
    finds_by: Mapped[str] = starts("location")
    tells_at: Mapped[str] = starts("ready")
    geocoder_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class StoreProfile(Base):
    """门店资料 of a stock point: what buyers are told of it, what it does, and within which times.

    `divisions` are prefixes of division codes, the store's delivery list. Days are counted from when goods are ready.
    """

    __tablename__ = "store_profile"
    __table_args__ = (check("days", "overdue_days between 1 and 90"), check("minutes", "ready_min between 1 and 10080"))
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"), primary_key=True)
    address: Mapped[str] = blank()
    phone: Mapped[str] = blank()
    email: Mapped[str] = blank()
    hands_out: Mapped[bool] = on()
    delivers: Mapped[bool] = off()
    ready_min: Mapped[int] = small(60)
    overdue_days: Mapped[int] = small(7)
    divisions: Mapped[list[str]] = texts()


class OrderDelivery(Base):
    """配送方式 of an order that does not simply go by courier; orders without a row do.

    `sealed` holds who collects and the buyer's coordinates, sealed with the order's data key. `next_at` not empty
    means a store has to be found from then on. `found_with` says what the place was reckoned from. `ready_by` is what
    the buyer is told, `ready_clock_at` the same while nobody has been told that it is late.
    """

    __tablename__ = "order_delivery"
    __table_args__ = (one_of("mode", MODES), one_of("leg", LEGS), one_of("chosen_by", CHOSEN_BY))
    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shop_id: Mapped[int]
    mode: Mapped[str]
    leg: Mapped[str]
    stock_point_id: Mapped[int | None]
    wanted_code: Mapped[str] = blank()
    chosen_by: Mapped[str] = blank()
    found_with: Mapped[str] = blank()
    words: Mapped[str] = blank()
    refused_points: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'::bigint[]"))
    promise_at: Mapped[datetime | None]
    wanted_from: Mapped[datetime | None]
    ready_by: Mapped[datetime | None]
    ready_clock_at: Mapped[datetime | None]
    due_amount: Mapped[int] = zero()
    sealed: Mapped[bytes | None]
    next_at: Mapped[datetime | None]
    attempts: Mapped[int] = small()
    created_at: Mapped[datetime] = now()


class StoreParcel(Base):
    """门店包裹: a parcel that a store hands out or delivers; its state is the parcel's.

    The pick-up code itself is kept nowhere: `code_hash` is compared with what the buyer says. Overdue from
    `overdue_at`; `ended_at` is when the store has nothing more to do with it.
    """

    __tablename__ = "store_parcel"
    __table_args__ = (one_of("leg", LEGS), check("tries", "tries >= 0"))
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), primary_key=True, autoincrement=False)
    order_id: Mapped[int]
    shop_id: Mapped[int]
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    from_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    leg: Mapped[str]
    shelf: Mapped[str] = blank()
    code_no: Mapped[int] = small()
    code_hash: Mapped[bytes | None]
    tries: Mapped[int] = small()
    created_at: Mapped[datetime] = now()
    arrived_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    overdue_told_at: Mapped[datetime | None]
    out_by: Mapped[str] = blank()
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = blank()


class StoreReceipt(Base):
    """门店收款: money a store took from the buyer; its key makes recording it twice harmless. Append-only."""

    __tablename__ = "store_receipt"
    __table_args__ = (check("amount_positive", "amount > 0"), UniqueConstraint("stock_point_id", "key"))
    id: Mapped[int] = pk()
    stock_point_id: Mapped[int]
    key: Mapped[str]
    order_id: Mapped[int]
    parcel_id: Mapped[int | None]
    amount: Mapped[int]
    currency: Mapped[str] = starts("CNY")
    method: Mapped[str]
    reference: Mapped[str] = blank()
    at: Mapped[datetime] = now()
    by: Mapped[str] = blank()


class StoreAct(Base):
    """门店记录: what somebody did to a task, parcel, delivery note or transfer; a repeated key changes nothing."""

    __tablename__ = "store_act"
    __table_args__ = (
        one_of("document", ("fulfilment", "parcel", "note", "transfer", "order", "round", "store")),
        UniqueConstraint("stock_point_id", "key"),
    )
    id: Mapped[int] = pk()
    stock_point_id: Mapped[int]
    key: Mapped[str]
    document: Mapped[str]
    document_id: Mapped[int]
    verb: Mapped[str]
    actor: Mapped[str] = blank()
    at: Mapped[datetime] = now()
    detail: Mapped[dict[str, Any]] = settings()


class ArrivalFinding(Base):
    """到货差异: a parcel of a delivery note that was missing or damaged; open work until it is resolved."""

    __tablename__ = "arrival_finding"
    __table_args__ = (
        one_of("kind", ("missing", "damaged")),
        one_of("resolution", ("", "found", "lost", "accepted", "sent_back")),
        UniqueConstraint("delivery_note_id", "parcel_id"),
    )
    id: Mapped[int] = pk()
    delivery_note_id: Mapped[int] = mapped_column(ForeignKey("delivery_note.id"))
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"))
    kind: Mapped[str]
    words: Mapped[str] = blank()
    at: Mapped[datetime] = now()
    by: Mapped[str] = blank()
    resolution: Mapped[str] = blank()
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str] = blank()


class StorePhoto(Base):
    """到货照片: a picture of a damaged parcel."""

    __tablename__ = "store_photo"
    id: Mapped[int] = pk()
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"))
    media_type: Mapped[str]
    body: Mapped[bytes]
    at: Mapped[datetime] = now()
    by: Mapped[str] = blank()


class TransferParcel(Base):
    """A parcel that goes back to its warehouse unopened, and how it arrived there."""

    __tablename__ = "transfer_parcel"
    __table_args__ = (one_of("result", ("open", "received", "missing", "damaged")), UniqueConstraint("parcel_id"))
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id"), primary_key=True)
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), primary_key=True)
    reason: Mapped[str] = blank()
    result: Mapped[str] = starts("open")


class GeocodeKept(Base):
    """地址坐标缓存: where an address is; its key is a keyed hash, the address itself is not kept."""

    __tablename__ = "geocode_kept"
    address_blind: Mapped[bytes] = mapped_column(primary_key=True)
    latitude: Mapped[float]
    longitude: Mapped[float]
    level: Mapped[str] = blank()
    at: Mapped[datetime] = now()


class BuyerNotice(Base):
    """通知模板 of a shop (0: every shop): what is sent when something happens at a store, through which account.

    The merchant is told in the console and by no account: a team, or everybody of the shop where none is named.
    `template` is the vendor's code or a mail's subject, `words` a mail's text with {places} to fill in; `after_min`
    puts it off, counted from what happened (before being overdue: `overdue_soon`, counted backwards).
    """

    __tablename__ = "buyer_notice"
    __table_args__ = (
        one_of("event", EVENTS),
        one_of("audience", AUDIENCES),
        check(
            "sent_by",
            "(account_id is null) = (audience = 'merchant') and (user_group_id is null or audience = 'merchant')",
        ),
        UniqueConstraint(
            "shop_id", "event", "audience", "account_id", "user_group_id", postgresql_nulls_not_distinct=True
        ),
    )
    id: Mapped[int] = pk()
    shop_id: Mapped[int] = zero()
    event: Mapped[str]
    audience: Mapped[str] = starts("buyer")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    user_group_id: Mapped[int | None]
    template: Mapped[str] = blank()
    words: Mapped[str] = blank()
    after_min: Mapped[int] = small()
    is_on: Mapped[bool] = off()


OPEN = text("status = 'open'")
Index("ix_order_delivery_waiting", OrderDelivery.next_at, postgresql_where=text("next_at is not null"))
Index("ix_order_delivery_clock", OrderDelivery.ready_clock_at, postgresql_where=text("ready_clock_at is not null"))
Index("ix_order_delivery_unplaced", OrderDelivery.shop_id, postgresql_where=text("stock_point_id is null"))
Index("ix_store_parcel_open", StoreParcel.stock_point_id, postgresql_where=text("ended_at is null"))
Index("ix_store_parcel_order_id", StoreParcel.order_id)
Index("ix_store_receipt_order_id", StoreReceipt.order_id)
Index("ix_store_act_document", StoreAct.document, StoreAct.document_id)
Index("ix_arrival_finding_open", ArrivalFinding.at, postgresql_where=text("resolved_at is null"))
Index("ix_store_photo_parcel_id", StorePhoto.parcel_id)
Index("ix_delivery_note_open", DeliveryNote.from_point_id, DeliveryNote.to_point_id, unique=True, postgresql_where=OPEN)
Index(
    "ix_transfer_return_open",
    Transfer.from_point_id,
    Transfer.to_point_id,
    unique=True,
    postgresql_where=text("status = 'open' and kind = 'return'"),
)
