"""Reads how an order is paid: payments, captures, refunds and credit. Pure; a payment is a promise until captured."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from connectors.contract.records import PaymentKind, PaymentRecord
from connectors.marketplaces.medusa.amounts import minor
from connectors.marketplaces.medusa.reading import Json, amount, moment, needed, rounded, rows, text

#: Credit that stands for money already refunded; it lowers Medusa's total, not what the buyer paid.
_REFUND_CREDIT = frozenset({"payment_collection", "refund"})


class Terms(NamedTuple):
    """The shop's settings on money: `ship_on` is authorized or captured, `cod` are providers paid at the door."""

    ship_on: str = "authorized"
    cod: frozenset[str] = frozenset()


class Refund(NamedTuple):
    """Money that went back, and the payment it was taken from; `cents` is unrounded."""

    number: str
    payment: str
    amount: Decimal
    note: str
    at: datetime


def payments_in(order: Json) -> list[Json]:
    """All payments of an order, whatever became of them."""
    return [payment for box in rows(order, "payment_collections") for payment in rows(box, "payments")]


def is_cod(order: Json, terms: Terms) -> bool:
    """Whether the buyer pays at the door."""
    return any(text(payment, "provider_id") in terms.cod for payment in payments_in(order) if _lives(payment))


def payments_of(order: Json, total: int, scale: Decimal, terms: Terms) -> tuple[PaymentRecord, ...]:
    """Records whose sum is `total`: payments, then credit, then what is still due."""
    found: list[PaymentRecord] = []
    left = total
    for record in (*_money(order, scale, terms), *_credit(order, scale)):
        part = min(record.amount, left)
        if part > 0:
            left -= part
            found.append(PaymentRecord(record.kind, part, record.paid_at, record.reference))
    if found and left:
        kind = PaymentKind.COD if is_cod(order, terms) else PaymentKind.ONLINE
        found.append(PaymentRecord(kind, left))
    return tuple(found)


def captured(payment: Json) -> Decimal:
    """What was taken of a payment, in major units."""
    return sum((amount(capture, "amount") for capture in rows(payment, "captures")), Decimal(0))


def refunds_of(order: Json) -> Iterator[Refund]:
    """The refunds of all payments."""
    for payment in payments_in(order):
        for refund in rows(payment, "refunds"):
            yield Refund(
                text(refund, "id"),
                text(payment, "id"),
                amount(refund, "amount"),
                text(refund, "note"),
                needed(refund, "created_at"),
            )


def refundable(payment: Json) -> Decimal:
    """What a payment can still give back, in major units."""
    return captured(payment) - sum((amount(refund, "amount") for refund in rows(payment, "refunds")), Decimal(0))


def _money(order: Json, scale: Decimal, terms: Terms) -> Iterator[PaymentRecord]:
    for payment in payments_in(order):
        if not _lives(payment):
            continue
        taken_at = moment(payment, "captured_at")
        kind = PaymentKind.COD if text(payment, "provider_id") in terms.cod else PaymentKind.ONLINE
        at = taken_at
        if at is None and kind is PaymentKind.ONLINE and terms.ship_on == "authorized":
            at = moment(payment, "created_at")
        taken = captured(payment) if taken_at is not None else amount(payment, "amount")
        yield PaymentRecord(kind, rounded((taken or amount(payment, "amount")) * scale), at, text(payment, "id"))


def _credit(order: Json, scale: Decimal) -> Iterator[PaymentRecord]:
    for credit in rows(order, "credit_lines"):
        if text(credit, "reference") not in _REFUND_CREDIT:
            yield PaymentRecord(
                PaymentKind.ONLINE, minor(credit, "amount", scale), moment(credit, "created_at"), text(credit, "id")
            )


def _lives(payment: Json) -> bool:
    return not payment.get("canceled_at")
