"""Channels, accounts with sealed credentials, shops, groups, and how each stream is synchronised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, off, on, one_of, pk, settings, small, starts, zero


class Channel(Base):
    """渠道: a kind of platform, e.g. Taobao; `vendor` names its connector."""

    __tablename__ = "channel"
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(unique=True)
    vendor: Mapped[str]
    label_zh: Mapped[str]
    label_en: Mapped[str]
    mark: Mapped[str]
    platform_code: Mapped[str] = starts("OTHER")
    ship_hours_paid: Mapped[int] = small(24)
    ship_hours_cod: Mapped[int] = small(30)


class Account(Base):
    """One set of credentials at an outside system of any family; secrets are sealed."""

    __tablename__ = "account"
    __table_args__ = (one_of("state", ("active", "paused")),)
    id: Mapped[int] = pk()
    family: Mapped[str]
    vendor: Mapped[str]
    name: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = starts("active")
    paused_reason: Mapped[str] = blank()
    gateway: Mapped[str] = blank()
    relay: Mapped[str] = blank()
    timezone: Mapped[str] = starts("Asia/Shanghai")
    settings: Mapped[dict[str, Any]] = settings()
    sealed_secrets: Mapped[bytes | None]
    secrets_key_id: Mapped[str] = blank()
    calls_per_second: Mapped[float | None]
    token_expires_at: Mapped[datetime | None]
    authorisation_ends_at: Mapped[datetime | None]
    authorised_at: Mapped[datetime | None]
    push_token: Mapped[str] = mapped_column(unique=True, server_default=text("gen_random_uuid()::text"))
    created_at: Mapped[datetime] = now()


class UserGroup(Base):
    """用户组: people plus a scope of shops; an automatic step belongs to the group of its shop."""

    __tablename__ = "user_group"
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class ShopGroup(Base):
    """A set of shops that share rules or may merge with each other."""

    __tablename__ = "shop_group"
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    merges_across: Mapped[bool] = off()


class Shop(Base):
    """店铺: an online shop on one channel, never a building.

    `mode`: live, observing (everything decided, nothing sent), closed. Windows are seconds, limits minor units.
    """

    __tablename__ = "shop"
    __table_args__ = (
        one_of("mode", ("live", "observing", "closed")),
        one_of("owner", ("own", "agent", "distributor")),
        one_of("reserve_at", ("order", "payment")),
    )
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    shop_group_id: Mapped[int | None] = mapped_column(ForeignKey("shop_group.id"))
    user_group_id: Mapped[int | None] = mapped_column(ForeignKey("user_group.id"))
    stock_pool_id: Mapped[int | None] = mapped_column(ForeignKey("stock_pool.id"))
    mode: Mapped[str] = starts("live")
    go_live_at: Mapped[datetime | None]
    owner: Mapped[str] = starts("own")
    timezone: Mapped[str] = starts("Asia/Shanghai")
    currency: Mapped[str] = starts("CNY")
    merge_window_s: Mapped[int] = small(300)
    merge_cap: Mapped[int] = small(20)
    reserve_at: Mapped[str] = starts("payment")
    max_parcels: Mapped[int] = small(3)
    merge_invoice_policy: Mapped[str] = starts("sum")
    merge_gift_policy: Mapped[str] = starts("keep")
    reviews_in_order: Mapped[bool] = off()
    ship_hours_paid: Mapped[int | None]
    ship_hours_cod: Mapped[int | None]
    settings: Mapped[dict[str, Any]] = settings()
    created_at: Mapped[datetime] = now()


class SyncSchedule(Base):
    """How often a stream of a shop is pulled; edited in the console, read by the clock."""

    __tablename__ = "sync_schedule"
    __table_args__ = (UniqueConstraint("shop_id", "stream"), check("every_s_sane", "every_s between 1 and 86400"))
    id: Mapped[int] = pk()
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    stream: Mapped[str]
    every_s: Mapped[int] = small(60)
    is_enabled: Mapped[bool] = on()
    version: Mapped[int] = zero()


class StreamCursor(Base):
    """抓单游标: where a stream goes on; advanced in the transaction that stores its page."""

    __tablename__ = "stream_cursor"
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[str] = blank()
    fence: Mapped[int] = zero()
    last_started_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_error: Mapped[str] = blank()
    last_error_at: Mapped[datetime | None]
    failures: Mapped[int] = small()
    paused_until: Mapped[datetime | None]
    documents: Mapped[int] = zero()


class Lease(Base):
    """The right to do something alone until it expires; every write checks the fencing number."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    fence: Mapped[int] = zero()
    expires_at: Mapped[datetime]


class CallBudget(Base):
    """Calls an account may still make: a token bucket shared by all workers."""

    __tablename__ = "call_budget"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    tokens: Mapped[float]
    refilled_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class OperationBudget(Base):
    """The same of one operation that the platform limits by itself; `rate` is what its answers told, if they did."""

    __tablename__ = "operation_budget"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[float]
    refilled_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
    rate: Mapped[float | None]


Index("ix_shop_account_id", Shop.account_id)
