"""Promises of stock: reservations before a point is known, quotas, oversell policy, sales by day, replenishment.

`pool_level` (池预占) is a view made by the migration: the sums of the reservations, which nothing can put out of step.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, off, on, one_of, pk, small, starts, zero

#: Places a quota holds for, the most exact last; `scope_id` is 0, a channel or a shop.
QUOTA_SCOPES = ("global", "channel", "shop")
#: When an order that waits can be served: now, from what is on its way in its time, not from what is known; too large.
REACHES = ("now", "later", "never", "large")


class DemandReservation(Base):
    """预占: units of a pool promised before a stock point is known, to an order or for a time to a holder.

    `since` is the place in the queue: promises are kept in its order. `reference` is the holder's own number. Of `units`
    it waits for, `kept` are kept from those who come later. `reach` says when the whole order can be served, and
    `is_there` whether this SKU is there for it now, whatever else it lacks.
    """

    __tablename__ = "demand_reservation"
    __table_args__ = (
        check("units_positive", "units > 0"),
        check("one_claimant", "(order_id is null) = (holder <> '')"),
        check("kept_within", "kept between 0 and units"),
        one_of("kind", ("good", "presale")),
        one_of("reach", REACHES),
        UniqueConstraint("order_id", "sku_id", "kind"),
    )
    id: Mapped[int] = pk()
    pool_id: Mapped[int] = mapped_column(ForeignKey("stock_pool.id"))
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"))
    shop_id: Mapped[int | None]
    order_id: Mapped[int | None]
    holder: Mapped[str] = blank()
    reference: Mapped[str] = blank()
    kind: Mapped[str] = starts("good")
    units: Mapped[int]
    since: Mapped[datetime] = now()
    created_at: Mapped[datetime] = now()
    expires_at: Mapped[datetime | None]
    kept: Mapped[int] = zero()
    reach: Mapped[str] = starts("now")
    is_there: Mapped[bool] = on()


class StockFreed(Base):
    """到货提醒: a SKU of which more may be promised than before; orders that wait for it are woken and the row goes."""

    __tablename__ = "stock_freed"
    id: Mapped[int] = pk()
    sku_id: Mapped[int]


class PromisePolicy(Base):
    """超卖策略 of a pool, or of one of its shops (shop_id 0: every shop); empty fields leave it to the pool, then to us.

    `unpaid_minutes`: how long an unpaid order keeps its units. `short_hours`: how long a paid order that is short keeps
    what is there. `backorder_units`: units of a SKU sold beyond stock. `last_units`: below so many units of the pool only
    the best shops are told them. `late_fine`: what an order that comes too late costs there, minor units. `keep_bp`: the
    share of what is sellable that orders which wait for goods on their way may keep, in hundredths of a percent.
    `large_units`: lines from so many units go to people when they cannot be served.
    """

    __tablename__ = "promise_policy"
    __table_args__ = (
        check(
            "not_negative",
            "unpaid_minutes >= 0 and short_hours >= 0 and backorder_units >= 0 and last_units >= 0 and late_fine >= 0",
        ),
        check("keeping", "keep_bp between 0 and 10000 and large_units >= 1"),
    )
    pool_id: Mapped[int] = mapped_column(ForeignKey("stock_pool.id"), primary_key=True)
    shop_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unpaid_minutes: Mapped[int | None]
    short_hours: Mapped[int | None]
    backorder_units: Mapped[int | None]
    last_units: Mapped[int | None]
    late_fine: Mapped[int | None]
    keep_bp: Mapped[int | None]
    large_units: Mapped[int | None]


class StockQuota(Base):
    """配额 of a place on a SKU (sku_id 0: every SKU); a more exact row counts field by field.

    `exclusive`: units for that place alone. `ratio_bp`: the share it is told of what all share, in hundredths of a
    percent. When fewer than `threshold` units could be told, `threshold_units` are, at most what could.
    """

    __tablename__ = "stock_quota"
    __table_args__ = (
        one_of("scope", QUOTA_SCOPES),
        check("global_has_no_place", "(scope = 'global') = (scope_id = 0)"),
        check("exclusive", "exclusive is null or exclusive >= 0 and scope <> 'global' and sku_id <> 0"),
        check("ratio", "ratio_bp between 0 and 10000"),
        check("threshold", "threshold >= 0 and threshold_units >= 0"),
        UniqueConstraint("scope", "scope_id", "sku_id"),
    )
    id: Mapped[int] = pk()
    scope: Mapped[str]
    scope_id: Mapped[int]
    sku_id: Mapped[int]
    exclusive: Mapped[int | None]
    ratio_bp: Mapped[int | None]
    threshold: Mapped[int | None]
    threshold_units: Mapped[int | None]
    is_enabled: Mapped[bool] = on()
    changed_at: Mapped[datetime] = now()
    changed_by: Mapped[str] = blank()


class QuotaUse(Base):
    """Units an order has drawn from an exclusive quota; given back when the order gives its goods back."""

    __tablename__ = "quota_use"
    __table_args__ = (check("units_positive", "units > 0"),)
    quota_id: Mapped[int] = mapped_column(ForeignKey("stock_quota.id", ondelete="cascade"), primary_key=True)
    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    units: Mapped[int]


class PresaleListing(Base):
    """预售货品: a listing that sells what has not arrived yet; its platform is told units of the presale pool."""

    __tablename__ = "presale_listing"
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    since: Mapped[datetime] = now()


class SkuDay(Base):
    """日销量: what a shop sold of a SKU in a day of its time zone; counted anew while the day may still change."""

    __tablename__ = "sku_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sku_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    units: Mapped[int] = zero()
    income: Mapped[int] = zero()
    orders: Mapped[int] = small()
    late_orders: Mapped[int] = small()


class ReplenishSetting(Base):
    """补货参数 of a pool's SKU (sku_id 0: of all its SKUs); days, and units an order to the supplier is a multiple of.

    With `is_ordering_itself` what is proposed is ordered to come to a stock point while it is sure enough and costs at
    most `order_limit` minor units.
    """

    __tablename__ = "replenish_setting"
    __table_args__ = (
        check(
            "sane",
            "lead_days between 0 and 365 and cover_days between 1 and 365 and multiple >= 1 and least_units >= 0 "
            "and look_back_days between 3 and 180",
        ),
        check("limits_orders", "not is_ordering_itself or order_limit > 0 and stock_point_id is not null"),
    )
    pool_id: Mapped[int] = mapped_column(ForeignKey("stock_pool.id"), primary_key=True)
    sku_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_watched: Mapped[bool] = on()
    lead_days: Mapped[int] = small(7)
    cover_days: Mapped[int] = small(14)
    look_back_days: Mapped[int] = small(28)
    multiple: Mapped[int] = small(1)
    least_units: Mapped[int] = zero()
    user_group_id: Mapped[int | None]
    is_ordering_itself: Mapped[bool] = off()
    order_limit: Mapped[int | None]
    stock_point_id: Mapped[int | None] = mapped_column(ForeignKey("stock_point.id"))
    supplier_name: Mapped[str] = blank()


class ReplenishProposal(Base):
    """补货建议: units to buy of a SKU for a pool, with the figures it rests on; one that is open is renewed daily.

    `daily_milli`: thousandths of a unit sold a day. `free`: sellable less promised. `incoming`: ordered, not here yet.
    """

    __tablename__ = "replenish_proposal"
    __table_args__ = (
        one_of("state", ("open", "ordered", "dismissed", "gone")),
        check("units_positive", "units > 0"),
    )
    id: Mapped[int] = pk()
    pool_id: Mapped[int] = mapped_column(ForeignKey("stock_pool.id"))
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"))
    state: Mapped[str] = starts("open")
    units: Mapped[int]
    daily_milli: Mapped[int]
    free: Mapped[int]
    backlog: Mapped[int] = zero()
    incoming: Mapped[int] = zero()
    lead_days: Mapped[int] = small(None)
    cover_days: Mapped[int] = small(None)
    days_left: Mapped[int] = small(None)
    reason: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()
    renewed_at: Mapped[datetime] = now()
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = blank()
    words: Mapped[str] = blank()
    ordered_units: Mapped[int | None]
    expected_on: Mapped[date | None]
    receipt_id: Mapped[int | None]


Index(
    "ix_demand_reservation_queue",
    DemandReservation.sku_id,
    DemandReservation.pool_id,
    DemandReservation.kind,
    DemandReservation.since,
    DemandReservation.id,
    postgresql_include=["units", "order_id", "kept", "reach"],
)
Index(
    "uq_demand_reservation_holder",
    DemandReservation.holder,
    DemandReservation.reference,
    DemandReservation.sku_id,
    unique=True,
    postgresql_where=text("order_id is null"),
)
Index("ix_demand_reservation_expires", DemandReservation.expires_at, postgresql_where=text("expires_at is not null"))
Index("ix_stock_freed_sku", StockFreed.sku_id)
Index("ix_quota_use_order", QuotaUse.order_id)
Index("ix_stock_quota_sku", StockQuota.sku_id, postgresql_where=text("is_enabled"))
Index("ix_sku_day_sku", SkuDay.sku_id, SkuDay.day)
Index(
    "uq_replenish_proposal_open",
    ReplenishProposal.pool_id,
    ReplenishProposal.sku_id,
    unique=True,
    postgresql_where=text("state = 'open'"),
)
