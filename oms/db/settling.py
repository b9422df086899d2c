"""代销与分销: partners, whose orders are theirs, what they pay us for a line, and what was settled with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, off, one_of, pk, settings, small, starts, zero

SHIPS = ("us", "partner", "sku")


class Partner(Base):
    """合作方: an agent (代销) or distributor (分销商) whose orders we keep; amounts with it are of one currency.

    `ships`: who sends its orders; with `sku` the goods in partner_goods are sent by the partner, the others by us.
    `deducts`: which units lower what it owes: those refunded to buyers, those that came back to us, or none.
    """

    __tablename__ = "partner"
    __table_args__ = (
        one_of("kind", ("agent", "distributor")),
        one_of("ships", SHIPS),
        one_of("deducts", ("refunded", "returned", "never")),
    )
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    currency: Mapped[str] = starts("CNY")
    ships: Mapped[str] = starts("us")
    needs_price: Mapped[bool] = off()
    settles_own: Mapped[bool] = off()
    deducts: Mapped[str] = starts("refunded")
    sender_name: Mapped[str] = blank()
    sender_phone: Mapped[str] = blank()
    is_stopped: Mapped[bool] = off()
    created_at: Mapped[datetime] = now()


class PartnerShop(Base):
    """A shop all of whose orders are one partner's."""

    __tablename__ = "partner_shop"
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))


class PartnerGoods(Base):
    """Goods that a partner sends itself; the one of sku_id and bundle_id that is not meant is 0."""

    __tablename__ = "partner_goods"
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    sku_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bundle_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class SettlementPrice(Base):
    """结算价 of one unit for a partner from a moment on; both numbers 0 means all goods without a price of their own.

    `basis`: price is `amount` minor units, list and paid are `rate_bp` hundredths of a percent of that amount.
    """

    __tablename__ = "settlement_price"
    __table_args__ = (
        one_of("basis", ("price", "list", "paid")),
        check("sane", "amount >= 0 and rate_bp between 0 and 100000 and (basis = 'price') = (rate_bp = 0)"),
        check("ends_later", "valid_until is null or valid_until > valid_from"),
        check("one_target", "sku_id = 0 or bundle_id = 0"),
    )
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    sku_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bundle_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    valid_until: Mapped[datetime | None]
    basis: Mapped[str] = starts("price")
    amount: Mapped[int] = zero()
    rate_bp: Mapped[int] = small()


class OrderPartner(Base):
    """Whose an order is. `code` and `stated` are what its document says: the partner, and amounts by line number.

    `left_lines` are lines that were left to the partner because it sends those goods.
    """

    __tablename__ = "order_partner"
    __table_args__ = (one_of("via", ("shop", "document")), one_of("ships", SHIPS))
    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    partner_id: Mapped[int | None]
    code: Mapped[str] = blank()
    reference: Mapped[str] = blank()
    via: Mapped[str]
    ships: Mapped[str] = starts("us")
    stated: Mapped[dict[str, Any]] = settings()
    left_lines: Mapped[list[int]] = mapped_column(server_default=text("'{}'::bigint[]"))
    noted_at: Mapped[datetime] = now()


class LineSettlement(Base):
    """Where the settlement amount of an order line comes from; the amount itself is order_line.settlement_amount.

    `units` and `base_amount` are those of the line when it was priced, `unit_amount` and `rate_bp` what was agreed; of
    what a person has set, `base_amount` is what the document said then.
    """

    __tablename__ = "line_settlement"
    __table_args__ = (
        one_of("basis", ("document", "price", "list", "paid", "person")),
        check("units_positive", "units > 0"),
    )
    order_line_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order_id: Mapped[int]
    basis: Mapped[str]
    units: Mapped[int] = small(None)
    sku_id: Mapped[int] = zero()
    bundle_id: Mapped[int] = zero()
    base_amount: Mapped[int] = zero()
    unit_amount: Mapped[int] = zero()
    rate_bp: Mapped[int] = small()
    valid_from: Mapped[datetime | None]
    priced_at: Mapped[datetime] = now()
    priced_by: Mapped[str] = starts("system")


class PartnerStatement(Base):
    """结算单: what was settled with a partner up to the end of a day; its entries name it and never change."""

    __tablename__ = "partner_statement"
    __table_args__ = (UniqueConstraint("partner_id", "number"),)
    id: Mapped[int] = pk()
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    number: Mapped[int] = small(None)
    until: Mapped[date]
    currency: Mapped[str] = starts("CNY")
    orders: Mapped[int] = zero()
    units: Mapped[int] = zero()
    units_back: Mapped[int] = zero()
    sold: Mapped[int] = zero()
    back: Mapped[int] = zero()
    changed: Mapped[int] = zero()
    total: Mapped[int] = zero()
    closed_at: Mapped[datetime] = now()
    closed_by: Mapped[str] = blank()


class SettlementEntry(Base):
    """结算流水: units of a line that left, came back, or were priced anew; signed minor units. Append-only.

    `at` is when it happened, `booked_at` when the hub booked it.
    """

    __tablename__ = "settlement_entry"
    __table_args__ = (one_of("kind", ("sale", "return", "change")),)
    id: Mapped[int] = pk()
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    order_id: Mapped[int]
    order_line_id: Mapped[int]
    kind: Mapped[str]
    units: Mapped[int] = small()
    amount: Mapped[int]
    currency: Mapped[str] = starts("CNY")
    at: Mapped[datetime]
    booked_at: Mapped[datetime] = now()
    statement_id: Mapped[int | None] = mapped_column(ForeignKey("partner_statement.id"))


Index("ix_order_partner_partner_id", OrderPartner.partner_id, OrderPartner.order_id)
Index("ix_line_settlement_order_id", LineSettlement.order_id)
Index("ix_settlement_entry_order_line_id", SettlementEntry.order_line_id)
Index("ix_settlement_entry_partner_id", SettlementEntry.partner_id, SettlementEntry.at)
Index("ix_settlement_entry_statement_id", SettlementEntry.statement_id)
