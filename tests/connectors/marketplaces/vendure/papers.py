"""Hand-made Vendure documents with defaults: a test names only what it is about."""

from __future__ import annotations

from typing import Any

import orjson

ORDER, REFUND, PAYMENT, PARCEL, PLACE = "501", "91", "81", "61", "1"
NAME, PHONE, STREET = "Ingrid Vale", "+4790011223", "7 Harbour Lane"


def a_list(*items: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"totalItems": len(items) if total is None else total, "items": list(items)}


def a_line(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Two lamps at 40.00 with tax, nothing discounted; amounts follow the units."""
    units = changes.get("quantity", 2)
    line = {
        "id": f"90{number}",
        "quantity": units,
        "orderPlacedQuantity": units,
        "productVariant": {
            "id": f"4{number}",
            "sku": f"LAMP-{number}",
            "name": "Lamp Brass",
            "product": {"id": f"3{number}", "name": "Lamp"},
        },
        "unitPriceWithTax": 4000,
        "linePriceWithTax": 4000 * units,
        "proratedUnitPrice": 3200,
        "proratedUnitPriceWithTax": 4000,
        "proratedLinePrice": 3200 * units,
        "proratedLinePriceWithTax": 4000 * units,
    }
    return line | changes


def a_way(paid: int = 900, **changes: Any) -> dict[str, Any]:
    """A shipping line."""
    way = {
        "id": "71",
        "shippingMethod": {"code": "post", "name": "Post"},
        "priceWithTax": paid,
        "discountedPrice": paid,
        "discountedPriceWithTax": paid,
    }
    return way | changes


def a_refund(*parts: tuple[int, int], total: int = 4000, **changes: Any) -> dict[str, Any]:
    """A refund; parts are (line, units)."""
    refund = {
        "id": REFUND,
        "total": total,
        "state": "Settled",
        "transactionId": "re_1",
        "reason": "Damaged",
        "createdAt": "2026-03-02T02:00:00.000Z",
        "updatedAt": "2026-03-02T02:00:01.000Z",
        "lines": [{"orderLineId": f"90{line}", "quantity": units} for line, units in parts],
    }
    return refund | changes


def a_payment(amount: int, *refunds: dict[str, Any], **changes: Any) -> dict[str, Any]:
    payment = {
        "id": PAYMENT,
        "method": "stripe",
        "amount": amount,
        "state": "Settled",
        "transactionId": "pi_1",
        "createdAt": "2026-03-02T01:00:05.000Z",
        "updatedAt": "2026-03-02T01:00:06.000Z",
        "refunds": list(refunds),
    }
    return payment | changes


def a_parcel(*parts: tuple[int, int], waybill: str = "SF100", **changes: Any) -> dict[str, Any]:
    """A fulfilment; parts are (line, units)."""
    fulfilment = {
        "id": PARCEL,
        "state": "Shipped",
        "method": "SF Express",
        "trackingCode": waybill,
        "createdAt": "2026-03-02T03:00:00.000Z",
        "updatedAt": "2026-03-02T03:00:01.000Z",
        "lines": [{"orderLineId": f"90{line}", "quantity": units} for line, units in parts],
    }
    return fulfilment | changes


def an_order(*lines: dict[str, Any], ways: tuple[dict[str, Any], ...] = (), **changes: Any) -> dict[str, Any]:
    """A paid order of the lines given (default: two), its total the sum of its parts."""
    items = list(lines) or [a_line(1), a_line(2)]
    total = changes.pop("total", None)
    if total is None:
        total = sum(row["proratedLinePriceWithTax"] for row in items)
        total += sum(way["discountedPriceWithTax"] for way in ways)
    order = {
        "id": ORDER,
        "code": "QX7T2N8LPA1C9ZKD",
        "type": "Regular",
        "state": "PaymentSettled",
        "active": False,
        "createdAt": "2026-03-02T00:30:00.000Z",
        "updatedAt": "2026-03-02T01:30:00.000Z",
        "orderPlacedAt": "2026-03-02T01:00:00.000Z",
        "currencyCode": "EUR",
        "couponCodes": [],
        "customer": {"id": "31"},
        "shippingAddress": {
            "fullName": NAME,
            "company": None,
            "streetLine1": STREET,
            "streetLine2": "",
            "city": "Bergen",
            "province": "",
            "postalCode": "5003",
            "country": "Norway",
            "countryCode": "NO",
            "phoneNumber": PHONE,
        },
        "totalWithTax": total,
        "discounts": [],
        "surcharges": [],
        "shippingLines": list(ways),
        "lines": items,
        "payments": [a_payment(total)],
        "fulfillments": [],
        "history": {"items": []},
    }
    return order | changes


def notes(*words: str) -> dict[str, Any]:
    """An order's history with notes."""
    return {"items": [{"id": str(at), "data": {"note": note}} for at, note in enumerate(words)]}


def order_body(order: dict[str, Any]) -> bytes:
    """An order as OrderDetail answers it."""
    return orjson.dumps({"data": {"order": order}})


def case_body(refund: str, order: dict[str, Any]) -> bytes:
    """A case as get_case keeps it."""
    return orjson.dumps({"case": refund, "order": order})


def error_body(code: str, message: str = "no", **extra: Any) -> bytes:
    """A top-level error as the API answers it."""
    return orjson.dumps({"errors": [{"message": message, "extensions": {"code": code}}], **extra})


def complaint(root: str, message: str, code: str) -> bytes:
    """A mutation's own refusal: an error result."""
    return orjson.dumps({"data": {root: {"__typename": "SomeError", "errorCode": code, "message": message}}})
