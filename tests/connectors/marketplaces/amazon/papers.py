"""Small documents of a seller on Amazon, written by hand after the published field names."""

from __future__ import annotations

from typing import Any

import orjson

from connectors.contract.notices import PushRequest
from connectors.marketplaces.amazon.pushes import sign
from tests.connectors.contract_suite import NOW

NO = "111-2222222-3333333"
US = "ATVPDKIKX0DER"
NAME, STREET, PHONE = "Robin Privateperson", "7 Hidden Lane", "555-0142-77"
STAMP = str(int(NOW.timestamp()))


def usd(amount: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currencyCode": currency}


def a_part(kind: str, amount: str, currency: str = "USD", **details: str) -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind, "subtotal": usd(amount, currency)}
    if details:
        found["detailedBreakdowns"] = [
            {"subtype": name.upper(), "value": usd(value, currency)} for name, value in details.items()
        ]
    return found


def an_item(number: int = 1, total: str = "20.00", parts: list[Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Two units of ten dollars, untaxed and unshipped, unless told otherwise."""
    return {
        "orderItemId": f"9000{number}",
        "quantityOrdered": 2,
        "product": {
            "asin": f"B00TEST{number}",
            "title": "Enamel mug",
            "sellerSku": f"MUG-{number}",
            "price": {"unitPrice": usd("10.00")},
        },
        "proceeds": {
            "proceedsTotal": usd(total),
            "breakdowns": [a_part("ITEM", "20.00")] if parts is None else parts,
        },
        "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": 2},
    } | changes


def an_address(**changes: Any) -> dict[str, Any]:
    return {
        "name": NAME,
        "addressLine1": STREET,
        "addressLine2": "",
        "city": "Portland",
        "districtOrCounty": "Multnomah",
        "stateOrRegion": "OR",
        "postalCode": "97201",
        "countryCode": "US",
        "phone": PHONE,
        "addressType": "RESIDENTIAL",
    } | changes


def an_order(*items: dict[str, Any], status: str = "UNSHIPPED", **changes: Any) -> dict[str, Any]:
    """An order over its items, to be shipped by us; changes replace whole fields, None takes one away."""
    items = items or (an_item(),)
    totals = [item["proceeds"]["proceedsTotal"] for item in items if item.get("proceeds")]
    cents = sum(round(float(total["amount"]) * 100) for total in totals)
    order = {
        "orderId": NO,
        "createdTime": "2026-03-01T08:00:00Z",
        "lastUpdatedTime": "2026-03-02T02:30:00Z",
        "programs": ["PRIME"],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": US, "marketplaceName": "Amazon.com"},
        "buyer": {"buyerName": NAME, "buyerEmail": "alias-7@marketplace.example"},
        "recipient": {"deliveryAddress": an_address()},
        "proceeds": {"grandTotal": usd(f"{cents / 100:.2f}")},
        "fulfillment": {
            "fulfillmentStatus": status,
            "fulfilledBy": "MERCHANT",
            "shipByWindow": {"earliestDateTime": "2026-03-02T00:00:00Z", "latestDateTime": "2026-03-04T07:59:59Z"},
        },
        "orderItems": list(items),
    } | changes
    return {name: value for name, value in order.items() if value is not None}


def body(*items: dict[str, Any], **changes: Any) -> bytes:
    return orjson.dumps(an_order(*items, **changes))


def a_package(number: str, waybill: str, status: str = "IN_TRANSIT", **units: int) -> dict[str, Any]:
    """`_90001=2`: two units of that item."""
    return {
        "packageReferenceId": number,
        "trackingNumber": waybill,
        "carrier": "UPS",
        "shipTime": "2026-03-01T20:00:00Z",
        "packageStatus": {"status": status},
        "packageItems": [{"orderItemId": name.strip("_"), "quantity": count} for name, count in units.items()],
    }


def error_body(code: str, message: str = "no", details: str = "") -> bytes:
    return orjson.dumps({"errors": [{"code": code, "message": message, "details": details}]})


def a_return(**changes: str | None) -> dict[str, str]:
    """A row of the returns report; `Return_quantity` stands for the column "Return quantity"."""
    row: dict[str, str | None] = {
        "Order ID": NO,
        "Order date": "01-Mar-2026",
        "Return request date": "02-Mar-2026",
        "Return request status": "Approved",
        "Amazon RMA ID": "DRMA77",
        "Currency code": "USD",
        "Return carrier": "UPS",
        "Tracking ID": "1ZBACK",
        "ASIN": "B00TEST1",
        "Merchant SKU": "MUG-1",
        "Return quantity": "1",
        "Return Reason": "DEFECTIVE",
        "Resolution": "StandardRefund",
        "Order Amount": "20.00",
        "Order quantity": "2",
    }
    row |= {name.replace("_", " "): value for name, value in changes.items()}
    return {name: value for name, value in row.items() if value is not None}


def case_body(*found: dict[str, str], items: list[dict[str, str]] | None = None) -> bytes:
    known = [{"id": "90001", "sku": "MUG-1", "asin": "B00TEST1"}] if items is None else items
    return orjson.dumps({"caseNo": f"{NO}/DRMA77", "rows": list(found or (a_return(),)), "items": known})


def a_table(*found: dict[str, str]) -> bytes:
    columns = list(a_return(Refunded_Amount="", Return_delivery_date=""))
    lines = ["\t".join(columns), *("\t".join(row.get(name, "") for name in columns) for row in found)]
    return "\r\n".join(lines).encode()


def a_notification(number: str = "note-1", order: str = NO, kind: str = "ORDER_CHANGE") -> bytes:
    change = {
        "NotificationLevel": "OrderLevel",
        "SellerId": "A1SELLER",
        "AmazonOrderId": order,
        "OrderChangeType": "OrderStatusChange",
        "OrderChangeTrigger": {"TimeOfOrderChange": "2026-03-02T03:59:00.284Z"},
    }
    return orjson.dumps(
        {
            "NotificationVersion": "1.0",
            "NotificationType": kind,
            "EventTime": "2026-03-02T03:59:30.109Z",
            "Payload": {"OrderChangeNotification": change},
            "NotificationMetadata": {"NotificationId": number},
        }
    )


def a_push(content: bytes, secret: str, stamp: str = STAMP) -> PushRequest:
    headers = {"X-Notification-Timestamp": stamp, "X-Notification-Signature": sign(secret, stamp, content)}
    return PushRequest("POST", "/push/amazon/1", {}, headers, content, NOW)
