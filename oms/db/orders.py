"""Orders and what hangs on them: lines with counters, demands, discounts, payments, holds, reviews, invoices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from oms.db.base import Base, blank, check, now, off, on, one_of, pk, settings, small, starts, texts, zero
from oms.domain import lifecycle


class Order(Base):
    """销售订单: one to one with the platform's order for life.

    `phase` is derived (oms.domain.phase) and stored by the writer of statuses. `ready_at` not empty
    means the pipeline has work with it from that moment. `tiers_next`: review tiers whose turn comes after those
    that are waiting, one digit each. References to master rows (shop, customer)
    carry no foreign key: those rows are archived, never deleted, and the check would lock them.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("shop_id", "origin", "external_no"),
        one_of("status", lifecycle.ORDER.states),
        one_of("review", lifecycle.REVIEW.states),
        one_of("origin", ("platform", "distributor", "pos", "manual", "exchange", "reship")),
        one_of("owner", ("own", "agent", "distributor")),
        {"postgresql_with": {"fillfactor": "80"}},
    )
    id: Mapped[int] = pk()
    shop_id: Mapped[int]
    origin: Mapped[str] = starts("platform")
    external_no: Mapped[str]
    source_order_id: Mapped[int | None]
    customer_id: Mapped[int | None]
    status: Mapped[str]
    review: Mapped[str] = starts("none")
    phase: Mapped[str]
    platform_state: Mapped[str]
    platform_status: Mapped[str] = blank()
    platform_holds: Mapped[list[str]] = texts()
    currency: Mapped[str] = starts("CNY")
    paid_total: Mapped[int] = zero()
    presentment_currency: Mapped[str | None]
    presentment_total: Mapped[int | None]
    rate_at_capture: Mapped[float | None]
    is_cod: Mapped[bool] = off()
    is_presale: Mapped[bool] = off()
    is_sealed: Mapped[bool] = off()
    keeps_together: Mapped[bool] = off()
    owner: Mapped[str] = starts("own")
    fulfiller: Mapped[str] = starts("us")
    has_memo: Mapped[bool] = off()
    has_message: Mapped[bool] = off()
    flag: Mapped[str] = blank()
    tags: Mapped[list[str]] = texts()
    priority: Mapped[int] = small()
    division_code: Mapped[str] = blank()
    receiver_key: Mapped[bytes | None]
    is_masked: Mapped[bool] = off()
    ordered_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    ship_by: Mapped[datetime | None]
    collect_by: Mapped[datetime | None]
    captured_at: Mapped[datetime] = now()
    changed_at: Mapped[datetime]
    fetched_at: Mapped[datetime]
    content_hash: Mapped[bytes]
    ready_at: Mapped[datetime | None]
    attempts: Mapped[int] = small()
    tiers_waiting: Mapped[int] = small()
    tiers_passed: Mapped[int] = small()
    tiers_next: Mapped[str] = blank()
    assigned_to: Mapped[int | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = small(1)


class OrderLine(Base):
    """订单明细: one to one with the platform's line. Units are counters, amounts totals of the line."""

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "external_no"),
        check(
            "units",
            "ordered > 0 and cancelled >= 0 and planned >= 0 and shipped >= 0 and returned >= 0 "
            "and refunded >= 0 and cancelled + planned + shipped <= ordered and returned <= shipped "
            "and refunded <= ordered",
        ),
        check(
            "amounts_add_up",
            "list_amount - discount_merchant - discount_platform - discount_coin "
            "- discount_member - discount_distributor + case when tax_included then 0 else tax_amount end "
            "= paid_amount",
        ),
        check("refunded_at_most_paid", "refunded_amount between 0 and greatest(paid_amount, 0)"),
    )
    id: Mapped[int] = pk()
    order_id: Mapped[int]  # Belongs to orders: checked set-wise, see migration 0004setwise.
    line_no: Mapped[int] = small(None)
    external_no: Mapped[str]
    kind: Mapped[str] = starts("goods")
    listing_no: Mapped[str] = blank()
    variant_no: Mapped[str] = blank()
    seller_code: Mapped[str] = blank()
    title: Mapped[str] = blank()
    variant: Mapped[str] = blank()
    sku_id: Mapped[int | None]
    bundle_id: Mapped[int | None]
    ordered: Mapped[int] = small(None)
    cancelled: Mapped[int] = small()
    planned: Mapped[int] = small()
    shipped: Mapped[int] = small()
    returned: Mapped[int] = small()
    refunded: Mapped[int] = small()
    list_amount: Mapped[int]
    discount_merchant: Mapped[int] = zero()
    discount_platform: Mapped[int] = zero()
    discount_coin: Mapped[int] = zero()
    discount_member: Mapped[int] = zero()
    discount_distributor: Mapped[int] = zero()
    tax_amount: Mapped[int] = zero()
    tax_included: Mapped[bool] = on()
    tax_remitted_by: Mapped[str] = starts("us")
    paid_amount: Mapped[int]
    refunded_amount: Mapped[int] = zero()
    settlement_amount: Mapped[int | None]
    platform_state: Mapped[str]
    refund_state: Mapped[str] = starts("none")
    case_no: Mapped[str] = blank()
    is_gift: Mapped[bool] = off()
    fulfiller: Mapped[str] = starts("us")
    bound_group: Mapped[str] = blank()
    written_back_at: Mapped[datetime | None]
    is_gone: Mapped[bool] = off()


class Demand(Base):
    """发货需求: units of a physical SKU that a line needs, with its share of the line's money.

    `per_unit`: how many one unit of the line takes; 0 when the line no longer consists of this SKU.
    """

    __tablename__ = "demand"
    __table_args__ = (
        one_of("origin", ("self", "bundle", "gift", "swap", "exchange")),
        check(
            "units",
            "units > 0 and planned >= 0 and shipped >= 0 and cancelled >= 0 and planned + shipped + cancelled <= units",
        ),
        check("per_unit", "per_unit >= 0"),
    )
    id: Mapped[int] = pk()
    order_id: Mapped[int]
    order_line_id: Mapped[int]  # Belongs to order_line, checked set-wise.
    sku_id: Mapped[int]
    origin: Mapped[str] = starts("self")
    units: Mapped[int] = small(None)
    planned: Mapped[int] = small()
    shipped: Mapped[int] = small()
    cancelled: Mapped[int] = small()
    share_amount: Mapped[int] = zero()
    per_unit: Mapped[int] = small(1)
    dropped_reason: Mapped[str | None]


class DiscountShare(Base):
    """A named promotion of an order or line and who pays for it; the totals by funder are on the lines."""

    __tablename__ = "discount_share"
    id: Mapped[int] = pk()
    order_id: Mapped[int]
    order_line_id: Mapped[int | None]
    funder: Mapped[str]
    amount: Mapped[int]
    promotion_no: Mapped[str] = blank()
    name: Mapped[str] = blank()


class Payment(Base):
    """收款: a part of the order's money, paid or due."""

    __tablename__ = "payment"
    __table_args__ = (
        one_of("kind", ("online", "deposit", "balance", "cod", "store")),
        one_of("state", ("due", "paid", "forfeited", "refunded")),
    )
    id: Mapped[int] = pk()
    order_id: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str] = starts("CNY")
    paid_at: Mapped[datetime | None]
    reference: Mapped[str] = blank()


class Hold(Base):
    """挂起/截停原因: a finding or reason that blocks steps until it is cleared.

    `blocks` is a bit set of oms.domain.holds.Block; clearing one hold never clears another.
    """

    __tablename__ = "hold"
    __table_args__ = (one_of("clears", ("auto", "person", "either")),)
    id: Mapped[int] = pk()
    order_id: Mapped[int]
    fulfilment_id: Mapped[int | None]
    order_line_id: Mapped[int | None]
    kind: Mapped[str]
    blocks: Mapped[int] = small(None)
    clears: Mapped[str] = starts("either")
    lifted_with: Mapped[str] = starts("order.lift_hold")
    seen: Mapped[dict[str, Any]] = settings()
    placed_at: Mapped[datetime] = now()
    placed_by: Mapped[str] = starts("system")
    cleared_at: Mapped[datetime | None]
    cleared_by: Mapped[str] = blank()
    clear_reason: Mapped[str] = blank()


class ReviewDecision(Base):
    """A person's or rule's word on one tier; invalidated by a change that matters to that tier.

    `bulk_id`: the click on many orders (BulkPass) that it was part of.
    """

    __tablename__ = "review_decision"
    __table_args__ = (one_of("verdict", ("passed", "sent_back", "revoked", "forced")),)
    id: Mapped[int] = pk()
    order_id: Mapped[int]
    tier: Mapped[int] = small(None)
    verdict: Mapped[str]
    actor: Mapped[str]
    rule: Mapped[str] = blank()
    amount: Mapped[int] = zero()
    reason: Mapped[str] = blank()
    at: Mapped[datetime] = now()
    invalidated_at: Mapped[datetime | None]
    invalidated_by: Mapped[str] = blank()
    bulk_id: Mapped[int | None]


class InvoiceRequest(Base):
    """开票申请: title and tax number are sealed with the order's data key."""

    __tablename__ = "invoice_request"
    __table_args__ = (one_of("state", ("asked", "submitted", "issued", "failed", "reversed")),)
    id: Mapped[int] = pk()
    order_id: Mapped[int]
    kind: Mapped[str]
    medium: Mapped[str] = starts("electronic")
    sealed: Mapped[bytes]
    state: Mapped[str] = starts("asked")
    amount: Mapped[int] = zero()
    reference: Mapped[str] = blank()
    asked_at: Mapped[datetime] = now()
    issued_at: Mapped[datetime | None]


OPEN = text("status in ('unpaid', 'open')")
Index("ix_orders_ready", Order.ready_at, postgresql_where=text("ready_at is not null"))
Index("ix_orders_work", Order.phase, Order.ordered_at, Order.id, postgresql_where=OPEN)
Index(
    "ix_orders_review",
    Order.ship_by,
    Order.id,
    postgresql_where=text("phase = 'review' and status in ('unpaid', 'open')"),
)
Index("ix_orders_recent", Order.ordered_at, Order.id)
Index("ix_orders_customer", Order.customer_id)
Index(
    "ix_order_line_unmatched",
    OrderLine.order_id,
    postgresql_where=text("sku_id is null and bundle_id is null and kind = 'goods'"),
)
Index("ix_demand_order_id", Demand.order_id)
Index("ix_discount_share_order_id", DiscountShare.order_id)
Index("ix_payment_order_id", Payment.order_id)
Index("ix_hold_open", Hold.order_id, Hold.kind, postgresql_where=text("cleared_at is null"))
Index("ix_hold_order_id", Hold.order_id)
Index("ix_review_decision_order_id", ReviewDecision.order_id)
Index("ix_review_decision_forced", ReviewDecision.at, postgresql_where=text("verdict = 'forced'"))
Index("ix_invoice_request_order_id", InvoiceRequest.order_id)
