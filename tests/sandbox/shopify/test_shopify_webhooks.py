"""Web hooks: subscribed, signed, delivered, retried, deleted after too many failures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from connectors.sandbox.shopify.twin import ShopifyTwin
from connectors.sandbox.shopify.webhooks import sign, wire_name
from tests.sandbox.shopify.caller import Caller

SUBSCRIBE = """mutation S($topic: WebhookSubscriptionTopic!, $sub: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $sub) {
    webhookSubscription { id topic uri } userErrors { field message } } }"""
LISTED = (
    "{ webhookSubscriptions(first: 50) { nodes { id topic endpoint { ... on WebhookHttpEndpoint { callbackUrl } } } } }"
)


class Ear(HTTPServer):
    """Listens and keeps what came: (headers, raw body)."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), Hearing)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class Hearing(BaseHTTPRequestHandler):
    server: Ear

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        return None


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    thread = threading.Thread(target=ear.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield ear
    ear.shutdown()
    thread.join()
    ear.server_close()


def subscribe(shop: Caller, topic: str, uri: str) -> dict[str, Any]:
    return shop.mutate(SUBSCRIBE, {"topic": topic, "sub": {"uri": uri, "format": "JSON"}})


def test_the_published_example_is_signed_as_told() -> None:
    body = (
        '{"id":6100000000042,"admin_graphql_api_id":"gid://shopify/Order/6100000000042",'
        '"updated_at":"2026-10-19T04:30:02-04:00","note":"café ☕"}'
    )
    assert sign("hush_shopify_client_secret", body.encode()) == "GbArKz7MqvPKz1uxqHtrozFbJze3GoE3bkMz+WBTq7o="


def test_changes_are_told_signed_in_the_shape_of_the_old_interface(twin: ShopifyTwin, shop: Caller, ear: Ear) -> None:
    for topic in ("ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_FULFILLED", "FULFILLMENTS_CREATE", "REFUNDS_CREATE",
                  "RETURNS_REQUEST", "ORDERS_CANCELLED", "FULFILLMENT_ORDERS_PLACED_ON_HOLD"):  # fmt: skip
        assert subscribe(shop, topic, ear.url)["userErrors"] == []
    id_ = shop.make()
    shop.ship(id_)
    shop.verb(id_, "refund", **{"return": True})
    other = shop.make()
    shop.verb(other, "hold")
    shop.verb(other, "unhold")
    shop.verb(other, "cancel")
    twin.scheduler.run_due()
    secret = twin.keys["client_secret"].encode()
    bodies: dict[str, Any] = {}
    for headers, raw in ear.heard:
        digest = base64.b64encode(hmac.new(secret, raw, hashlib.sha256).digest()).decode()
        assert headers["X-Shopify-Hmac-SHA256"] == digest
        bodies[headers["X-Shopify-Topic"]] = json.loads(raw)
    assert set(bodies) == {
        "orders/create", "orders/updated", "orders/fulfilled", "fulfillments/create", "refunds/create",
        "returns/request", "orders/cancelled", "fulfillment_orders/placed_on_hold",
    }  # fmt: skip
    assert bodies["orders/fulfilled"]["admin_graphql_api_id"] == id_
    assert bodies["orders/fulfilled"]["fulfillments"][0]["tracking_number"] == "Z1"
    assert bodies["orders/cancelled"]["cancelled_at"].endswith("+08:00")
    assert isinstance(bodies["refunds/create"]["refund_line_items"][0]["subtotal"], float)
    assert bodies["returns/request"]["order"]["admin_graphql_api_id"] == id_


def test_a_push_repeated_keeps_its_webhook_id_and_one_lost_never_comes(twin: ShopifyTwin, shop: Caller, ear: Ear) -> None:
    subscribe(shop, "ORDERS_CREATE", ear.url)
    twin.faults.replace([{"kind": "duplicate_push"}])
    shop.make()
    twin.scheduler.run_due()
    assert len(ear.heard) == 2
    assert len({headers["X-Shopify-Webhook-Id"] for headers, _ in ear.heard}) == 1
    twin.faults.replace([{"kind": "lost_push"}])
    shop.make()
    twin.scheduler.run_due()
    assert len(ear.heard) == 2


def test_an_address_that_fails_eight_times_loses_its_subscription(twin: ShopifyTwin, shop: Caller) -> None:
    subscribe(shop, "ORDERS_CREATE", "http://127.0.0.1:9/nobody")
    for _ in range(2):
        shop.make()
        for _ in range(5):
            twin.scheduler.advance(4000)
    assert len(shop.ask(LISTED)["webhookSubscriptions"]["nodes"]) == 1
    shop.make()
    twin.scheduler.run_due()
    assert shop.ask(LISTED)["webhookSubscriptions"]["nodes"] == []


def test_subscriptions_are_listed_changed_and_deleted(shop: Caller) -> None:
    made = subscribe(shop, "ORDERS_UPDATED", "https://oms.example.invalid/a")["webhookSubscription"]
    again = subscribe(shop, "ORDERS_UPDATED", "https://oms.example.invalid/a")
    assert again["userErrors"][0]["message"] == "Address for this topic has already been taken"
    assert (
        subscribe(shop, "ORDERS_UPDATED", "http://oms.example.invalid/a")["userErrors"][0]["message"]
        == "Address is invalid"
    )
    change = """mutation U($id: ID!, $s: WebhookSubscriptionInput!) {
      webhookSubscriptionUpdate(id: $id, webhookSubscription: $s) { webhookSubscription { uri }
        userErrors { message } } }"""
    done = shop.mutate(change, {"id": made["id"], "s": {"uri": "https://oms.example.invalid/b"}})
    assert done["webhookSubscription"]["uri"].endswith("/b")
    delete = """mutation D($id: ID!) { webhookSubscriptionDelete(id: $id) {
      deletedWebhookSubscriptionId userErrors { message } } }"""
    assert shop.mutate(delete, {"id": made["id"]})["deletedWebhookSubscriptionId"] == made["id"]
    assert shop.mutate(delete, {"id": made["id"]})["userErrors"] != []
    assert shop.ask(LISTED)["webhookSubscriptions"]["nodes"] == []


def test_topics_are_written_with_a_slash() -> None:
    assert wire_name("ORDERS_PARTIALLY_FULFILLED") == "orders/partially_fulfilled"
    assert wire_name("FULFILLMENT_ORDERS_PLACED_ON_HOLD") == "fulfillment_orders/placed_on_hold"
    assert wire_name("APP_UNINSTALLED") == "app/uninstalled"
