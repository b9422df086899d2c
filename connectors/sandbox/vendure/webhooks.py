"""What the webhook plugin sends: which change is which event, its body and its signature."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from connectors.sandbox.kit.market import Pushes
from connectors.sandbox.vendure.shop import Shop, child, owner, utc

Doc = dict[str, Any]
#: What happened in the market → events of the platform; an order is placed at most once.
EVENTS_OF: dict[str, tuple[str, ...]] = {
    "created": ("OrderPlacedEvent", "OrderStateTransitionEvent"),
    "paid": ("OrderPlacedEvent", "OrderStateTransitionEvent"),
    "released": ("OrderStateTransitionEvent",), "held": ("OrderStateTransitionEvent",),
    "cancelled": ("OrderStateTransitionEvent",), "completed": ("OrderStateTransitionEvent",),
    "shipped": ("OrderStateTransitionEvent",), "parcel": ("FulfillmentStateTransitionEvent",),
    "refund_made": ("RefundEvent",), "case_succeeded": ("RefundEvent",),
    "refund_settled": ("RefundStateTransitionEvent",),
}  # fmt: skip
SIGNATURE_HEADER = "X-OMS-Signature"


def send(shop: Shop, pushes: Pushes, topic: str, number: str) -> None:
    """Send what a change is to those who asked for its events; a cart's changes are nobody's business."""
    case = shop.market.shelves.case(number) if topic.startswith("case_") else None
    order = str(case.doc["order"]) if case is not None else (owner("Fulfillment", number) or (number,))[0]
    sale = shop.sale(order if topic == "parcel" or case is not None else number)
    if sale is None or not sale.doc["placed_ms"]:
        return
    for row in shop.market.storage.rows("select * from webhook order by id"):
        if row["event"] in EVENTS_OF.get(topic, ()):
            parcel = number if topic == "parcel" else ""
            body = _body(row["event"], sale.doc, shop.market.now_ms(), parcel) if row["transformer"] else b""
            headers = {"Content-Type": "application/json"} | (signed(shop, body) if body else {})
            pushes.send(row["url"], row["event"], sale.number, body, headers)


def signed(shop: Shop, body: bytes) -> dict[str, str]:
    """The header that this shop's transformer adds: `sha256=` and the hexadecimal HMAC of the body."""
    key = shop.keys["relay_secret"].encode()
    name = str(shop.settings.get("signature_header", SIGNATURE_HEADER))
    return {name: f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"}


def _body(event: str, doc: Doc, at_ms: int, fulfillment: str) -> bytes:
    """What the transformer writes: the event, its time, and numbers to look up."""
    told: Doc = {"orderId": doc["number"], "orderCode": doc["code"], "state": doc["state"]}
    if fulfillment:
        told["fulfillmentId"] = fulfillment
    if event.startswith("Refund") and doc["refunds"]:
        newest = max(doc["refunds"], key=lambda one: one["changed_ms"])
        told["refundId"] = child("Refund", doc["number"], newest["k"])
    return json.dumps({"event": event, "at": utc(at_ms), "data": told}, ensure_ascii=False).encode()
