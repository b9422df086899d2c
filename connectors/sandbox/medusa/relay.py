"""The store's own subscriber: it relays Medusa's events to the hub, signed, as the platform itself has no webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from connectors.sandbox.kit.market import Pushes
from connectors.sandbox.medusa.ids import counted
from connectors.sandbox.medusa.payments import payment_of
from connectors.sandbox.medusa.return_docs import exchange_of
from connectors.sandbox.medusa.shop import Shop

#: What happens to a sale → Medusa's name of the event.
EVENTS = {
    "created": "order.placed", "cancelled": "order.canceled", "completed": "order.completed",
    "archived": "order.archived",
    "fulfilled": "order.fulfillment_created", "unfulfilled": "order.fulfillment_canceled", "shipped": "shipment.created",
    "delivered": "delivery.created", "captured": "payment.captured", "money_back": "payment.refunded",
    "lines": "order-edit.confirmed", "address": "order.updated", "memo": "order.updated", "message": "order.updated",
    "case_agreed": "order.return_requested", "case_returned": "order.return_received",
}  # fmt: skip
ABOUT_PARCELS = ("fulfilled", "unfulfilled", "shipped", "delivered")
ABOUT_MONEY = ("captured", "money_back")


class Relay(Pushes):
    """Sends each event to one address; another answer than 2xx is tried again."""

    shop: Shop
    url: str = ""
    secret: str = ""

    def announce(self, topic: str, number: str) -> None:
        """Relay what happened to a sale, or for `case_…` to a case."""
        if not self.url or topic not in EVENTS:
            return
        if topic.startswith("case_"):
            self._tell_case(topic, number)
        else:
            self._tell(EVENTS[topic], number, self._payload(topic, number))

    def _payload(self, topic: str, number: str) -> dict[str, Any]:
        if topic in ABOUT_MONEY:
            return {"id": payment_of({"number": number})}
        found = self.shop.market.find_sale(number).doc["fulfillments"]
        if topic in ABOUT_PARCELS and found:
            parcel = found[-1]["id"]
            if topic in ("shipped", "delivered"):
                return {"id": parcel, "no_notification": False}
            return {"order_id": number, "fulfillment_id": parcel, "no_notification": False}
        return {"order_id": number} if topic == "lines" else {"id": number}

    def _tell_case(self, topic: str, number: str) -> None:
        case = self.shop.market.find_case(number)
        if case.doc["kind"] == "refund" or (topic == "case_returned" and not case.doc["received"]):
            return
        data = {"order_id": case.doc["order"], "return_id": number}
        event = EVENTS[topic]
        if case.doc["kind"] == "exchange" and topic == "case_agreed":
            event, data = "order.exchange_created", {"order_id": case.doc["order"], "exchange_id": exchange_of(case)}
        self._tell(event, number, data)

    def _tell(self, event: str, number: str, data: dict[str, Any]) -> None:
        body = json.dumps({"event": event, "data": data}, separators=(",", ":")).encode()
        serial = self._storage.next_number("event", 1)
        digest = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-OMS-Signature": f"sha256={digest}", "X-OMS-Event-Id": counted("evt", serial, number)}
        self.send(self.url, event, number, body, headers)
