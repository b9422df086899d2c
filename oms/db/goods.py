"""Goods: SKUs, bundles, listings on shops, cost and floor prices, what warehouses call them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, off, on, one_of, pk, starts, zero


class Sku(Base):
    """系统货品: what is stocked; units are counted in `base_unit`."""

    __tablename__ = "sku"
    __table_args__ = (
        one_of("base_unit", ("piece", "gram")),
        one_of("size_class", ("small", "medium", "large")),
        check("measures", "weight_g >= 0 and volume_cm3 >= 0"),
    )
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    barcode: Mapped[str] = blank()
    category: Mapped[str] = blank()
    base_unit: Mapped[str] = starts("piece")
    weight_g: Mapped[int] = zero()
    volume_cm3: Mapped[int] = zero()
    size_class: Mapped[str] = starts("small")
    is_virtual: Mapped[bool] = off()
    is_archived: Mapped[bool] = off()
    created_at: Mapped[datetime] = now()


class Bundle(Base):
    """组合装: sold as one, stocked as parts."""

    __tablename__ = "bundle"
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class BundlePart(Base):
    """A SKU in a bundle; `weight` shares the bundle's money (e.g. the part's own price)."""

    __tablename__ = "bundle_part"
    __table_args__ = (check("units_positive", "units > 0"), check("weight_not_negative", "weight >= 0"))
    bundle_id: Mapped[int] = mapped_column(ForeignKey("bundle.id"), primary_key=True)
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"), primary_key=True)
    units: Mapped[int]
    weight: Mapped[int] = zero()


class Listing(Base):
    """平台货品: a platform's goods and variant of one shop, matched to a SKU or bundle."""

    __tablename__ = "listing"
    __table_args__ = (
        UniqueConstraint("shop_id", "listing_no", "variant_no"),
        check("one_target", "num_nonnulls(sku_id, bundle_id) <= 1"),
    )
    id: Mapped[int] = pk()
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    listing_no: Mapped[str]
    variant_no: Mapped[str] = blank()
    seller_code: Mapped[str] = blank()
    title: Mapped[str] = blank()
    variant: Mapped[str] = blank()
    sku_id: Mapped[int | None] = mapped_column(ForeignKey("sku.id"))
    bundle_id: Mapped[int | None] = mapped_column(ForeignKey("bundle.id"))
    matched_by: Mapped[str] = blank()
    matched_at: Mapped[datetime | None]
    barcode: Mapped[str] = blank()
    is_on_sale: Mapped[bool] = on()
    seen_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = now()


class CostPrice(Base):
    """成本价 of one base unit, from a moment on."""

    __tablename__ = "cost_price"
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"), primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    amount: Mapped[int]
    currency: Mapped[str] = starts("CNY")


class FloorPrice(Base):
    """限价: the least a unit may be sold for in a shop; shop_id 0 means every shop."""

    __tablename__ = "floor_price"
    shop_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"), primary_key=True)
    amount: Mapped[int]
    currency: Mapped[str] = starts("CNY")


class WarehouseItem(Base):
    """The id a warehouse system gave one of our SKUs; sent back in every later document."""

    __tablename__ = "warehouse_item"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    sku_id: Mapped[int] = mapped_column(ForeignKey("sku.id"), primary_key=True)
    item_id: Mapped[str]


Index("ix_listing_unmatched", Listing.shop_id, postgresql_where=text("sku_id is null and bundle_id is null"))
