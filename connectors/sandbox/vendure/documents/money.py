"""Payments with their refunds, modifications, fulfillments and the order's history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.vendure.shop import Shop, child, utc
from connectors.sandbox.vendure.states import FULFILLMENT_NEXT

Doc = dict[str, Any]
Order = Mapping[str, Any]
PAYMENT_NEXT = {"Authorized": ["Settled", "Error", "Cancelled"], "Settled": ["Cancelled"], "Declined": ["Cancelled"]}


def payment(doc: Order, one: Doc) -> Doc:
    return {
        "__typename": "Payment", "id": child("Payment", doc["number"], one["k"]), "createdAt": utc(one["at_ms"]),
        "updatedAt": utc(one["changed_ms"]), "transactionId": one["txn"], "amount": one["amount"],
        "method": one["method"], "state": one["state"], "nextStates": PAYMENT_NEXT.get(one["state"], []),
        "errorMessage": one["error"], "metadata": {},
        "refunds": [refund(doc, found) for found in doc["refunds"] if found["payment"] == one["k"]],
    }  # fmt: skip


def refund(doc: Order, one: Doc) -> Doc:
    """A Refund; lines and parts of the amount stand in it only when it was asked for by lines."""
    method = next(paid["method"] for paid in doc["payments"] if paid["k"] == one["payment"])
    id_ = child("Refund", doc["number"], one["k"])
    return {
        "__typename": "Refund", "id": id_, "createdAt": utc(one["at_ms"]), "updatedAt": utc(one["changed_ms"]),
        "items": 0, "shipping": 0, "adjustment": 0, "total": one["total"], "method": method, "state": one["state"],
        "transactionId": one["txn"] or None, "reason": one["reason"] or None, "metadata": {},
        "paymentId": child("Payment", doc["number"], one["payment"]),
        "lines": [{"orderLineId": no, "quantity": num, "refundId": id_} for no, num in one["lines"].items()],
    }  # fmt: skip


def modification(doc: Order, one: Doc) -> Doc:
    paid = next((found for found in doc["payments"] if found["k"] == one["payment"]), None)
    back = next((found for found in doc["refunds"] if found["k"] == one["refund"]), None)
    return {
        "id": child("Modification", doc["number"], one["k"]), "createdAt": utc(one["at_ms"]), "note": "",
        "priceChange": one["change"], "payment": payment(doc, paid) if paid else None,
        "refund": refund(doc, back) if back else None, "isSettled": True,
    }  # fmt: skip


def fulfillment(doc: Order, one: Doc, order: Doc) -> Doc:
    id_ = child("Fulfillment", doc["number"], one["k"])
    found: Doc = {
        "__typename": "Fulfillment", "id": id_, "createdAt": utc(one["at_ms"]), "updatedAt": utc(one["changed_ms"]),
        "nextStates": list(FULFILLMENT_NEXT.get(one["state"], ())), "state": one["state"], "method": one["method"],
        "trackingCode": one["tracking"], "customFields": None,
    }  # fmt: skip

    def line(no: str) -> Doc:
        return next(row for row in order["lines"]({}) if row["id"] == no)

    found["lines"] = [
        {"orderLineId": no, "quantity": num, "fulfillmentId": id_, "fulfillment": found,
         "orderLine": lambda args, no=no: line(no)}
        for no, num in one["lines"].items()
    ]  # fmt: skip
    return found


def note(doc: Order, one: Doc) -> Doc:
    return {
        "__typename": "HistoryEntry", "id": child("Note", doc["number"], one["k"]), "createdAt": utc(one["at_ms"]),
        "updatedAt": utc(one["changed_ms"]), "isPublic": one["is_public"], "type": "ORDER_NOTE",
        "data": {"note": one["note"]},
    }  # fmt: skip


def history(shop: Shop, doc: Order, args: Mapping[str, Any]) -> Doc:
    """Notes and state transitions, oldest first unless sorted otherwise."""
    rows = [(one["at_ms"], note(doc, one)) for one in doc["notes"]]
    for k, one in enumerate(doc["transitions"], start=1):
        at = utc(one["at_ms"])
        rows.append((one["at_ms"], {
            "__typename": "HistoryEntry", "id": child("Transition", doc["number"], k), "createdAt": at, "updatedAt": at,
            "isPublic": True, "type": "ORDER_STATE_TRANSITION", "data": {"from": one["from"], "to": one["to"]},
        }))  # fmt: skip
    options = args.get("options") or {}
    wanted = ((options.get("filter") or {}).get("type") or {}).get("eq")
    rows = [row for row in rows if wanted in (None, row[1]["type"])]
    rows.sort(key=lambda row: row[0], reverse="DESC" in (options.get("sort") or {}).values())
    skip, take = options.get("skip") or 0, options.get("take") or shop.list_limit
    return {"items": [row for _, row in rows[skip : skip + take]], "totalItems": len(rows)}
