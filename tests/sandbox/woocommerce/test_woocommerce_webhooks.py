"""Webhooks are pinged, signed, sent once and put out of use; faults and restarts show in every call."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from connectors.sandbox.woocommerce import describe

from .caller import SEED, Caller, Hub, refused


def subscribe(shop: Caller, hub: Hub, topic: str, secret: str = "s&amp;cret") -> Any:
    return shop.call("POST", "/webhooks", {"topic": topic, "delivery_url": hub.url, "secret": secret})


def test_a_webhook_is_pinged_and_then_tells_what_the_order_looks_like(shop: Caller, hub: Hub) -> None:
    made = subscribe(shop, hub, "order.updated")
    assert (made.status_code, made.json["status"], "secret" in made.json) == (201, "active", False)
    headers, body = hub.arrived.pop()
    assert (headers["Content-Type"], body) == (
        "application/x-www-form-urlencoded", f"webhook_id={made.json['id']}".encode(),
    )  # fmt: skip
    assert "X-Wc-Webhook-Signature" not in {name.title() for name in headers}
    number = shop.make()
    shop.verb(number, "edit_address")
    ((headers, body),) = hub.arrived
    right = base64.b64encode(hmac.new(b"s&cret", body, hashlib.sha256).digest()).decode()
    assert (headers["X-WC-Webhook-Signature"], headers["X-WC-Webhook-Topic"]) == (right, "order.updated")
    assert json.loads(body)["shipping"] == shop.get(f"/orders/{number}")["shipping"]


@pytest.mark.parametrize(
    ("topic", "verbs", "keys"),
    [
        ("order.created", [], None),
        ("order.deleted", ["trash"], {"id"}),
        ("order.restored", ["trash", "restore"], None),
        ("action.woocommerce_order_refunded", ["refund"], {"action", "arg"}),
    ],
)
def test_each_topic_is_told(shop: Caller, hub: Hub, topic: str, verbs: list[str], keys: set[str] | None) -> None:
    subscribe(shop, hub, topic)
    hub.arrived.clear()
    number = shop.make()
    for verb in verbs:
        shop.verb(number, verb)
    shop.twin.scheduler.run_due()
    assert hub.arrived
    for headers, body in hub.arrived:
        told = json.loads(body)
        assert headers["X-WC-Webhook-Topic"] == topic
        assert set(told) == keys if keys else told["id"] == int(number)


def test_an_address_that_does_not_answer_its_ping_is_not_active(shop: Caller, hub: Hub) -> None:
    hub.status = 404
    made = subscribe(shop, hub, "order.updated").json
    assert made["status"] == "disabled"
    hub.status = 200
    assert shop.call("PUT", f"/webhooks/{made['id']}", {"status": "active"}).json["status"] == "active"


def test_a_failed_delivery_is_not_repeated_and_many_disable_the_webhook(shop: Caller, hub: Hub) -> None:
    made = subscribe(shop, hub, "order.created").json
    hub.arrived.clear()
    hub.status = 500
    for _ in range(7):
        shop.make()
        shop.twin.scheduler.run_due()
    assert len(hub.arrived) == 6
    assert shop.get(f"/webhooks/{made['id']}")["status"] == "disabled"
    assert {push["state"] for push in shop.twin.pushes.ledger()} == {"given_up"}


def test_webhooks_are_checked_listed_and_deleted(shop: Caller, hub: Hub) -> None:
    topic = shop.call("POST", "/webhooks", {"topic": "order.paid", "delivery_url": hub.url})
    assert refused(topic) == (400, "woocommerce_rest_shop_webhook_invalid_topic")
    address = shop.call("POST", "/webhooks", {"topic": "order.updated", "delivery_url": "ftp://x"})
    assert refused(address) == (400, "woocommerce_rest_shop_webhook_invalid_delivery_url")
    made = subscribe(shop, hub, "order.updated").json
    assert [hook["id"] for hook in shop.get("/webhooks", status="active")] == [made["id"]]
    assert refused(shop.call("DELETE", f"/webhooks/{made['id']}"))[0] == 501
    shop.call("DELETE", f"/webhooks/{made['id']}", force="true")
    assert refused(shop.call("GET", f"/webhooks/{made['id']}")) == (404, "woocommerce_rest_shop_webhook_invalid_id")


@pytest.mark.parametrize(("kind", "count"), [("lost_push", 0), ("duplicate_push", 2), ("late_push", 0)])
def test_pushes_misbehave_on_demand(shop: Caller, hub: Hub, kind: str, count: int) -> None:
    subscribe(shop, hub, "order.created")
    hub.arrived.clear()
    shop.faults({"kind": kind, "seconds": 600})
    shop.make()
    shop.twin.scheduler.run_due()
    assert len(hub.arrived) == count


def test_faults_are_told_in_the_platforms_words(shop: Caller) -> None:
    shop.make()
    shop.faults({"kind": "rate_limit", "seconds": 7, "match": "orders.list"})
    limited = shop.call("GET", "/orders")
    assert (limited.status_code, limited.headers["Retry-After"], limited.mimetype) == (429, "7", "text/html")
    shop.faults({"kind": "rate_limit", "seconds": 0})
    assert "Retry-After" not in shop.call("GET", "/orders").headers
    shop.faults({"kind": "expired_session"})
    assert refused(shop.call("GET", "/orders")) == (401, "woocommerce_rest_cannot_view")
    shop.faults({"kind": "outage"})
    assert shop.call("GET", "/orders").status_code == 503
    shop.faults({"kind": "broken_page"})
    with pytest.raises(ValueError, match="char"):
        json.loads(shop.call("GET", "/orders").data)


def test_a_careless_plugin_prints_before_the_answer(start: Callable[..., Caller]) -> None:
    response = start(php_notices=1).call("GET", "/orders")
    assert (response.status_code, response.data[:6], response.data[-2:]) == (200, b"<br />", b"[]")


def test_faults_of_lists_show_in_orders(shop: Caller) -> None:
    shop.make()
    shop.faults({"kind": "late_rows", "ms": 60_000})
    assert shop.get("/orders", orderby="modified") == []
    shop.faults({"kind": "duplicate_rows"})
    assert len(shop.get("/orders", orderby="modified")) == 2
    shop.faults({"kind": "clock_skew", "ms": 3_600_000})
    order = shop.get(f"/orders/{shop.make()}")
    shop.faults()
    assert order["date_created_gmt"] > shop.get(f"/orders/{shop.make()}")["date_created_gmt"]


def test_a_restart_goes_on_where_it_stopped(start: Callable[..., Caller], hub: Hub) -> None:
    shop = start()
    number = shop.make()
    before = shop.get(f"/orders/{number}")
    hook = subscribe(shop, hub, "order.created").json["id"]
    shop = start()
    assert shop.get(f"/orders/{number}") == before
    assert shop.get(f"/webhooks/{hook}")["status"] == "active"
    assert int(shop.make()) > int(number)


def test_the_description_opens_the_shop(shop: Caller) -> None:
    told = describe("http://localhost", SEED)
    keys = (told["consumer_key"], told["consumer_secret"])
    assert (keys[0][:3], keys[1][:3], told["site_url"]) == ("ck_", "cs_", "http://localhost")
    status = shop.client.get("/wp-json/wc/v3/system_status", auth=keys)
    assert (status.json["settings"]["currency"], status.json["environment"]["version"]) == ("CNY", "10.4.2")
