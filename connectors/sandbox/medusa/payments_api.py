"""The calls about payments: list, look up, capture, refund."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from werkzeug.wrappers import Response

from connectors.sandbox.kit import json_answer
from connectors.sandbox.kit.market import Sale
from connectors.sandbox.medusa.booking import book_refund
from connectors.sandbox.medusa.gateway import ADMIN, Ask, Endpoint, narrowed, paged
from connectors.sandbox.medusa.money import minor
from connectors.sandbox.medusa.params import check_body, listing_from, values_of
from connectors.sandbox.medusa.payments import payment_document, refunded
from connectors.sandbox.medusa.refusal import invalid, not_found

FIELDS = ("id", "currency_code", "amount", "captured_at", "payment_collection_id", "payment_session_id",
          "captures.id", "captures.amount", "refunds.id", "refunds.amount", "refunds.note", "refunds.payment_id",
          "refunds.refund_reason_id", "refunds.refund_reason")  # fmt: skip
STAMP = {"created_at": "json_extract(doc, '$.authorized_ms')", "updated_at": "json_extract(doc, '$.payment_ms')"}


def list_payments(ask: Ask) -> Response:
    listing = listing_from(ask.query)
    main = listing.order if listing.order in STAMP else "created_at"
    other = next(name for name in STAMP if name != main)
    where, values = f"{STAMP['created_at']} > 0 and {STAMP[other]} between ? and ?", list[Any](listing.windows[other])
    for number in values_of(ask.query, "id"):
        where += " and number = ?"
        values.append(_order_of(number))
    since, until = listing.windows[main]
    rows = ask.shop.market.shelves.list_sales(
        STAMP[main], max(1, since), until, listing.offset, listing.limit, newest_first=listing.newest_first, where=where,
        args=values,
    )  # fmt: skip
    found = [narrowed(ask, payment_document(ask.shop, sale.doc), FIELDS) for sale in rows.found]
    return paged("payments", listing, found, rows.total)


def get_payment(ask: Ask) -> Response:
    return json_answer({"payment": narrowed(ask, payment_document(ask.shop, _sale(ask).doc), FIELDS)})


def capture_payment(ask: Ask) -> Response:
    sale = _sale(ask)
    check_body(ask.body, {}, {"amount": "number"})
    if not sale.doc["captured"]:
        now = ask.shop.market.now_ms()
        sale.doc |= {"captured": sale.doc["authorized"], "captured_ms": now, "payment_ms": now}
        ask.shop.save_quietly(sale)
        ask.shop.market.announce("captured", sale.number)
    return get_payment(ask)


def refund_payment(ask: Ask) -> Response:
    sale = _sale(ask)
    check_body(ask.body, {}, {"amount": "number", "refund_reason_id": "string", "note": "string"})
    rest = sale.doc["captured"] - refunded(sale.doc)
    told = ask.body.get("amount")
    if told is not None and told <= 0:
        raise invalid("Invalid request: Value for field 'amount' too small, expected at least: '0'")
    amount = rest if told is None else minor(Decimal(str(told)))
    if amount > rest or not amount:
        raise invalid("You are not allowed to refund more than the captured amount")
    reason = ask.body.get("refund_reason_id")
    if reason is not None:
        raise not_found("RefundReason", str(reason))
    book_refund(ask.shop, sale.number, amount, ask.body.get("note"))
    return get_payment(ask)


def _sale(ask: Ask) -> Sale:
    number = str(ask.args["id"])
    sale = ask.shop.market.shelves.sale(_order_of(number))
    if sale is None or not sale.doc["authorized_ms"]:
        raise not_found("Payment", number)
    return sale


def _order_of(payment: str) -> str:
    return "order_" + payment.removeprefix("pay_")


ENDPOINTS = (
    Endpoint("payments.list", "GET", f"{ADMIN}/payments", list_payments),
    Endpoint("payments.get", "GET", f"{ADMIN}/payments/<id>", get_payment),
    Endpoint("payments.capture", "POST", f"{ADMIN}/payments/<id>/capture", capture_payment),
    Endpoint("payments.refund", "POST", f"{ADMIN}/payments/<id>/refund", refund_payment),
)
