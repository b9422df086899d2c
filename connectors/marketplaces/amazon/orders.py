"""Parses an order of the Orders API 2026-01-01 to a normalised order. Pure; no calls, no clock."""

from __future__ import annotations

from connectors.contract.errors import BadRecord
from connectors.contract.quick import quick
from connectors.contract.records import (
    BuyerRecord,
    Fulfiller,
    InvoiceRecord,
    OrderRecord,
    OrderState,
    PaymentKind,
    PaymentRecord,
    ReceiverRecord,
)
from connectors.marketplaces.amazon import codes
from connectors.marketplaces.amazon.amounts import amounts_of
from connectors.marketplaces.amazon.lines import (
    asks_cash,
    charge_lines,
    goods_lines,
    messages_of,
    packages_of,
    programs_of,
    promotions_of,
)
from connectors.marketplaces.amazon.reading import (
    Json,
    moment,
    money,
    needed_moment,
    part,
    required,
    rows,
    text,
    tree,
)

_order = quick(OrderRecord)
_receiver = quick(ReceiverRecord)
_FULFILLERS = {"MERCHANT": Fulfiller.US, "AMAZON": Fulfiller.PLATFORM}
_NOT_PAID = frozenset({OrderState.UNPAID, OrderState.CANCELLED})


def parse_order(body: bytes, otherwise: str = "") -> OrderRecord:
    """The order in a document; `otherwise` is the currency of orders that tell none. BadRecord names the field.

    Amazon tells no time of payment: an order leaves PENDING when it is authorised, so its creation stands for it.
    """
    order = tree(body, "order")
    items = rows(order, "orderItems")
    if not items:
        raise BadRecord("an order needs at least one item", field="orderItems")
    alerts: list[str] = []
    holds: list[str] = []
    fulfilment = part(order, "fulfillment")
    status = text(fulfilment, "fulfillmentStatus")
    state = _state(status, alerts, holds)
    fulfiller = _fulfiller(text(fulfilment, "fulfilledBy"), state, alerts, holds)
    programs = programs_of(order, alerts)
    holds += [codes.HELD_PROGRAMS[program] for program in programs if program in codes.HELD_PROGRAMS]
    packages = packages_of(order, alerts)
    if state is OrderState.SHIPPED and packages.all_delivered:
        state = OrderState.COMPLETED
    currency = _currency(order, items, otherwise)
    amounts = amounts_of(order, items, currency, state not in _NOT_PAID, alerts)
    lines = goods_lines(items, amounts, state, fulfiller, packages) + charge_lines(amounts, state, fulfiller)
    created = needed_moment(order, "createdTime")
    is_cod, payments = _payments(order, items, currency, amounts.total, state)
    if not is_cod and state not in _NOT_PAID:
        payments = tuple(PaymentRecord(part_.kind, part_.amount, created, part_.reference) for part_ in payments)
    return _order(
        external_no=required(order, "orderId"),
        state=state,
        platform_status=status,
        created_at=created,
        changed_at=needed_moment(order, "lastUpdatedTime"),
        currency=currency,
        paid_total=amounts.total,
        buyer=BuyerRecord(text(part(order, "buyer"), "buyerEmail")),
        receiver=_receiver_of(order, state, fulfiller, alerts),
        lines=tuple(lines),
        payments=payments,
        promotions=promotions_of(items, amounts),
        paid_at=None if is_cod or state in _NOT_PAID else created,
        is_cod=is_cod,
        is_presale=status == codes.PREORDER or "PREORDER" in programs,
        buyer_message="\n".join(messages_of(items) + _wishes(order)),
        ship_by=moment(part(fulfilment, "shipByWindow"), "latestDateTime"),
        platform_holds=tuple(dict.fromkeys(holds)),
        invoice=_invoice(order),
        alerts=tuple(dict.fromkeys(alerts)),
    )


def _state(status: str, alerts: list[str], holds: list[str]) -> OrderState:
    """An unknown status waits like an unpaid one, and is held."""
    state = codes.STATES.get(status)
    if state is None:
        alerts.append(f"fulfillmentStatus={status:.40}")
        holds.append("unknown_status")
        return OrderState.UNPAID
    if status == codes.UNFULFILLABLE:
        holds.append("unfulfillable")
    return state


def _fulfiller(told: str, state: OrderState, alerts: list[str], holds: list[str]) -> Fulfiller:
    found = _FULFILLERS.get(told)
    if found is not None:
        return found
    alerts.append(f"fulfilledBy={told:.40}")
    # Goods in Amazon's own warehouses must not leave from ours too.
    holds.append("unknown_fulfiller")
    return Fulfiller.US


def _currency(order: Json, items: list[Json], otherwise: str) -> str:
    total = part(order, "proceeds").get("grandTotal")
    if total is None:
        first = items[0]
        total = part(first, "proceeds").get("proceedsTotal")
        total = total if total is not None else part(part(first, "product"), "price").get("unitPrice")
    if total is not None:
        code = total.get("currencyCode") if isinstance(total, dict) else None
        if not isinstance(code, str) or len(code) != 3:
            raise BadRecord("this names no currency", field="proceeds.grandTotal")
        return code
    channel = text(part(order, "salesChannel"), "marketplaceId")
    found = codes.CURRENCIES.get(channel) or otherwise
    if not found:
        raise BadRecord("this marketplace is not known; set the account's currency", field="salesChannel.marketplaceId")
    return found


def _payments(
    order: Json, items: list[Json], currency: str, total: int, state: OrderState
) -> tuple[bool, tuple[PaymentRecord, ...]]:
    """Whether cash is collected, and the parts of the payment; parts that miss the total are told as one."""
    executions = [
        (text(row, "paymentMethod"), money(row, "paymentAmount", currency) or 0)
        for row in rows(part(order, "payment"), "paymentExecutions")
    ]
    is_cod = asks_cash(items) or any(name.lower() in codes.CASH_ON_DELIVERY for name, _ in executions)
    if not total or state is OrderState.CANCELLED:
        return is_cod, ()
    if not executions or sum(amount for _, amount in executions) != total:
        return is_cod, (PaymentRecord(PaymentKind.COD if is_cod else PaymentKind.ONLINE, total),)
    return is_cod, tuple(
        PaymentRecord(
            PaymentKind.COD if name.lower() in codes.CASH_ON_DELIVERY else PaymentKind.ONLINE, amount, None, name[:60]
        )
        for name, amount in executions
    )


def _receiver_of(order: Json, state: OrderState, fulfiller: Fulfiller, alerts: list[str]) -> ReceiverRecord:
    """The receiver; Amazon leaves it out without a word when this app lacks the role, and for its own parcels."""
    address = part(part(order, "recipient"), "deliveryAddress")
    if not address:
        if fulfiller is Fulfiller.US and state in (OrderState.OPEN, OrderState.PART_SHIPPED):
            alerts.append("no receiver: this app lacks the role Direct-to-Consumer Delivery (Restricted)")
        return ReceiverRecord()
    streets = [text(address, name) for name in ("companyName", "addressLine1", "addressLine2", "addressLine3")]
    return _receiver(
        text(address, "name"),
        text(address, "phone"),
        "",
        text(address, "countryCode"),
        text(address, "stateOrRegion"),
        text(address, "city"),
        text(address, "districtOrCounty"),
        text(address, "municipality"),
        " ".join([street for street in streets if street]),
        text(address, "postalCode"),
    )


def _wishes(order: Json) -> list[str]:
    """Where and how the buyer wants the parcel left."""
    wish = part(part(order, "recipient"), "deliveryPreference")
    found = (text(wish, "dropOffLocation"), text(wish, "addressInstruction")) if wish else ()
    return [each for each in found if each]


def _invoice(order: Json) -> InvoiceRecord | None:
    """The buyer's own tax number, where the app's role shows it; an invoice is asked for by giving one."""
    for row in rows(part(order, "tax"), "taxRegistrations"):
        number = text(row, "taxRegistrationNumber")
        if text(row, "entityType") == "BUYER" and number:
            kind = "company" if text(row, "taxRegistrationType") in codes.COMPANY_TAX else "personal"
            return InvoiceRecord(text(row, "legalName"), kind, number)
    return None
