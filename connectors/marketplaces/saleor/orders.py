"""Parses Saleor's order document to a normalised order. Pure; no calls, no clock."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from connectors.contract.delivering import DeliveryMode, DeliveryRecord, LastLeg
from connectors.contract.errors import BadRecord
from connectors.contract.records import (
    BuyerRecord,
    LineRecord,
    OrderRecord,
    OrderState,
    PaymentKind,
    PaymentRecord,
    ReceiverRecord,
)
from connectors.marketplaces.saleor import codes
from connectors.marketplaces.saleor.amounts import Amounts, amounts_of
from connectors.marketplaces.saleor.lines import charge_lines, goods_lines
from connectors.marketplaces.saleor.progress import Progress, progress_of
from connectors.marketplaces.saleor.reading import (
    Json,
    currency_of,
    document,
    inner,
    moment,
    money,
    needed_moment,
    required,
    rows,
    text,
)


class Customs(NamedTuple):
    """What an account says of its shop: whether authorised money ships, whose warehouses, names of cash on delivery."""

    ship_authorised: bool
    our_warehouses: frozenset[str]
    cod_names: frozenset[str]


class _Paid(NamedTuple):
    """What the transactions say: parts paid, their sum, since when, and whether the rest is collected on delivery."""

    parts: list[PaymentRecord]
    amount: int
    at: datetime | None
    is_cod: bool
    refunded: int


def parse_order(body: bytes, customs: Customs) -> OrderRecord:
    """The order in an answer of OrderDetail, or in a bare `{"order": …}`; BadRecord names the field at fault."""
    return order_of(document(body)[1], customs)


def order_of(order: Json, customs: Customs) -> OrderRecord:
    """The order in an order object."""
    number, found = required(order, "id"), rows(order, "lines")
    if not found:
        raise BadRecord("an order needs at least one line", field="lines")
    alerts: list[str] = []
    currency = currency_of(order, "total")
    amounts = amounts_of(order, found, currency, alerts)
    progress = progress_of(order, number, alerts)
    paid = _paid(order, currency, amounts, customs, progress)
    base = _base(order, customs, paid, amounts, alerts)
    lines = goods_lines(found, amounts.shares, progress, base, customs.our_warehouses)
    state = _state(base, lines)
    lines += charge_lines(order, amounts, state)
    return OrderRecord(
        external_no=number,
        state=state,
        platform_status=f"{text(order, 'status')}/{text(order, 'chargeStatus')}",
        created_at=needed_moment(order, "created"),
        # Refunds and parcels have stamps of their own, which the order's need not follow.
        changed_at=max(needed_moment(order, "updatedAt"), *progress.stamps)
        if progress.stamps
        else needed_moment(order, "updatedAt"),
        currency=currency,
        paid_total=amounts.total,
        buyer=BuyerRecord(text(inner(order, "user"), "id")),
        receiver=receiver_of(order, lines, alerts),
        lines=tuple(lines),
        payments=_payments(paid, amounts.total),
        promotions=amounts.promotions,
        paid_at=paid.at if base is not OrderState.UNPAID else None,
        is_cod=paid.is_cod,
        buyer_message=text(order, "customerNote"),
        seller_memo="\n".join(notes_of(order)),
        flag=text(order, "flag"),
        platform_holds=_holds(order, state, paid, amounts),
        delivery=_delivery(order),
        alerts=tuple(dict.fromkeys(alerts)),
    )


def _delivery(order: Json) -> DeliveryRecord | None:
    """The buyer collects it at a warehouse of ours, which Saleor tells by its name."""
    point = text(order, "collectionPointName").strip()
    return DeliveryRecord(DeliveryMode.STORE_PICKUP, LastLeg.PICKUP, point) if point else None


def receiver_of(order: Json, lines: list[LineRecord], alerts: list[str]) -> ReceiverRecord:
    """The receiver; an order that is picked up or holds nothing to ship has none."""
    address = inner(order, "shippingAddress")
    if not address:
        if any(line.kind == "goods" for line in lines):
            alerts.append("no receiver: the order is picked up, or lacks its address")
        return ReceiverRecord()
    streets = (text(address, "companyName"), text(address, "streetAddress1"), text(address, "streetAddress2"))
    return ReceiverRecord(
        name=f"{text(address, 'firstName')} {text(address, 'lastName')}".strip(),
        phone=text(address, "phone"),
        country=text(inner(address, "country"), "code"),
        state=text(address, "countryArea"),
        city=text(address, "city"),
        district=text(address, "cityArea"),
        address=" ".join([street for street in streets if street]),
        postcode=text(address, "postalCode"),
    )


def notes_of(order: Json) -> list[str]:
    """The staff's notes, oldest first; an edited note stands as it was edited last."""
    found: dict[str, str] = {}
    for event in rows(order, "events"):
        if text(event, "type") in codes.NOTES:
            found.pop(text(inner(event, "related"), "id"), None)
            found[text(event, "id")] = text(event, "message")
    return [note for note in found.values() if note]


def _base(order: Json, customs: Customs, paid: _Paid, amounts: Amounts, alerts: list[str]) -> OrderState:
    """The state of what has not left: an unknown charge status waits like an unpaid one."""
    if text(order, "status") in codes.CLOSED:
        return OrderState.CANCELLED
    charged, authorised = text(order, "chargeStatus"), text(order, "authorizeStatus")
    if charged not in codes.CHARGED:
        alerts.append(f"chargeStatus={charged:.40}")
    if text(order, "status") not in codes.STATUSES:
        alerts.append(f"status={text(order, 'status'):.40}")
    # What was paid back is missing from the charge status, yet it had been paid.
    is_paid = codes.CHARGED.get(charged, False) or (paid.refunded > 0 and paid.amount >= amounts.total)
    is_safe = customs.ship_authorised and codes.AUTHORISED.get(authorised, False)
    return OrderState.OPEN if is_paid or is_safe or paid.is_cod else OrderState.UNPAID


def _state(base: OrderState, lines: list[LineRecord]) -> OrderState:
    """Saleor's own status counts returns too, so the lines say how far an order is; it never tells of delivery."""
    if base is OrderState.CANCELLED:
        return base
    told = {line.state for line in lines}
    if told == {OrderState.SHIPPED}:
        return OrderState.SHIPPED
    return OrderState.PART_SHIPPED if told & {OrderState.SHIPPED, OrderState.PART_SHIPPED} else base


def _paid(order: Json, currency: str, amounts: Amounts, customs: Customs, progress: Progress) -> _Paid:
    """Money charged, refunds not taken off; what the older Payments moved is told as one part."""
    is_cod = text(order, "shippingMethodName").lower() in customs.cod_names
    parts: list[PaymentRecord] = []
    amount, at = 0, None
    for row in rows(order, "transactions"):
        is_cash = text(row, "name").lower() in customs.cod_names
        is_cod = is_cod or is_cash
        back = money(row, "refundedAmount", currency) + money(row, "refundPendingAmount", currency)
        part = money(row, "chargedAmount", currency) + back
        changed = moment(row, "modifiedAt")
        if changed is not None:
            progress.stamps.append(changed)
        if part > 0:
            when = _charged_at(row) or moment(row, "createdAt")
            kind = PaymentKind.COD if is_cash else PaymentKind.ONLINE
            parts.append(PaymentRecord(kind, part, when, text(row, "pspReference") or text(row, "id")))
            amount += part
            at = when if at is None or (when is not None and when > at) else at
    refunded, charged = money(order, "totalRefunded", currency), money(order, "totalCharged", currency)
    if not parts and charged + refunded > 0:
        at = _fully_paid_at(order)
        parts, amount = [PaymentRecord(PaymentKind.ONLINE, charged + refunded, at)], charged + refunded
    if amounts.gift_cards:
        placed = moment(order, "created")
        parts.append(PaymentRecord(PaymentKind.ONLINE, amounts.gift_cards, placed, "gift-card"))
        amount += amounts.gift_cards
    return _Paid(parts, amount, at or (moment(order, "created") if not amounts.total else None), is_cod, refunded)


def _charged_at(transaction: Json) -> datetime | None:
    found = [moment(row, "createdAt") for row in rows(transaction, "events") if row.get("type") == codes.CHARGE]
    return max((at for at in found if at is not None), default=None)


def _fully_paid_at(order: Json) -> datetime | None:
    found = [moment(row, "date") for row in rows(order, "events") if text(row, "type") in codes.FULLY_PAID]
    return max((at for at in found if at is not None), default=None)


def _payments(paid: _Paid, total: int) -> tuple[PaymentRecord, ...]:
    """Parts paid and the rest that is due; parts that are more than the total are told as one."""
    due = total - paid.amount
    if due < 0:
        return (PaymentRecord(paid.parts[0].kind, total, paid.at, paid.parts[0].reference),)
    if not due:
        return tuple(paid.parts)
    kind = PaymentKind.COD if paid.is_cod else PaymentKind.BALANCE if paid.parts else PaymentKind.ONLINE
    return (*paid.parts, PaymentRecord(kind, due))


def _holds(order: Json, state: OrderState, paid: _Paid, amounts: Amounts) -> tuple[str, ...]:
    """The platform's reasons not to ship; a status we do not know may mean anything, so it holds too."""
    holds = []
    hold = codes.STATUSES.get(text(order, "status"), "unknown_status")
    if hold:
        holds.append(hold)
    if text(order, "chargeStatus") not in codes.CHARGED:
        holds.append("unknown_status")
    if state is OrderState.OPEN and paid.refunded >= amounts.total > 0:
        # All money went back, yet nobody cancelled the order.
        holds.append("refunded_in_full")
    return tuple(dict.fromkeys(holds))
