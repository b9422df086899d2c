"""Parses WooCommerce's order document to a normalised order. Pure; no calls, no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.contract.delivering import DeliveryMode, DeliveryRecord, LastLeg
from connectors.contract.errors import BadRecord
from connectors.contract.money import exponent
from connectors.contract.records import (
    BuyerRecord,
    Funder,
    OrderRecord,
    OrderState,
    PaymentKind,
    PaymentRecord,
    PromotionRecord,
    ReceiverRecord,
    RefundState,
)
from connectors.marketplaces.woocommerce import codes
from connectors.marketplaces.woocommerce.amounts import FREIGHT, GOODS, Share, gift_cards, shares_of
from connectors.marketplaces.woocommerce.lines import TRACKING_META, holds_of, lines_of
from connectors.marketplaces.woocommerce.reading import (
    Json,
    amount,
    document,
    meta,
    moment,
    number_text,
    part,
    plain,
    required,
    rows,
    text,
)

_LEFT = frozenset({OrderState.SHIPPED, OrderState.COMPLETED})


@dataclass(frozen=True, slots=True)
class Habits:
    """What differs from shop to shop: statuses of its own, payment methods that are cash on delivery."""

    states: Mapping[str, OrderState]
    cod: frozenset[str] = frozenset({"cod"})


def habits_of(settings: Mapping[str, str]) -> Habits:
    """From an account's settings; what is no `status=word` pair is left out, `check` tells of it."""
    own = {status: codes.STATE_WORDS[word] for status, word in _pairs(settings) if word in codes.STATE_WORDS}
    cod = settings.get("cod_methods") or "cod"
    return Habits(codes.STATES | own, frozenset(method.strip() for method in cod.split(",")))


def strange_statuses(settings: Mapping[str, str]) -> str:
    """Statuses of the setting whose state is no word of ours, with commas."""
    return ", ".join(status for status, word in _pairs(settings) if word not in codes.STATE_WORDS)


def _pairs(settings: Mapping[str, str]) -> list[tuple[str, str]]:
    pairs = (pair.partition("=") for pair in settings.get("statuses", "").split(",") if pair.strip())
    return [(status.strip().removeprefix("wc-"), word.strip()) for status, _, word in pairs]


def parse_order(body: bytes, habits: Habits) -> OrderRecord:
    """The order in an answer of orders/{id}, a row of orders, or a webhook's body."""
    order = document(body, "order")
    currency = text(order, "currency")
    if not currency:
        raise BadRecord("this is missing", field="currency")
    digits = exponent(currency)
    if order.get("total") in (None, ""):
        raise BadRecord("this is missing", field="total")
    by_card = gift_cards(order, digits)
    total = amount(order, "total", digits) + by_card
    created, paid_at = moment(order, "date_created_gmt"), moment(order, "date_paid_gmt")
    if created is None:
        raise BadRecord("this is missing", field="date_created_gmt")
    status, method = text(order, "status"), text(order, "payment_method")
    is_cod = method in habits.cod
    state, known = _state(status, habits, paid_at)
    shares = shares_of(order, total, digits)
    if not any(share.kind == GOODS for share in shares):
        raise BadRecord("an order needs at least one line", field="line_items")
    refund = RefundState.SUCCEEDED if status == "refunded" else RefundState.NONE
    return OrderRecord(
        external_no=required(order, "id"),
        state=state,
        platform_status=status,
        created_at=created,
        changed_at=moment(order, "date_modified_gmt") or created,
        currency=currency,
        paid_total=total,
        buyer=_buyer(order),
        receiver=receiver_of(order),
        lines=lines_of(shares, state, refund, _parcel(order) if state in _LEFT else ("", "")),
        payments=_payments(order, total, by_card, is_cod, paid_at),
        promotions=_promotions(order, digits),
        paid_at=paid_at,
        is_cod=is_cod,
        buyer_message=text(order, "customer_note"),
        delivery=_delivery(shares),
        platform_holds=holds_of(known, status, paid_at is not None),
        alerts=() if known else (f"status={status:.40}",),
    )


def _delivery(shares: list[Share]) -> DeliveryRecord | None:
    """The buyer comes for it: to which store, the order does not say."""
    ways = [str(share.row.get("method_id")) for share in shares if share.kind == FREIGHT]
    is_collected = any(way in codes.PICKUP_METHODS for way in ways)
    return DeliveryRecord(DeliveryMode.STORE_PICKUP, LastLeg.PICKUP) if is_collected else None


def _state(status: str, habits: Habits, paid_at: datetime | None) -> tuple[OrderState, bool]:
    """The state of a status; one we do not know is open when it is paid, and held."""
    if not status:
        raise BadRecord("this is missing", field="status")
    state = habits.states.get(status)
    if state is None:
        return (OrderState.OPEN if paid_at else OrderState.UNPAID), False
    if status == "on-hold" and paid_at and state is OrderState.UNPAID:
        return OrderState.OPEN, True
    return state, True


def receiver_of(order: Json) -> ReceiverRecord:
    """The shipping address; the billing address where a shop ships to no other, and its phone in any case."""
    shipping, billing = part(order, "shipping"), part(order, "billing")
    to = shipping if shipping.get("address_1") or shipping.get("city") else billing
    country, state = text(to, "country"), plain(to, "state")
    streets = (plain(to, "company"), plain(to, "address_1"), plain(to, "address_2"))
    return ReceiverRecord(
        f"{plain(to, 'first_name')} {plain(to, 'last_name')}".strip(),
        text(to, "phone") or text(billing, "phone"),
        "",
        country,
        codes.PROVINCES.get(state, state) if country == "CN" else state,
        plain(to, "city"),
        "",
        "",
        ", ".join(street for street in streets if street),
        text(to, "postcode"),
        email=text(billing, "email"),
    )


def _buyer(order: Json) -> BuyerRecord:
    """The customer's number; a guest is known by a digest of the mail address, never by the address itself."""
    customer = number_text(order, "customer_id")
    mail = text(part(order, "billing"), "email")
    if customer or not mail:
        return BuyerRecord(customer)
    return BuyerRecord("guest-" + hashlib.sha256(mail.strip().lower().encode()).hexdigest()[:24])


def _payments(order: Json, total: int, by_card: int, is_cod: bool, paid_at: datetime | None) -> tuple[PaymentRecord, ...]:
    kind = PaymentKind.COD if is_cod else PaymentKind.ONLINE
    due = PaymentRecord(kind, total - by_card, paid_at, text(order, "transaction_id"))
    if not by_card:
        return (due,)
    return (PaymentRecord(PaymentKind.STORE, by_card, moment(order, "date_created_gmt")), due)


def _promotions(order: Json, digits: int) -> tuple[PromotionRecord, ...]:
    """Coupons; the shop pays for all of them, and their discount is in the lines already."""
    return tuple(
        PromotionRecord(
            Funder.MERCHANT,
            amount(row, "discount", digits, "coupon_lines."),
            number_text(row, "id"),
            plain(row, "code"),
        )
        for row in rows(order, "coupon_lines")
    )


def _parcel(order: Json) -> tuple[str, str]:
    """The waybill and the carrier a shipping plugin noted, where there is just one."""
    noted = meta(order, TRACKING_META)
    if isinstance(noted, list) and len(noted) == 1 and isinstance(noted[0], dict):
        name = text(noted[0], "tracking_provider") or text(noted[0], "custom_tracking_provider")
        return text(noted[0], "tracking_number"), codes.CARRIERS_BY_NAME.get(name.lower(), name)
    return "", ""
