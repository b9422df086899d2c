"""Hand-made WooCommerce documents with defaults: a test names only what it is about."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

import orjson

from connectors.contract.notices import PushRequest
from tests.connectors.contract_suite import NOW

NO = "4711"
FIRST, LAST, STREET, PHONE, MAIL = "Marieke", "Verhoeven", "Appelgaarde 12", "+31612345678", "marieke@example.com"


def an_item(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A line item: 2 × 15.00 net with 21 % tax, no coupon."""
    item = {
        "id": 900 + number,
        "name": "Mug &ndash; Red",
        "product_id": 70 + number,
        "variation_id": 80 + number,
        "quantity": 2,
        "subtotal": "30.00",
        "subtotal_tax": "6.30",
        "total": "30.00",
        "total_tax": "6.30",
        "taxes": [{"id": 3, "total": "6.3", "subtotal": "6.3"}],
        "meta_data": [
            {"id": 1, "key": "pa_colour", "value": "red", "display_key": "Colour", "display_value": "Red"},
            {"id": 2, "key": "_reduced_stock", "value": "2", "display_key": "_reduced_stock", "display_value": "2"},
        ],
        "sku": f"MUG-{number}",
        "price": 15,
    }
    return item | changes


def freight(total: str = "5.00", tax: str = "1.05", **changes: Any) -> dict[str, Any]:
    """A shipping line."""
    line = {
        "id": 950,
        "method_id": "flat_rate",
        "method_title": "Parcel &amp; post",
        "total": total,
        "total_tax": tax,
        "taxes": [{"id": 3, "total": tax, "subtotal": ""}],
    }
    return line | changes


def address(**changes: Any) -> dict[str, Any]:
    """A Dutch address."""
    there = {
        "first_name": FIRST,
        "last_name": LAST,
        "company": "",
        "address_1": STREET,
        "address_2": "",
        "city": "Utrecht",
        "state": "",
        "postcode": "3511 AB",
        "country": "NL",
        "phone": PHONE,
    }
    return there | changes


def an_order(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A paid order of the items given (default: one) whose total is the sum of its lines."""
    order: dict[str, Any] = {
        "id": int(NO),
        "parent_id": 0,
        "number": "2026-0815",
        "status": "processing",
        "currency": "EUR",
        "date_created": "2026-03-02T11:00:00",
        "date_created_gmt": "2026-03-02T03:00:00",
        "date_modified_gmt": "2026-03-02T03:30:00",
        "date_paid_gmt": "2026-03-02T03:01:00",
        "customer_id": 0,
        "customer_note": "Ring twice",
        "billing": address(email=MAIL),
        "shipping": address(),
        "payment_method": "stripe",
        "transaction_id": "pi_1",
        "meta_data": [],
        "line_items": list(items) or [an_item()],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
    }
    order |= changes
    if "total" not in order:
        lines = [*order["line_items"], *order["shipping_lines"], *order["fee_lines"]]
        cents = sum(round(float(line[key]) * 100) for line in lines for key in ("total", "total_tax"))
        order["total"] = f"{cents / 100:.2f}"
    return order


def a_refund(**changes: Any) -> dict[str, Any]:
    """One of two mugs paid back."""
    refund = {
        "id": 4800,
        "parent_id": int(NO),
        "date_created_gmt": "2026-03-02T03:40:00",
        "amount": "18.15",
        "reason": "Handle broken",
        "refunded_payment": True,
        "meta_data": [],
        "line_items": [
            {
                "id": 990,
                "quantity": -1,
                "total": "-15.00",
                "total_tax": "-3.15",
                "meta_data": [{"id": 9, "key": "_refunded_item_id", "value": "901"}],
            }
        ],
        "shipping_lines": [],
        "fee_lines": [],
    }
    return refund | changes


def case_body(refund: dict[str, Any], currency: str = "EUR") -> bytes:
    """A case as the connector stores it."""
    return orjson.dumps({"refund": refund, "order": {"id": int(NO), "currency": currency}})


def error_body(code: str, message: str = "no", data: Any = None) -> bytes:
    """An error as WordPress writes it."""
    return orjson.dumps({"code": code, "message": message, "data": data})


def a_push(body: bytes, secret: str, topic: str = "order.updated", **changes: Any) -> PushRequest:
    """A delivery of a webhook, signed independently of the connector."""
    sign = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    headers = {
        "Content-Type": "application/json",
        "X-WC-Webhook-Source": "https://shop.example.invalid/",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Resource": topic.split(".")[0],
        "X-WC-Webhook-Event": topic.split(".", 1)[-1],
        "X-WC-Webhook-Signature": sign,
        "X-WC-Webhook-ID": "17",
        "X-WC-Webhook-Delivery-ID": "d1",
    }
    given: dict[str, str] = changes.get("headers", {})
    at: datetime = changes.get("received_at", NOW)
    return PushRequest("POST", "/push", {}, headers | given, body, at)
