"""Parses Vendure's order document to a normalised order. Pure; no calls, no clock."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

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
from connectors.marketplaces.vendure import codes
from connectors.marketplaces.vendure.amounts import amounts_of
from connectors.marketplaces.vendure.lines import charge_lines, goods_lines
from connectors.marketplaces.vendure.progress import progress_of
from connectors.marketplaces.vendure.reading import (
    Coins,
    Json,
    document,
    inner,
    moment,
    needed_moment,
    required,
    rows,
    text,
)


class Customs(NamedTuple):
    """What an account says of its store: digits of amounts, what may ship, its own states, cash on delivery."""

    digits: int
    ship_authorised: bool
    paid_states: frozenset[str]
    cod_methods: frozenset[str]


class _Paid(NamedTuple):
    """What the payments say: parts settled, their sum, since when, and whether the rest is collected on delivery."""

    parts: list[PaymentRecord]
    amount: int
    at: datetime | None
    is_cod: bool


def parse_order(body: bytes, customs: Customs) -> OrderRecord:
    """The order in an answer of OrderDetail, or in a bare `{"order": …}`; BadRecord names the field at fault."""
    return order_of(document(body)[1], customs)


def order_of(order: Json, customs: Customs) -> OrderRecord:
    """The order in an order object."""
    number, found, state_word = required(order, "id"), rows(order, "lines"), required(order, "state")
    if not found:
        raise BadRecord("an order needs at least one line", field="lines")
    alerts: list[str] = []
    coins = Coins(order, customs.digits)
    amounts = amounts_of(order, found, coins, alerts)
    progress = progress_of(order, number, alerts)
    paid = _paid(order, coins, customs, alerts)
    base = _base(state_word, customs, paid, amounts.total, alerts)
    gone = OrderState.COMPLETED if state_word == codes.DELIVERED else OrderState.SHIPPED
    lines = goods_lines(found, amounts.shares, progress, base, gone)
    state = _state(base, gone, lines)
    lines += charge_lines(order, amounts, state)
    memo, flag = _memo(order)
    return OrderRecord(
        external_no=number,
        state=state,
        platform_status=state_word,
        created_at=moment(order, "orderPlacedAt") or needed_moment(order, "createdAt"),
        # Payments, refunds and parcels are saved without their order, so their stamps count too.
        changed_at=max([needed_moment(order, "updatedAt"), *progress.stamps]),
        currency=coins.currency,
        paid_total=amounts.total,
        buyer=BuyerRecord(text(inner(order, "customer"), "id")),
        receiver=receiver_of(order, alerts),
        lines=tuple(lines),
        payments=_payments(paid, amounts.total),
        promotions=amounts.promotions,
        paid_at=paid.at if base is not OrderState.UNPAID else None,
        is_cod=paid.is_cod,
        seller_memo=memo,
        flag=flag,
        platform_holds=_holds(state_word, base, customs),
        alerts=tuple(dict.fromkeys(alerts)),
    )


def receiver_of(order: Json, alerts: list[str]) -> ReceiverRecord:
    """The receiver; Vendure keeps one full name and no district."""
    address = inner(order, "shippingAddress")
    streets = [text(address, name) for name in ("company", "streetLine1", "streetLine2")]
    if not any(streets):
        alerts.append("no receiver: the order has no shipping address")
    return ReceiverRecord(
        name=text(address, "fullName"),
        phone=text(address, "phoneNumber"),
        country=text(address, "countryCode") or text(address, "country"),
        state=text(address, "province"),
        city=text(address, "city"),
        address=" ".join([street for street in streets if street]),
        postcode=text(address, "postalCode"),
    )


def notes_of(order: Json) -> list[str]:
    """The staff's notes, oldest first."""
    found = []
    for row in rows(inner(order, "history"), "items"):
        # The history's content is free JSON of the store.
        content = row.get("data")
        note = content.get("note") if isinstance(content, dict) else None
        if isinstance(note, str) and note:
            found.append(note)
    return found


def _memo(order: Json) -> tuple[str, str]:
    """Notes but for those that hold a flag; the last flag counts."""
    notes = notes_of(order)
    flags = [note.removeprefix(codes.FLAG) for note in notes if note.startswith(codes.FLAG)]
    return "\n".join(note for note in notes if not note.startswith(codes.FLAG)), flags[-1] if flags else ""


def _base(state: str, customs: Customs, paid: _Paid, total: int, alerts: list[str]) -> OrderState:
    """The state of what has not left: a state of the store's own may ship when it is named or all is paid."""
    if state == codes.CANCELLED:
        return OrderState.CANCELLED
    if state in codes.PAID or state in customs.paid_states:
        return OrderState.OPEN
    if state == codes.AUTHORISED:
        return OrderState.OPEN if customs.ship_authorised or paid.is_cod else OrderState.UNPAID
    if state in codes.UNPAID:
        return OrderState.UNPAID
    alerts.append(f"state={state:.40}")
    return OrderState.OPEN if paid.amount >= total > 0 else OrderState.UNPAID


def _state(base: OrderState, gone: OrderState, lines: list[LineRecord]) -> OrderState:
    """The store may name states as it likes, so the lines say how far an order is."""
    told = {line.state for line in lines} - {OrderState.CANCELLED}
    if base is OrderState.CANCELLED or not told:
        return OrderState.CANCELLED
    if told == {gone}:
        return gone
    return OrderState.PART_SHIPPED if told & {gone, OrderState.PART_SHIPPED} else base


def _paid(order: Json, coins: Coins, customs: Customs, alerts: list[str]) -> _Paid:
    """Payments settled; refunds are not taken off."""
    parts: list[PaymentRecord] = []
    amount, at, is_cod = 0, None, False
    for row in rows(order, "payments"):
        state, is_cash = text(row, "state"), text(row, "method") in customs.cod_methods
        is_cod = is_cod or is_cash
        if state not in codes.PAYMENTS:
            alerts.append(f"payments.state={state:.40}")
        part = coins.of(row, "amount")
        if state == codes.SETTLED and part > 0:
            when = moment(row, "createdAt")
            kind = PaymentKind.COD if is_cash else PaymentKind.ONLINE
            parts.append(PaymentRecord(kind, part, when, text(row, "transactionId") or text(row, "id")))
            amount += part
            at = when if at is None or (when is not None and when > at) else at
    return _Paid(parts, amount, at, is_cod)


def _payments(paid: _Paid, total: int) -> tuple[PaymentRecord, ...]:
    """Parts paid and the rest that is due; parts that are more than the total are told as one."""
    due = total - paid.amount
    if due < 0:
        return (PaymentRecord(paid.parts[0].kind, total, paid.at, paid.parts[0].reference),)
    if not due:
        return tuple(paid.parts)
    kind = PaymentKind.COD if paid.is_cod else PaymentKind.BALANCE if paid.parts else PaymentKind.ONLINE
    return (*paid.parts, PaymentRecord(kind, due))


def _holds(state: str, base: OrderState, customs: Customs) -> tuple[str, ...]:
    """The platform's reasons not to ship; a state we do not know may mean anything, so it holds too."""
    if state in codes.HOLDS:
        return (codes.HOLDS[state],)
    known = codes.PAID | codes.UNPAID | customs.paid_states | {codes.AUTHORISED, codes.CANCELLED}
    return () if state in known or base is OrderState.CANCELLED else ("unknown_status",)
