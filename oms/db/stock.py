"""Stock points and pools, levels by kind, the ledger of movements, what is pushed to platforms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, Month, blank, check, monthly, now, off, one_of, pk, settings, small, starts, zero

KINDS = ("good", "defective", "inspecting", "in_transit", "presale")


class StockPool(Base):
    """库存池: the stock points that serve the same shops."""

    __tablename__ = "stock_pool"
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    split_policy: Mapped[str] = starts("whole_first")
    main_point_id: Mapped[int | None]


class StockPoint(Base):
    """库存点: a warehouse or a store (门店).

    `hours` are opening hours by weekday, `cut_off` the time after which goods leave a working day later, both in its
    `timezone`. A difference of more than `difference_limit` units waits for people. A warehouse with a system of its
    own is asked for its levels every `query_every_s`, going on after the SKU `query_after`.
    """

    __tablename__ = "stock_point"
    __table_args__ = (one_of("kind", ("warehouse", "store")), one_of("state", ("open", "outage", "closed")))
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str] = starts("warehouse")
    state: Mapped[str] = starts("open")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    warehouse_code: Mapped[str] = blank()
    owner_code: Mapped[str] = blank()
    division_code: Mapped[str] = blank()
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    delivery_radius_m: Mapped[int | None]
    handling_amount: Mapped[int] = zero()
    daily_capacity: Mapped[int | None]
    cut_off: Mapped[str] = blank()
    hours: Mapped[dict[str, Any]] = settings()
    created_at: Mapped[datetime] = now()
    timezone: Mapped[str] = starts("Asia/Shanghai")
    outage_until: Mapped[datetime | None]
    outage_words: Mapped[str] = blank()
    difference_limit: Mapped[int | None]
    query_every_s: Mapped[int | None]
    query_due_at: Mapped[datetime | None]
    query_after: Mapped[str] = blank()


class PoolMember(Base):
    """A stock point in a pool; a lower rank is preferred (主备货仓)."""

    __tablename__ = "pool_member"
    pool_id: Mapped[int] = mapped_column(ForeignKey("stock_pool.id"), primary_key=True)
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"), primary_key=True)
    rank: Mapped[int] = small()


class StockLevel(Base):
    """实物/占用/安全 of a SKU at a stock point by kind; equals the sums of the ledger.

    `owed` are units that left beyond what the ledger had: what arrives next makes up for them. `counted_at` is the
    moment of the last report or count that was taken over.
    """

    __tablename__ = "stock_level"
    __table_args__ = (
        one_of("kind", KINDS),
        check("never_below_zero", "on_hand >= 0 and reserved >= 0 and safety >= 0"),
        check("owed_not_negative", "owed >= 0"),
        {"postgresql_with": {"fillfactor": "50"}},
    )
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"), primary_key=True)
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True, server_default=text("'good'"))
    on_hand: Mapped[int] = zero()
    reserved: Mapped[int] = zero()
    safety: Mapped[int] = zero()
    counted_at: Mapped[datetime | None]
    owed: Mapped[int] = zero()


class StockMovement(Base):
    """流水: every change of a level. Reservations of one batch on one level are one row. Append-only.

    `as_of` is when it truly happened, where that is known to be another moment than `at`, when it was booked.
    """

    __tablename__ = "stock_movement"
    __table_args__ = (monthly(),)
    month: Month = mapped_column(primary_key=True)
    stock_point_id: Mapped[int] = mapped_column(primary_key=True)
    sku_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = starts("good")
    on_hand: Mapped[int] = zero()
    reserved: Mapped[int] = zero()
    reason: Mapped[str]
    document_kind: Mapped[str] = blank()
    document_id: Mapped[int | None]
    at: Mapped[datetime]
    as_of: Mapped[datetime | None]


class StockPush(Base):
    """推库存: whether a shop's sellable units are pushed to its platform, when next, and how the last round went.

    `safety` units of each SKU are kept back; a claim raises `fence` and puts `due_at` off.
    """

    __tablename__ = "stock_push"
    __table_args__ = (check("safety_not_negative", "safety >= 0"),)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    is_on: Mapped[bool] = off()
    safety: Mapped[int] = zero()
    due_at: Mapped[datetime] = now()
    fence: Mapped[int] = zero()
    last_success_at: Mapped[datetime | None]
    failures: Mapped[int] = small()
    last_error: Mapped[str] = blank()


class ListingPush(Base):
    """已推数量 of a listing: `units` the platform accepted last, null while that is in doubt.

    `asked` and `tried_at` are of the last call, `refusal` the platform's words when it refused.
    """

    __tablename__ = "listing_push"
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    units: Mapped[int | None]
    pushed_at: Mapped[datetime | None]
    asked: Mapped[int]
    tried_at: Mapped[datetime | None]
    refusal: Mapped[str] = blank()


Index("ix_stock_movement_at", StockMovement.at, postgresql_using="brin")
