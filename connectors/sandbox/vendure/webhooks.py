"""What the webhook plugin sends: which change is which event, its body and its signature."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from connectors.sandbox.kit.market import Pushes
from connectors.sandbox.vendure.shop import CHANNEL, Shop, owner, utc

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
SIGNATURE_HEADER = "x-vendure-signature"


def send(shop: Shop, pushes: Pushes, topic: str, number: str) -> None:
    """Send what a change is to those who asked for its events; a cart's changes are nobody's business."""
    case = shop.market.shelves.case(number) if topic.startswith("case_") else None
    order = str(case.doc["order"]) if case is not None else (owner("Fulfillment", number) or (number,))[0]
    sale = shop.sale(order if topic == "parcel" or case is not None else number)
    if sale is None or not sale.doc["placed_ms"]:
        return
    for row in shop.market.storage.rows("select * from webhook order by id"):
        if row["event"] in EVENTS_OF.get(topic, ()):
            body = _body(row["event"], sale.doc, number if topic == "parcel" else "") if row["transformer"] else b""
            headers = {"Content-Type": "application/json"} | (signed(shop, body) if body else {})
            pushes.send(row["url"], row["event"], sale.number, body, headers)


def signed(shop: Shop, body: bytes) -> dict[str, str]:
    """The header that this shop's transformer adds: HMAC-SHA256 of the body in hexadecimal."""
    key = shop.keys["webhook_secret"].encode()
    name = str(shop.settings.get("signature_header", SIGNATURE_HEADER))
    return {name: hmac.new(key, body, hashlib.sha256).hexdigest()}


def _body(event: str, doc: Doc, fulfillment: str) -> bytes:
    order = {"id": doc["number"], "code": doc["code"], "state": doc["state"], "updatedAt": utc(doc["changed_ms"])}
    told: Doc = {"event": event, "channel": CHANNEL, "order": order}
    if fulfillment:
        told["fulfillmentId"] = fulfillment
    return json.dumps(told, ensure_ascii=False).encode()
