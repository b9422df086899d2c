"""Turns an order's document into an OrderRecord. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.contract.records import BuyerRecord, OrderRecord, OrderState, ReceiverRecord
from connectors.marketplaces.medusa import codes
from connectors.marketplaces.medusa.amounts import scale_of, shares_of
from connectors.marketplaces.medusa.lines import Progress, lines_of, progress_of, ways_back
from connectors.marketplaces.medusa.payments import Terms, is_cod, payments_in, payments_of
from connectors.marketplaces.medusa.reading import (
    Json,
    moment,
    needed,
    part,
    required,
    rows,
    text,
    tree,
    units,
)

_LONGEST_TEXT = 2000


class Reading(NamedTuple):
    """The shop's settings that a document is read with."""

    terms: Terms = Terms()
    message_key: str = "note"
    memo_key: str = "oms_memo"
    flag_key: str = "oms_flag"
    others_ship: frozenset[str] = frozenset()


def parse_order(body: bytes, reading: Reading) -> OrderRecord:
    """The order in a document, bare or under `order` as the detail call answers."""
    found = tree(body, "order")
    return order_of(part(found, "order") if "order" in found else found, reading)


def order_of(order: Json, reading: Reading) -> OrderRecord:
    """The normalised order; BadRecord names the field at fault."""
    number, currency = required(order, "id"), required(order, "currency_code").upper()
    items = [item for item in sorted(rows(order, "items"), key=_id) if item.get("quantity") != 0]
    methods = sorted(ways_back(order)[0], key=_id)
    if not items and text(order, "status") != "canceled":
        raise BadRecord("an order without goods", field="items")
    shares = shares_of(items, methods, currency)
    total = sum(share.paid for share in shares)
    alerts: list[str] = []
    holds: list[str] = []
    goods = [progress_of(item) for item in items]
    state = _state(order, goods, total, reading.terms, alerts, holds)
    lines = lines_of(order, items, methods, shares, goods, state, _others_ship(methods, reading))
    payments = payments_of(order, total, scale_of(currency), reading.terms)
    metadata = part(order, "metadata")
    return OrderRecord(
        external_no=number,
        state=state,
        platform_status=_told(order),
        created_at=needed(order, "created_at"),
        changed_at=changed_at(order),
        currency=currency,
        paid_total=total,
        buyer=BuyerRecord(text(order, "customer_id") or text(order, "email")),
        receiver=_receiver(part(order, "shipping_address"), text(order, "email")),
        lines=tuple(lines),
        payments=payments,
        promotions=tuple(promotion for share in shares for promotion in share.promotions),
        paid_at=max((at for payment in payments if (at := payment.paid_at)), default=None),
        is_cod=is_cod(order, reading.terms),
        buyer_message=_typed(metadata, reading.message_key),
        seller_memo=_typed(metadata, reading.memo_key),
        flag=_flag(_typed(metadata, reading.flag_key), alerts),
        platform_holds=tuple(holds),
        alerts=tuple(alerts),
    )


def changed_at(order: Json) -> datetime:
    """The newest stamp in a document: captures and cancelled payments do not touch the order's own."""
    stamps = [needed(order, "updated_at")]
    for record in (*rows(order, "payment_collections"), *payments_in(order), *rows(order, "fulfillments")):
        at = moment(record, "updated_at")
        if at is not None:
            stamps.append(at)
    return max(stamps)


def _id(record: Json) -> str:
    """Medusa gives lines in no fixed order; their numbers rise with time."""
    return required(record, "id")


def _state(
    order: Json, goods: list[Progress], total: int, terms: Terms, alerts: list[str], holds: list[str]
) -> OrderState:
    """Ended orders by their status, open ones by what has left and whether they are paid."""
    status = required(order, "status")
    ended = codes.ENDED.get(status)
    if ended is not None:
        return ended
    if status != codes.PENDING:
        alerts.append(f"status={status:.40}")
        holds.append("unknown_status")
    fulfilment = text(order, "fulfillment_status")
    if fulfilment not in codes.FULFILMENTS:
        alerts.append(f"fulfillment_status={fulfilment:.40}")
    paid = _is_paid(order, total, terms, alerts, holds)
    if goods and all(line.shipped >= line.units for line in goods):
        return OrderState.SHIPPED
    if any(line.shipped for line in goods):
        return OrderState.PART_SHIPPED
    return OrderState.OPEN if paid else OrderState.UNPAID


def _is_paid(order: Json, total: int, terms: Terms, alerts: list[str], holds: list[str]) -> bool:
    status = text(order, "payment_status")
    reached = codes.PAYMENTS.get(status)
    if reached is None:
        alerts.append(f"payment_status={status:.40}")
        holds.append("unknown_payment_status")
    if total == 0 or is_cod(order, terms):
        return True
    return reached == "captured" or (reached == "authorized" and terms.ship_on == "authorized")


def _others_ship(methods: list[Json], reading: Reading) -> bool:
    return any(text(method, "shipping_option_id") in reading.others_ship for method in methods)


def _told(order: Json) -> str:
    words = (text(order, name) for name in ("status", "payment_status", "fulfillment_status"))
    return "/".join(word for word in words if word)


def _typed(metadata: Json, key: str) -> str:
    value = metadata.get(key) if key else None
    return value[:_LONGEST_TEXT] if isinstance(value, str) else ""


def _flag(colour: str, alerts: list[str]) -> str:
    if colour and colour not in codes.FLAGS:
        alerts.append(f"flag={colour:.40}")
        return ""
    return colour


def _receiver(address: Json, email: str) -> ReceiverRecord:
    """The company stands in the street's text, since couriers look for it there."""
    street = [text(address, name) for name in ("address_1", "address_2", "company")]
    return ReceiverRecord(
        name=_name(text(address, "first_name"), text(address, "last_name")),
        phone=text(address, "phone"),
        country=text(address, "country_code").upper(),
        state=_province(text(address, "province")),
        city=text(address, "city"),
        address=", ".join(line for line in street if line),
        postcode=text(address, "postal_code"),
        email=email,
    )


def _name(first: str, last: str) -> str:
    """A person's name; Chinese ones have the surname first and no space."""
    if first and last and not (first + last).isascii() and all(ord(sign) > 0x2E7F for sign in first + last):
        return last + first
    return " ".join(name for name in (first, last) if name)


def _province(province: str) -> str:
    """A province; China's are told by ISO 3166-2 code, which no Chinese carrier reads."""
    country, _, code = province.lower().partition("-")
    return codes.PROVINCES.get(code, province) if country == "cn" else province


def quantity_left(item: Json) -> int:
    """Units of a line that have not left yet."""
    return max(units(item, "quantity") - units(part(item, "detail"), "shipped_quantity"), 0)
