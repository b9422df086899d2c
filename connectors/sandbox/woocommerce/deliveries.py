"""Webhooks as they are sent: signed, once, without a second try; too many failures in a row put one out of use."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
from typing import Any

from connectors.sandbox.kit import post
from connectors.sandbox.kit.market import Pushes
from connectors.sandbox.woocommerce.orders_api import shown_order
from connectors.sandbox.woocommerce.shop import Shop

KIND = "webhook"
MOST_FAILURES = 5
PING_SECONDS = 5.0
FORM = "application/x-www-form-urlencoded"
#: What happens to a sale (kit topic) → the order topic; all other sale topics are `order.updated`.
EVENTS = {"created": "created", "deleted": "deleted", "restored": "restored"}
REFUNDED = "action.woocommerce_order_refunded"


def signature(secret: str, body: bytes) -> str:
    """The value of X-WC-Webhook-Signature: HTML entities in the secret are decoded before it signs."""
    key = html.unescape(secret).encode()
    return base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()


def ping(url: str, number: int) -> bool:
    """The unsigned first call to a new address, as a form; whether it was answered with 200."""
    try:
        return post(url, f"webhook_id={number}".encode(), FORM, PING_SECONDS).status == 200
    except OSError:
        return False


class Deliveries(Pushes):
    """Sends each delivery once and counts failures in a row on its webhook."""

    shop: Shop

    def announce(self, topic: str, number: str) -> None:
        """Tell every active webhook that listens to what happened; `number` is a sale's, or a case's for `case_…`."""
        if topic == "case_succeeded":
            order = str(self.shop.market.find_case(number).doc["order"])
            self._tell(self._listening(REFUNDED), order, {"action": "woocommerce_order_refunded", "arg": int(order)})
        if topic.startswith("case_"):
            return
        event = EVENTS.get(topic, "updated")
        # An order is not written out for nobody: most shops have one webhook or none.
        if hooks := self._listening(f"order.{event}"):
            sale = self.shop.market.find_sale(number)
            self._tell(hooks, number, {"id": int(number)} if event == "deleted" else shown_order(self.shop, sale))

    def _listening(self, topic: str) -> list[dict[str, Any]]:
        return [hook for hook in self.shop.records.of(KIND) if hook["status"] == "active" and hook["topic"] == topic]

    def _tell(self, hooks: list[dict[str, Any]], number: str, payload: dict[str, Any]) -> None:
        body = json.dumps(payload, separators=(",", ":")).replace("/", "\\/").encode()
        for hook in hooks:
            self.send(hook["delivery_url"], hook["topic"], number, body, self._headers(hook, body))

    def _headers(self, hook: dict[str, Any], body: bytes) -> dict[str, str]:
        resource, _, event = hook["topic"].partition(".")
        delivery = hashlib.md5(f"{hook['id']}{self.shop.market.now_ms() // 1000}".encode()).hexdigest()  # noqa: S324 - names a delivery, protects nothing
        return {
            "User-Agent": "WooCommerce/10.4.2 Hookshot (WordPress/6.9)",
            "X-WC-Webhook-Source": f"{self.shop.setup.url}/", "X-WC-Webhook-Topic": hook["topic"],
            "X-WC-Webhook-Resource": resource, "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": signature(hook["secret"], body), "X-WC-Webhook-ID": str(hook["id"]),
            "X-WC-Webhook-Delivery-ID": delivery,
        }  # fmt: skip

    def _send(self, id_: int) -> None:
        row = self._storage.one("select * from push where id = ?", (id_,))
        if row is None:
            return
        headers = json.loads(row["headers"])
        try:
            status = post(row["url"], row["body"], headers=headers).status
            done, words = 200 <= status <= 302, str(status)
        except OSError as error:
            done, words = False, type(error).__name__
        state = "done" if done or row["state"] == "done" else "given_up"
        self._storage.execute(
            "update push set state = ?, tries = tries + 1, answer = ? where id = ?", (state, words, id_)
        )
        self._count(int(headers["X-WC-Webhook-ID"]), failed=not done)

    def _count(self, number: int, *, failed: bool) -> None:
        with self._storage.write():
            hook = self.shop.records.find(KIND, number)
            if hook is None:
                return
            hook["failures"] = hook["failures"] + 1 if failed else 0
            if hook["failures"] > MOST_FAILURES:
                hook["status"] = "disabled"
            self.shop.records.save(KIND, hook)
