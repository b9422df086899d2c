"""Parses Shopify's order document to a normalised order. Pure; no calls, no clock."""

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
from connectors.marketplaces.shopify import codes
from connectors.marketplaces.shopify.amounts import amounts_of
from connectors.marketplaces.shopify.lines import charge_lines, goods_lines
from connectors.marketplaces.shopify.progress import Progress, progress_of
from connectors.marketplaces.shopify.reading import (
    Json,
    currency_of,
    document,
    inner,
    moment,
    needed_moment,
    nodes,
    presentment_money,
    required,
    shop_money,
    text,
)


class Customs(NamedTuple):
    """What an account says of its shop: which payment statuses may ship, which locations and gateways are whose."""

    open_statuses: frozenset[str]
    our_locations: frozenset[str]
    cod_gateways: frozenset[str]


class _Paid(NamedTuple):
    """What the transactions say: parts paid, since when, and whether the rest is collected on delivery."""

    parts: list[PaymentRecord]
    amount: int
    at: datetime | None
    is_cod: bool


def parse_order(body: bytes, customs: Customs) -> OrderRecord:
    """The order in an answer of OrderDetail, or in a bare `{"order": …}`."""
    return order_of(document(body, "order")[1], customs)


def order_of(order: Json, customs: Customs) -> OrderRecord:
    """The order in an order object; BadRecord names the field at fault."""
    items, ways = nodes(order, "lineItems"), nodes(order, "shippingLines")
    if not items:
        raise BadRecord("an order needs at least one line", field="lineItems")
    alerts: list[str] = []
    currency = currency_of(order, "currencyCode")
    amounts = amounts_of(order, items, ways, currency, alerts)
    paid = _paid(order, currency, customs)
    progress = progress_of(order, customs.our_locations, alerts)
    base = _base(order, customs, paid, alerts)
    done = moment(order, "closedAt") is not None or progress.all_delivered
    lines = goods_lines(order, items, amounts, progress, base, done, currency)
    state = _state(order, base, done, lines, alerts)
    lines += charge_lines(order, ways, amounts, state)
    total, shown = presentment_money(order, "totalPriceSet")
    delivery = _delivery(progress)
    message, memo = _note(order)
    updated = needed_moment(order, "updatedAt")
    return OrderRecord(
        external_no=required(order, "id"),
        state=state,
        platform_status=f"{text(order, 'displayFinancialStatus')}/{text(order, 'displayFulfillmentStatus')}",
        created_at=needed_moment(order, "createdAt"),
        # Holds, parcels and refunds move stamps of their own and leave the order's as it was.
        changed_at=max(updated, max(progress.stamps)) if progress.stamps else updated,
        currency=currency,
        paid_total=amounts.total,
        buyer=BuyerRecord(text(inner(order, "customer"), "id")),
        receiver=receiver_of(order, lines, alerts),
        lines=tuple(lines),
        payments=_payments(paid, amounts.total),
        promotions=amounts.promotions,
        paid_at=paid.at if text(order, "displayFinancialStatus") in codes.CAPTURED else None,
        is_cod=paid.is_cod,
        buyer_message=message,
        seller_memo=memo,
        flag=_flag(order),
        ship_by=progress.ship_by,
        platform_holds=_holds(order, state, progress),
        alerts=tuple(dict.fromkeys(alerts)),
        presentment_currency=shown,
        presentment_total=total if shown else None,
        delivery=delivery,
    )


def _delivery(progress: Progress) -> DeliveryRecord | None:
    """How all of it goes through one store of ours, which is its location; goods that go several ways stay held."""
    if len(progress.ways) != 1:
        return None
    method, location = next(iter(progress.ways))
    mode = codes.THROUGH_STORE.get(method)
    if mode is None:
        return None
    progress.holds = [hold for hold in progress.holds if hold != f"delivery:{method.lower()}"]
    return DeliveryRecord(DeliveryMode(mode), LastLeg.PICKUP if method == "PICK_UP" else LastLeg.DELIVERY, location)


def receiver_of(order: Json, lines: list[LineRecord], alerts: list[str]) -> ReceiverRecord:
    """The receiver; all of it is missing until Shopify approves the app for protected customer data."""
    address = inner(order, "shippingAddress")
    if not address:
        if any(line.kind == "goods" for line in lines):
            alerts.append("no receiver: pick-up, or the app is not approved for protected customer data")
        return ReceiverRecord()
    streets = (text(address, "company"), text(address, "address1"), text(address, "address2"))
    return ReceiverRecord(
        name=text(address, "name"),
        phone=text(address, "phone"),
        country=text(address, "countryCodeV2") or text(address, "country"),
        state=text(address, "province") or text(address, "provinceCode"),
        city=text(address, "city"),
        address=" ".join([street for street in streets if street]),
        postcode=text(address, "zip"),
    )


def _base(order: Json, customs: Customs, paid: _Paid, alerts: list[str]) -> OrderState:
    """The state of what has not left: an unknown status waits like an unpaid one."""
    if moment(order, "cancelledAt") is not None:
        return OrderState.CANCELLED
    status = text(order, "displayFinancialStatus")
    if status not in codes.FINANCIAL:
        alerts.append(f"displayFinancialStatus={status:.40}")
    return OrderState.OPEN if status in customs.open_statuses or paid.is_cod else OrderState.UNPAID


def _state(order: Json, base: OrderState, done: bool, lines: list[LineRecord], alerts: list[str]) -> OrderState:
    status = text(order, "displayFulfillmentStatus")
    told = codes.FULFILMENT.get(status)
    if told is None:
        alerts.append(f"displayFulfillmentStatus={status:.40}")
    if base is OrderState.CANCELLED or all(line.state is OrderState.CANCELLED for line in lines):
        return OrderState.CANCELLED
    if told is OrderState.SHIPPED:
        return OrderState.COMPLETED if done else told
    if told is OrderState.PART_SHIPPED:
        return told
    return base


def _paid(order: Json, currency: str, customs: Customs) -> _Paid:
    """Sales and captures that went through; authorisations and refunds are not payments."""
    parts, amount, at, is_cod = [], 0, None, False
    for row in nodes(order, "transactions"):
        kind, status = row.get("kind"), row.get("status")
        if kind not in ("SALE", "CAPTURE") or status not in ("SUCCESS", "PENDING"):
            continue
        cash = text(row, "gateway").lower() in customs.cod_gateways
        is_cod = is_cod or cash
        if status == "SUCCESS":
            part, when = shop_money(row, "amountSet", currency), moment(row, "processedAt")
            parts.append(PaymentRecord(PaymentKind.COD if cash else PaymentKind.ONLINE, part, when, text(row, "id")))
            amount += part
            at = when if at is None or (when is not None and when > at) else at
    return _Paid(parts, amount, at, is_cod)


def _payments(paid: _Paid, total: int) -> tuple[PaymentRecord, ...]:
    """Parts paid and the rest that is due; parts that are more than the total are told as one."""
    due = total - paid.amount
    if due < 0 or any(part.amount < 0 for part in paid.parts):
        return (PaymentRecord(paid.parts[0].kind, total, paid.at, paid.parts[0].reference),)
    if not due:
        return tuple(paid.parts)
    kind = PaymentKind.COD if paid.is_cod else PaymentKind.BALANCE if paid.parts else PaymentKind.ONLINE
    return (*paid.parts, PaymentRecord(kind, due))


def _note(order: Json) -> tuple[str, str]:
    """Shopify has one note for the buyer's words and the shop's: ours stand below a mark."""
    note = text(order, "note")
    if codes.MEMO_MARK not in note:
        return note, ""
    message, _, memo = note.partition(codes.MEMO_MARK)
    return message.rstrip("\n"), memo


def _flag(order: Json) -> str:
    tags = order.get("tags")
    if not isinstance(tags, list):
        return ""
    marks = [tag for tag in tags if isinstance(tag, str) and tag.startswith(codes.FLAG_TAG)]
    return marks[0][len(codes.FLAG_TAG) :] if marks else ""


def _holds(order: Json, state: OrderState, progress: Progress) -> tuple[str, ...]:
    """The platform's reasons not to ship; a status we do not know may mean anything, so it holds too."""
    holds = list(progress.holds)
    if order.get("test") is True:
        holds.append("test_order")
    if order.get("confirmed") is False:
        holds.append("not_confirmed")
    status = text(order, "displayFinancialStatus")
    if status == codes.REFUNDED and state is OrderState.OPEN:
        # All money went back, yet nobody took the goods out of the order.
        holds.append("refunded_in_full")
    if status not in codes.FINANCIAL or text(order, "displayFulfillmentStatus") not in codes.FULFILMENT:
        holds.append("unknown_status")
    return tuple(dict.fromkeys(holds))
