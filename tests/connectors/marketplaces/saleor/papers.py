"""Hand-made Saleor documents with defaults: a test names only what it is about."""

from __future__ import annotations

import base64
from typing import Any

import orjson


def gid(kind: str, number: object) -> str:
    """A global id as Saleor makes them."""
    return base64.b64encode(f"{kind}:{number}".encode()).decode()


ORDER = gid("Order", "5d1f8c1e-0001")
LINES = {number: gid("OrderLine", f"line-{number}") for number in range(1, 10)}
VARIANTS = {number: gid("ProductVariant", 200 + number) for number in range(1, 10)}
DOCK, ANNEX = gid("Warehouse", "dock"), gid("Warehouse", "annex")
PARCEL, RETURN = gid("Fulfillment", 41), gid("Fulfillment", 42)
GRANT, PAYMENT = gid("OrderGrantedRefund", 7), gid("TransactionItem", "tx-1")
NAME, PHONE, STREET = "Ingrid", "+4790011223", "7 Harbour Lane"


def coin(amount: float, currency: str = "EUR") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def taxed(amount: float, tax: float = 0.0, currency: str = "EUR") -> dict[str, Any]:
    """A gross amount with the tax in it."""
    net = round(amount - tax, 2)
    return {"currency": currency, "gross": {"amount": amount}, "net": {"amount": net}, "tax": {"amount": tax}}


def edges(*rows: dict[str, Any], more: bool = False, end: str | None = None) -> dict[str, Any]:
    """A connection's page."""
    return {"pageInfo": {"hasNextPage": more, "endCursor": end}, "edges": [{"node": row} for row in rows]}


def a_line(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Two lamps at 40.00 gross, nothing discounted."""
    units = changes.get("quantity", 2)
    line = {
        "id": LINES[number],
        "productName": "Lamp",
        "variantName": "Brass",
        "productSku": f"LAMP-{number}",
        "productVariantId": VARIANTS[number],
        "quantity": units,
        "quantityToFulfill": units,
        "isShippingRequired": True,
        "isGift": False,
        "totalPrice": taxed(40.0 * units, 8.0 * units),
        "undiscountedTotalPrice": {"currency": "EUR", "gross": {"amount": 40.0 * units}},
        "allocations": [{"quantity": units, "warehouse": {"id": DOCK}}],
        "variant": {
            "id": VARIANTS[number],
            "sku": f"LAMP-{number}",
            "product": {"id": gid("Product", number), "productType": {"kind": "NORMAL"}},
            "stocks": [{"warehouse": {"id": DOCK}}],
        },
    }
    return line | changes


def a_payment(amount: float, **changes: Any) -> dict[str, Any]:
    payment = {
        "id": PAYMENT,
        "name": "Card",
        "pspReference": "PSP-1",
        "createdAt": "2026-03-02T01:00:04+00:00",
        "modifiedAt": "2026-03-02T01:00:05+00:00",
        "actions": ["REFUND"],
        "chargedAmount": coin(amount),
        "refundedAmount": coin(0.0),
        "refundPendingAmount": coin(0.0),
        "events": [{"type": "CHARGE_SUCCESS", "createdAt": "2026-03-02T01:00:05+00:00"}],
    }
    return payment | changes


def a_parcel(*parts: tuple[int, int], waybill: str = "SF100", **changes: Any) -> dict[str, Any]:
    """A fulfilment; parts are (line, units)."""
    fulfilment = {
        "id": PARCEL,
        "status": "FULFILLED",
        "trackingNumber": waybill,
        "created": "2026-03-02T03:00:00+00:00",
        "warehouse": {"id": DOCK},
        "totalRefundedAmount": None,
        "lines": [
            {"id": gid("FulfillmentLine", f"{line}"), "quantity": units, "orderLine": {"id": LINES[line]}}
            for line, units in parts
        ],
    }
    return fulfilment | changes


def a_grant(*parts: tuple[int, int], amount: float = 40.0, **changes: Any) -> dict[str, Any]:
    """A granted refund; parts are (line, units)."""
    granted = {
        "id": GRANT,
        "createdAt": "2026-03-02T02:00:00+00:00",
        "updatedAt": "2026-03-02T02:00:01+00:00",
        "amount": coin(amount),
        "status": "NONE",
        "reason": "Damaged",
        "shippingCostsIncluded": False,
        "lines": [
            {
                "id": gid("OrderGrantedRefundLine", line),
                "quantity": units,
                "reason": None,
                "orderLine": {"id": LINES[line]},
            }
            for line, units in parts
        ],
    }
    return granted | changes


def an_order(*lines: dict[str, Any], shipping: float = 0.0, **changes: Any) -> dict[str, Any]:
    """A paid order of the lines given (default: two), its total the sum of its parts."""
    items = list(lines) or [a_line(1), a_line(2)]
    total = changes.pop("total", None)
    if total is None:
        total = round(sum(row["totalPrice"]["gross"]["amount"] for row in items) + shipping, 2)
    order = {
        "id": ORDER,
        "number": "1001",
        "created": "2026-03-02T01:00:00.120000+00:00",
        "updatedAt": "2026-03-02T01:30:00.500000+00:00",
        "status": "UNFULFILLED",
        "chargeStatus": "FULL",
        "authorizeStatus": "FULL",
        "customerNote": "",
        "channel": {"slug": "eu"},
        "user": {"id": gid("User", 41)},
        "flag": None,
        "shippingAddress": {
            "firstName": NAME,
            "lastName": "Vale",
            "companyName": "",
            "streetAddress1": STREET,
            "streetAddress2": "",
            "city": "BERGEN",
            "cityArea": "",
            "postalCode": "5003",
            "countryArea": "",
            "country": {"code": "NO"},
            "phone": PHONE,
        },
        "shippingMethodName": "Post",
        "collectionPointName": None,
        "total": taxed(total),
        "shippingPrice": taxed(shipping),
        "undiscountedShippingPrice": coin(shipping),
        "totalCharged": coin(total),
        "totalRefunded": coin(0.0),
        "discounts": [],
        "voucherCode": None,
        "giftCards": [],
        "lines": items,
        "fulfillments": [],
        "transactions": [a_payment(total)],
        "grantedRefunds": [],
        "events": [],
    }
    return order | changes


def order_body(order: dict[str, Any]) -> bytes:
    """An order as OrderDetail answers it."""
    return orjson.dumps({"data": {"order": order}, "extensions": {"cost": {"requestedQueryCost": 30}}})


def case_body(part: str, order: dict[str, Any]) -> bytes:
    """A case as get_case keeps it."""
    return orjson.dumps({"case": part, "order": order})


def error_body(code: str, message: str = "no", **extra: Any) -> bytes:
    """A top-level error as the API answers it."""
    return orjson.dumps({"errors": [{"message": message, "extensions": {"exception": {"code": code}}}], **extra})


def complaint(root: str, message: str, code: str = "INVALID") -> bytes:
    """A mutation's own refusal."""
    return orjson.dumps({"data": {root: {"errors": [{"field": "order", "message": message, "code": code}]}}})
