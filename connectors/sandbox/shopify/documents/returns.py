"""Returns: the market's cases in which goods come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.kit.market import Case
from connectors.sandbox.kit.market.model import LIVE_REFUND
from connectors.sandbox.shopify import books
from connectors.sandbox.shopify.documents import goods
from connectors.sandbox.shopify.documents.money import bag
from connectors.sandbox.shopify.documents.refunds import gross_of
from connectors.sandbox.shopify.documents.shipping import shipped_line_of
from connectors.sandbox.shopify.ids import gid
from connectors.sandbox.shopify.shop import Shop, utc

Doc = dict[str, Any]
Order = Mapping[str, Any]
#: Words in a buyer's reason → the platform's handle, its name, the old enum.
REASONS = (
    ("质量", "defective", "Damaged or defective", "DEFECTIVE"),
    ("破损", "defective", "Damaged or defective", "DEFECTIVE"),
    ("尺码", "size-too-small", "Size was too small", "SIZE_TOO_SMALL"),
    ("不符", "not-as-described", "Item not as described", "NOT_AS_DESCRIBED"),
    ("发错", "wrong-item", "Received the wrong item", "WRONG_ITEM"),
    ("不想要", "unwanted", "Customer changed their mind", "UNWANTED"),
)  # fmt: skip


def goods_cases(shop: Shop, number: str) -> list[Case]:
    """The cases of an order that the platform calls returns."""
    return [case for case in shop.market.shelves.cases_of(number) if case.doc["kind"] != "refund"]


def status_of(case: Order) -> str:
    """One of the platform's five words."""
    if case["state"] == "asked":
        return "REQUESTED"
    if case["state"] == "refused":
        return "DECLINED"
    if case["state"] == "closed":
        return "CLOSED" if case.get("closed_ms") else "CANCELED"
    return "CLOSED" if case["state"] == "succeeded" else "OPEN"


def order_status(cases: Sequence[Case]) -> str:
    """The order's returnStatus, by its liveliest return."""
    docs = [case.doc for case in cases]
    if any(doc["state"] in LIVE_REFUND - {"asked"} and not doc["received"] for doc in docs):
        return "IN_PROGRESS"
    if any(doc["state"] == "asked" for doc in docs):
        return "RETURN_REQUESTED"
    if any(doc["state"] in LIVE_REFUND for doc in docs):
        return "INSPECTION_COMPLETE"
    if any(status_of(doc) == "CLOSED" for doc in docs):
        return "RETURNED"
    return "RETURN_FAILED" if docs else "NO_RETURN"


def returns(shop: Shop, doc: Order, order: Doc) -> list[Doc]:
    """All Returns of an order, oldest first."""
    return [_return(shop, doc, order, case.doc, n) for n, case in enumerate(goods_cases(shop, doc["number"]), start=1)]


def _return(shop: Shop, doc: Order, order: Doc, case: Doc, n: int) -> Doc:
    status = status_of(case)
    decline = {"reason": case.get("decline_reason", "OTHER"), "note": case.get("decline_note") or None}
    closed = case.get("closed_ms") or (case["changed_ms"] if status == "CLOSED" else 0)
    units = sum(part["num"] for part in case["lines"])

    def belonging(args: Mapping[str, Any]) -> list[Doc]:
        numbers = {gid_of for kept, gid_of in zip(doc["refunds"], (r["id"] for r in order["refunds"]({})), strict=True)
                   if kept["case"] == case["number"]}  # fmt: skip
        return [found for found in order["refunds"]({}) if found["id"] in numbers]

    return {
        "__typename": "Return", "id": gid("Return", case["number"]), "name": f"{order['name']}-R{n}", "status": status,
        "createdAt": utc(case["created_ms"]), "requestApprovedAt": utc(case.get("approved_ms", 0)),
        "closedAt": utc(closed), "totalQuantity": units, "order": order, "returnShippingFees": [],
        "decline": decline if status == "DECLINED" else None,
        "returnLineItems": lambda args: [_line(doc, order, case, part) for part in case["lines"]],
        "exchangeLineItems": [_exchange(case, units)] if case["kind"] == "exchange" else [],
        "refunds": belonging,
        "reverseFulfillmentOrders": lambda args: [_reverse(doc, order, case, status)] if case.get("approved_ms") else [],
    }  # fmt: skip


def line_number(case: Order) -> str:
    return f"8{case['number']}"


def reverse_line_number(case: Order) -> str:
    return f"5{case['number']}"


def _line(doc: Order, order: Doc, case: Doc, part: Doc) -> Doc:
    gross = gross_of(doc, part["no"])
    done, is_open = case.get("processed", 0), status_of(case) == "OPEN"
    paid_back = part["num"] if case["state"] == "succeeded" and case["kind"] == "return" else 0
    handle, name, word = reason_of(case["reason"])
    found = {
        "id": gid("ReturnLineItem", line_number(case)), "quantity": part["num"], "processedQuantity": done,
        "processableQuantity": part["num"] - done if is_open else 0, "unprocessedQuantity": part["num"] - done,
        "refundableQuantity": part["num"] - paid_back, "refundedQuantity": paid_back, "returnReason": word,
        "returnReasonNote": "", "customerNote": case["words"] or case["reason"],
        "returnReasonDefinition": {"id": gid("ReturnReasonDefinition", 1), "handle": handle, "name": name,
                                   "deleted": False},
    }  # fmt: skip
    shipped = shipped_line_of(doc, order, part["no"])
    if shipped is None:
        price = bag(doc, gross["price"])["presentmentMoney"]
        return {"__typename": "UnverifiedReturnLineItem", **found, "unitPrice": price}
    return {"__typename": "ReturnLineItem", **found, "fulfillmentLineItem": shipped, "restockingFee": None,
            "withCodeDiscountedTotalPriceSet": bag(doc, books.paid_for(gross, part["num"])),
            "totalWeight": None}  # fmt: skip


def reason_of(words: str) -> tuple[str, str, str]:
    """(handle, name, old enum) for what the buyer wrote."""
    for piece, handle, name, word in REASONS:
        if piece in words:
            return handle, name, word
    return "other", "Other", "OTHER"


def _exchange(case: Doc, units: int) -> Doc:
    return {"id": gid("ExchangeLineItem", f"4{case['number']}"), "quantity": units, "lineItem": None, "lineItems": [],
            "variantId": None}  # fmt: skip


def _reverse(doc: Order, order: Doc, case: Doc, status: str) -> Doc:
    units, done = sum(part["num"] for part in case["lines"]), case.get("processed", 0)
    line = {
        "id": gid("ReverseFulfillmentOrderLineItem", reverse_line_number(case)), "totalQuantity": units,
        "remainingQuantity": units - done, "dispositions": [
            {"id": gid("ReverseFulfillmentOrderDisposition", f"{case['number']}{n}"), "quantity": one["num"],
             "type": one["type"], "location": goods.location(0)}
            for n, one in enumerate(case.get("dispositions", []), start=1)
        ],
        "fulfillmentLineItem": shipped_line_of(doc, order, case["lines"][0]["no"]),
    }  # fmt: skip
    waybill = {"carrierName": case["return_carrier"] or None, "number": case["return_waybill"], "url": None}
    delivery = {"id": gid("ReverseDelivery", case["number"]), "deliverable": {"tracking": waybill}}
    word = {"OPEN": "OPEN", "CANCELED": "CANCELED"}.get(status, "CLOSED")
    return {"id": gid("ReverseFulfillmentOrder", f"6{case['number']}"), "status": word, "order": order,
            "lineItems": [line], "reverseDeliveries": [delivery] if case["return_waybill"] else []}  # fmt: skip
