"""How orders find their stock points: settings of a place with their history, plans of the batch planner, transit
hours, points that refused an order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, off, on, one_of, pk, small, starts, zero

SOURCING_SCOPES = ("pool", "channel", "shop")
#: What decides between ways of serving an order.
SOURCING_POLICIES = ("whole_first", "cheapest", "main_first", "fastest")
#: What people change, and what `SourcingChange` keeps of it.
STEERED = ("policy", "plan")


class SourcingSetting(Base):
    """寻源设置 of a pool, a channel or a shop: the shop's counts before the channel's, that before the pool's.

    Amounts are minor units: what each further parcel weighs, what a split must save, what an hour of transit and a full
    day of the point weigh, and a place in the pool's ranking. `most_refusals` is how many points may refuse an order
    before people are asked. `points` are the main point and its backups in order; with `only_points` nobody else serves.
    `together_skus` are lists of SKUs that leave together when an order has several of them. Percents are of handling
    and of the price of scarce stock. Whoever writes names the `revision` that was seen.
    """

    __tablename__ = "sourcing_setting"
    __table_args__ = (
        one_of("scope", SOURCING_SCOPES),
        one_of("policy", SOURCING_POLICIES),
        check(
            "not_negative",
            "parcel_amount >= 0 and split_gain >= 0 and gain_hours >= 0 and hour_amount >= 0 and pressure_amount >= 0",
        ),
        check("refusals", "most_refusals between 1 and 20"),
        check("parcels", "max_parcels between 1 and 20"),
        check(
            "weights", "rank_amount >= 0 and handling_percent between 0 and 1000 and scarcity_percent between 0 and 1000"
        ),
    )
    scope: Mapped[str] = mapped_column(primary_key=True)
    scope_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    policy: Mapped[str] = starts("whole_first")
    ships_whole: Mapped[bool] = mapped_column(server_default="false")
    splits_units: Mapped[bool] = on()
    parcel_amount: Mapped[int] = mapped_column(server_default="300")
    split_gain: Mapped[int] = zero()
    gain_hours: Mapped[int] = small()
    hour_amount: Mapped[int] = zero()
    pressure_amount: Mapped[int] = zero()
    most_refusals: Mapped[int] = small(3)
    changed_by: Mapped[str] = blank()
    changed_at: Mapped[datetime] = now()
    revision: Mapped[int] = small(1)
    max_parcels: Mapped[int | None] = mapped_column(Integer)
    points: Mapped[list[int]] = mapped_column(server_default=text("'{}'::bigint[]"))
    only_points: Mapped[bool] = off()
    together_lines: Mapped[bool] = off()
    together_skus: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    rank_amount: Mapped[int] = mapped_column(server_default="1")
    handling_percent: Mapped[int] = small(100)
    scarcity_percent: Mapped[int] = small(100)


class SourcingPlan(Base):
    """寻源计划 of a pool: how often each kind of order is meant to leave which way; followed until `valid_until`.

    `body` is compressed JSON of kinds, methods, shares and prices of scarce stock; null while none is made yet.
    `looks_back_h` is the demand it is reckoned from, `horizon_h` the demand that today's stock is to last for. The orders
    of the last one came from `counted_from` on. Whoever changes it names the `revision` that was seen.
    """

    __tablename__ = "sourcing_plan"
    __table_args__ = (
        check("hours", "looks_back_h between 1 and 2160 and horizon_h between 1 and 2160"),
        check("minutes", "every_min between 1 and 1440"),
    )
    pool_id: Mapped[int] = mapped_column(ForeignKey("stock_pool.id"), primary_key=True, autoincrement=False)
    is_on: Mapped[bool] = on()
    every_min: Mapped[int] = small(10)
    looks_back_h: Mapped[int] = small(168)
    horizon_h: Mapped[int] = small(168)
    due_at: Mapped[datetime] = now()
    version: Mapped[int] = zero()
    made_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    orders: Mapped[int] = zero()
    kinds: Mapped[int] = small()
    cost: Mapped[int] = zero()
    milliseconds: Mapped[int] = small()
    error: Mapped[str] = blank()
    body: Mapped[bytes | None]
    revision: Mapped[int] = small(1)
    changed_by: Mapped[str] = blank()
    changed_at: Mapped[datetime] = now()
    counted_from: Mapped[datetime | None]


class SourcingChange(Base):
    """寻源改动: what somebody changed of a setting or plan, before and after; null where there was none. Append-only."""

    __tablename__ = "sourcing_change"
    __table_args__ = (one_of("subject", STEERED), one_of("scope", SOURCING_SCOPES))
    id: Mapped[int] = pk()
    subject: Mapped[str]
    scope: Mapped[str]
    scope_id: Mapped[int]
    at: Mapped[datetime] = now()
    by: Mapped[str] = blank()
    undoes: Mapped[int | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class TransitTime(Base):
    """在途时效: hours from divisions that start with a code to others; the longest destination, then origin, speaks."""

    __tablename__ = "transit_time"
    __table_args__ = (check("hours_bounds", "hours between 1 and 2400"),)
    from_prefix: Mapped[str] = mapped_column(primary_key=True)
    to_prefix: Mapped[str] = mapped_column(primary_key=True)
    hours: Mapped[int] = small(None)


class SourcingRefusal(Base):
    """A stock point that would not ship an order: it is not asked again for that order."""

    __tablename__ = "sourcing_refusal"
    id: Mapped[int] = pk()
    order_id: Mapped[int] = mapped_column(index=True)
    stock_point_id: Mapped[int]
    fulfilment_id: Mapped[int]
    at: Mapped[datetime] = now()
    words: Mapped[str] = blank()


Index(
    "ix_sourcing_change_place", SourcingChange.subject, SourcingChange.scope, SourcingChange.scope_id, SourcingChange.id
)
