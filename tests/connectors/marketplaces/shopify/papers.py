"""Hand-made Shopify documents with defaults: a test names only what it is about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson

ORDER = "gid://shopify/Order/5001"
LINES = {number: f"gid://shopify/LineItem/{700 + number}" for number in range(1, 10)}
WAITING = "gid://shopify/FulfillmentOrder/801"
PLACE = "gid://shopify/Location/31"
RETURN = "gid://shopify/Return/901"
REFUND = "gid://shopify/Refund/951"
SALE = "gid://shopify/OrderTransaction/601"
NAME, PHONE, STREET = "Ingrid Vale", "+4790011223", "7 Harbour Lane"


def bag(amount: str, currency: str = "EUR", shown: str | None = None, shown_in: str | None = None) -> dict[str, Any]:
    """A money bag; the buyer's side is the same unless it is given."""
    return {
        "shopMoney": {"amount": amount, "currencyCode": currency},
        "presentmentMoney": {"amount": shown or amount, "currencyCode": shown_in or currency},
    }


def nodes(*rows: dict[str, Any]) -> dict[str, Any]:
    """A connection with one page."""
    return {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": list(rows)}


def a_discount(amount: str, index: int = 0) -> dict[str, Any]:
    return {
        "allocatedAmountSet": bag(amount),
        "discountApplication": {"__typename": "DiscountCodeApplication", "index": index},
    }


def a_tax(amount: str, **changes: Any) -> dict[str, Any]:
    return {"title": "VAT", "rate": 0.25, "priceSet": bag(amount), "channelLiable": False} | changes


def a_line(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Two lamps at 40.00, nothing discounted, no tax."""
    units = changes.get("quantity", 2)
    line = {
        "id": LINES[number],
        "sku": f"LAMP-{number}",
        "name": "Lamp - Brass",
        "title": "Lamp",
        "variantTitle": "Brass",
        "quantity": units,
        "currentQuantity": units,
        "unfulfilledQuantity": units,
        "requiresShipping": True,
        "isGiftCard": False,
        "variant": {"id": f"gid://shopify/ProductVariant/{200 + number}", "sku": f"LAMP-{number}"},
        "product": {"id": f"gid://shopify/Product/{100 + number}"},
        "originalUnitPriceSet": bag("40.00"),
        "originalTotalSet": bag(f"{40 * units}.00"),
        "discountAllocations": [],
        "taxLines": [],
        "duties": [],
    }
    return line | changes


def a_way(amount: str = "9.00", **changes: Any) -> dict[str, Any]:
    """A shipping line."""
    way = {
        "id": "gid://shopify/ShippingLine/55",
        "title": "Post",
        "originalPriceSet": bag(amount),
        "discountedPriceSet": bag(amount),
        "discountAllocations": [],
        "taxLines": [],
    }
    return way | changes


def a_payment(amount: str, **changes: Any) -> dict[str, Any]:
    payment = {
        "id": SALE,
        "kind": "SALE",
        "status": "SUCCESS",
        "gateway": "cards",
        "amountSet": bag(amount),
        "processedAt": "2026-03-02T01:00:05Z",
        "parentTransaction": None,
    }
    return payment | changes


def waiting(*parts: tuple[int, int], **changes: Any) -> dict[str, Any]:
    """A fulfilment order; parts are (line, units that remain)."""
    rows = [
        {
            "id": f"gid://shopify/FulfillmentOrderLineItem/{changes.get('base', 0) + line}",
            "totalQuantity": 2,
            "remainingQuantity": left,
            "lineItem": {"id": LINES[line]},
        }
        for line, left in parts
    ]
    order = {
        "id": WAITING,
        "status": "OPEN",
        "requestStatus": "UNSUBMITTED",
        "updatedAt": "2026-03-02T01:00:02Z",
        "fulfillBy": None,
        "assignedLocation": {"name": "Dock", "location": {"id": PLACE}},
        "deliveryMethod": {"methodType": "SHIPPING"},
        "fulfillmentHolds": [],
        "supportedActions": [{"action": "CREATE_FULFILLMENT"}],
        "lineItems": nodes(*rows),
    }
    return order | {name: value for name, value in changes.items() if name != "base"}


def fulfilled(*parts: tuple[int, int], waybill: str = "SF100", **changes: Any) -> dict[str, Any]:
    """A fulfilment; parts are (line, units that left)."""
    fulfilment = {
        "id": "gid://shopify/Fulfillment/851",
        "status": "SUCCESS",
        "displayStatus": "FULFILLED",
        "createdAt": "2026-03-02T03:00:00Z",
        "updatedAt": "2026-03-02T03:00:01Z",
        "deliveredAt": None,
        "trackingInfo": [{"company": "SF Express", "number": waybill, "url": None}],
        "fulfillmentLineItems": nodes(*({"quantity": units, "lineItem": {"id": LINES[line]}} for line, units in parts)),
    }
    return fulfilment | changes


def refunded(*parts: tuple[int, int, str], amount: str = "40.00", **changes: Any) -> dict[str, Any]:
    """A refund; parts are (line, units, restock type)."""
    rows = [
        {
            "id": f"gid://shopify/RefundLineItem/{line}",
            "quantity": units,
            "restockType": kind,
            "lineItem": {"id": LINES[line]},
            "subtotalSet": bag(amount),
            "totalTaxSet": bag("0.00"),
        }
        for line, units, kind in parts
    ]
    refund = {
        "id": REFUND,
        "createdAt": "2026-03-02T02:00:00Z",
        "processedAt": "2026-03-02T02:00:00Z",
        "updatedAt": "2026-03-02T02:00:01Z",
        "note": "too many",
        "totalRefundedSet": bag(amount),
        "return": None,
        "refundLineItems": nodes(*rows),
        "transactions": nodes(a_payment(amount, id="gid://shopify/OrderTransaction/602", kind="REFUND")),
    }
    return refund | changes


def _total(lines: list[dict[str, Any]], ways: list[dict[str, Any]], included: bool) -> str:
    total = Decimal(0)
    for row in (*lines, *ways):
        total += Decimal((row.get("originalTotalSet") or row["originalPriceSet"])["shopMoney"]["amount"])
        total -= sum(Decimal(a["allocatedAmountSet"]["shopMoney"]["amount"]) for a in row["discountAllocations"])
        total += 0 if included else sum(Decimal(t["priceSet"]["shopMoney"]["amount"]) for t in row["taxLines"])
    return f"{total:.2f}"


def an_order(*lines: dict[str, Any], ways: tuple[dict[str, Any], ...] = (), **changes: Any) -> dict[str, Any]:
    """A paid order of the lines given (default: two), its total the sum of its parts."""
    items = list(lines) or [a_line(1), a_line(2)]
    total = changes.pop("total", None) or _total(items, list(ways), changes.get("taxesIncluded", False))
    order = {
        "id": ORDER,
        "legacyResourceId": "5001",
        "name": "#1001",
        "createdAt": "2026-03-02T01:00:00Z",
        "updatedAt": "2026-03-02T01:30:00Z",
        "closedAt": None,
        "cancelledAt": None,
        "test": False,
        "confirmed": True,
        "tags": [],
        "note": None,
        "currencyCode": "EUR",
        "presentmentCurrencyCode": "EUR",
        "taxesIncluded": False,
        "dutiesIncluded": False,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "totalPriceSet": bag(total),
        "totalTipReceivedSet": bag("0.00"),
        "customer": {"id": "gid://shopify/Customer/41"},
        "shippingAddress": {
            "name": NAME,
            "company": None,
            "address1": STREET,
            "address2": None,
            "city": "Bergen",
            "province": None,
            "provinceCode": None,
            "zip": "5003",
            "country": "Norway",
            "countryCodeV2": "NO",
            "phone": PHONE,
        },
        "discountApplications": nodes(),
        "lineItems": nodes(*items),
        "shippingLines": nodes(*ways),
        "transactions": [a_payment(total)],
        "fulfillmentOrders": nodes(),
        "fulfillments": [],
        "refunds": [],
        "returns": nodes(),
    }
    return order | changes


def order_body(order: dict[str, Any]) -> bytes:
    """An order as OrderDetail answers it."""
    return orjson.dumps({"data": {"order": order}, "extensions": {"cost": {"requestedQueryCost": 300}}})


def a_return(**changes: Any) -> dict[str, Any]:
    """A return the buyer asks for: one of the lamps."""
    case = {
        "id": RETURN,
        "name": "#1001-R1",
        "status": "REQUESTED",
        "createdAt": "2026-03-02T02:00:00Z",
        "requestApprovedAt": None,
        "closedAt": None,
        "totalQuantity": 1,
        "order": {"id": ORDER, "name": "#1001", "updatedAt": "2026-03-02T02:00:02Z", "currencyCode": "EUR"},
        "decline": None,
        "returnLineItems": nodes(
            {
                "__typename": "ReturnLineItem",
                "id": "gid://shopify/ReturnLineItem/911",
                "quantity": 1,
                "processedQuantity": 0,
                "refundedQuantity": 0,
                "returnReasonNote": "",
                "customerNote": "The shade is cracked",
                "returnReasonDefinition": {"handle": "defective", "name": "Defective"},
                "fulfillmentLineItem": {"id": "gid://shopify/FulfillmentLineItem/861", "lineItem": {"id": LINES[1]}},
                "withCodeDiscountedTotalPriceSet": bag("40.00"),
                "restockingFee": None,
            }
        ),
        "exchangeLineItems": nodes(),
        "refunds": nodes(),
        "reverseFulfillmentOrders": nodes(
            {
                "id": "gid://shopify/ReverseFulfillmentOrder/921",
                "status": "OPEN",
                "lineItems": nodes(
                    {"id": "gid://shopify/ReverseFulfillmentOrderLineItem/931", "totalQuantity": 1, "dispositions": []}
                ),
                "reverseDeliveries": nodes(),
            }
        ),
    }
    return case | changes


def return_row(**changes: Any) -> dict[str, Any]:
    """The line of a return, with changes."""
    return nodes(a_return()["returnLineItems"]["nodes"][0] | changes)


def return_body(case: dict[str, Any]) -> bytes:
    """A return as ReturnDetail answers it."""
    return orjson.dumps({"data": {"return": case}})


def refund_body(**changes: Any) -> bytes:
    """A refund of one lamp as RefundDetail answers it."""
    order = {"id": ORDER, "name": "#1001", "updatedAt": "2026-03-02T02:00:03Z", "currencyCode": "EUR"}
    return orjson.dumps({"data": {"refund": refunded((1, 1, "CANCEL"), order=order, **changes)}})


def error_body(code: str, message: str = "no", **extra: Any) -> bytes:
    """A top-level error as the API answers it with HTTP status 200."""
    return orjson.dumps({"errors": [{"message": message, "extensions": {"code": code}}], **extra})


def complaint(root: str, message: str, code: str | None = None, name: str = "userErrors") -> bytes:
    """A mutation's own refusal."""
    error: dict[str, Any] = {"field": ["input"], "message": message}
    return orjson.dumps({"data": {root: {name: [error | ({"code": code} if code else {})]}}})
