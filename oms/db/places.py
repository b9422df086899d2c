"""Around stock points' reach: places that geocoders are asked for, requests done once, units oversold, outages.

Where a geocoder found an address is kept in oms.db.stores.GeocodeKept; areas of stock points are in oms.db.stockroom.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, now, one_of, pk, small, starts, zero


class PoolPlaces(Base):
    """定位 of a stock pool: the account that is asked where receivers are, when an area of a point needs to know it."""

    __tablename__ = "pool_places"
    pool_id: Mapped[int] = mapped_column(ForeignKey("stock_pool.id"), primary_key=True, autoincrement=False)
    geocoder_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))


class OrderPlace(Base):
    """待定位 of an order: a geocoder is asked where its address is from `next_at` on, until it knows or never will.

    `address_blind` is the keyed hash of the address that was asked for: another address is asked for anew.
    """

    __tablename__ = "order_place"
    __table_args__ = (one_of("state", ("waiting", "found", "unknown")),)
    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    address_blind: Mapped[bytes]
    state: Mapped[str] = starts("waiting")
    next_at: Mapped[datetime | None]
    attempts: Mapped[int] = small()
    words: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()


class StockRequest(Base):
    """A request for a stock document that was done: its key again gets the same document, or is refused.

    `mark` is the hash of what was asked; `scope` is who asked for what, so that keys of callers never meet.
    """

    __tablename__ = "stock_request"
    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]
    document_id: Mapped[int]
    at: Mapped[datetime] = now()


class OversoldPick(Base):
    """超卖挂单: orders that somebody chose to wait for goods that were promised twice, taken back in one act."""

    __tablename__ = "oversold_pick"
    id: Mapped[int] = pk()
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"))
    missing: Mapped[int]
    order_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    at: Mapped[datetime] = now()
    by: Mapped[str] = blank()
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = blank()


class PointOutage(Base):
    """停用记录 of a stock point: from when to when, why, and how many fulfilments were planned elsewhere for it."""

    __tablename__ = "point_outage"
    id: Mapped[int] = pk()
    stock_point_id: Mapped[int] = mapped_column(ForeignKey("stock_point.id"))
    began_at: Mapped[datetime]
    began_by: Mapped[str] = blank()
    words: Mapped[str] = blank()
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = blank()
    moved: Mapped[int] = zero()


Index("ix_order_place_next_at", OrderPlace.next_at, postgresql_where=text("next_at is not null"))
Index("ix_oversold_pick_level", OversoldPick.stock_point_id, OversoldPick.sku_id)
Index("ix_point_outage_stock_point_id", PointOutage.stock_point_id)
