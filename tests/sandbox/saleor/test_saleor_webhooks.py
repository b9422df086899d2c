"""Web hooks: made by the platform's own call, signed by JWS or with a secret, shaped by their own query."""

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
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors.sandbox.saleor.signing import hmac_hex
from connectors.sandbox.saleor.twin import SaleorTwin
from tests.sandbox.saleor.caller import HOOK, STOCK, Caller

QUERY = """subscription { event { __typename issuedAt ... on OrderUpdated { order { id status } }
  ... on OrderCreated { order { id number } } ... on FulfillmentCreated { fulfillment { trackingNumber } } } }"""


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


def subscribe(shop: Caller, uri: str, *events: str, **more: Any) -> dict[str, Any]:
    told = {"name": "oms", "targetUrl": uri, "asyncEvents": list(events), "query": QUERY, "isActive": True, **more}
    return shop.mutate(HOOK, {"input": told})


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify(shop: Caller, signature: str, raw: bytes) -> dict[str, Any]:
    """The header of a detached signature that the published keys prove."""
    head, middle, told = signature.split(".")
    assert middle == ""
    header: dict[str, Any] = json.loads(unpadded(head))
    keys = shop.client.get("/.well-known/jwks.json").get_json()["keys"]
    key = next(one for one in keys if one["kid"] == header["kid"])
    numbers = (int.from_bytes(unpadded(key[name]), "big") for name in ("e", "n"))
    public = rsa.RSAPublicNumbers(*numbers).public_key()
    public.verify(unpadded(told), head.encode() + b"." + raw, padding.PKCS1v15(), hashes.SHA256())
    return header


def test_changes_are_told_signed_in_the_shape_of_the_hooks_query(twin: SaleorTwin, shop: Caller, ear: Ear) -> None:
    made = subscribe(shop, ear.url, "ORDER_CREATED", "ORDER_UPDATED", "FULFILLMENT_CREATED")
    assert made["errors"] == []
    id_ = shop.make()
    shop.ship(id_)
    twin.scheduler.run_due()
    bodies: dict[str, Any] = {}
    for headers, raw in ear.heard:
        header = verify(shop, headers["Saleor-Signature"], raw)
        assert (header["alg"], header["b64"], header["crit"]) == ("RS256", False, ["b64"])
        bodies[headers["Saleor-Event"]] = json.loads(raw)
    assert set(bodies) == {"order_created", "order_updated", "fulfillment_created"}
    assert bodies["order_created"]["__typename"] == "OrderCreated"
    assert bodies["order_updated"]["order"] == {"id": id_, "status": "FULFILLED"}
    assert bodies["fulfillment_created"]["fulfillment"] == {"trackingNumber": "T1"}
    assert ear.heard[0][0]["Saleor-Api-Url"].endswith("/graphql/")


def test_the_published_example_of_a_secret_is_signed_as_told(twin: SaleorTwin, shop: Caller, ear: Ear) -> None:
    body = b'{"__typename":"OrderUpdated","order":{"id":"T3JkZXI6MQ=="}}'
    assert hmac_hex("saleor-secret", body) == "594ae3605fda04286d21ad6721e00c016ee4ad57d5a38284c7c69623ee24112e"
    subscribe(shop, ear.url, "ORDER_CREATED", secretKey="hush", customHeaders='{"X-Mine": "1"}')
    shop.make()
    twin.scheduler.run_due()
    headers, raw = ear.heard[0]
    assert headers["Saleor-Signature"] == hmac.new(b"hush", raw, hashlib.sha256).hexdigest()
    assert headers["X-Mine"] == "1"


def test_a_hook_without_a_query_gets_the_older_list(twin: SaleorTwin, shop: Caller, ear: Ear) -> None:
    subscribe(shop, ear.url, "ANY_EVENTS", query=None)
    id_ = shop.make()
    shop.verb(id_, "cancel")
    twin.scheduler.run_due()
    events = [headers["Saleor-Event"] for headers, _ in ear.heard]
    assert {"order_created", "order_confirmed", "order_paid", "order_fully_paid", "order_cancelled"} <= set(events)
    assert json.loads(ear.heard[0][1])[0]["id"] == id_


def test_pushes_get_lost_and_come_twice(twin: SaleorTwin, shop: Caller, ear: Ear) -> None:
    subscribe(shop, ear.url, "ORDER_CREATED")
    twin.faults.replace([{"kind": "duplicate_push"}])
    shop.make()
    twin.scheduler.run_due()
    assert len(ear.heard) == 2
    twin.faults.replace([{"kind": "lost_push"}])
    shop.make()
    twin.scheduler.run_due()
    assert len(ear.heard) == 2


def test_stock_changes_are_told(twin: SaleorTwin, shop: Caller, ear: Ear) -> None:
    query = "subscription { event { ... on ProductVariantStockUpdated { productVariant { sku } warehouse { slug } } } }"
    subscribe(shop, ear.url, "PRODUCT_VARIANT_STOCK_UPDATED", query=query)
    code, where = twin.shop.items()[0]["code"], shop.ask("{ warehouses(first: 1) { edges { node { id } } } }")
    warehouse = where["warehouses"]["edges"][0]["node"]["id"]
    shop.mutate(STOCK, {"sku": code, "stocks": [{"warehouse": warehouse, "quantity": 3}]})
    twin.scheduler.run_due()
    assert json.loads(ear.heard[0][1]) == {"productVariant": {"sku": code}, "warehouse": {"slug": "hangzhou"}}


def test_wrong_hooks_are_refused(shop: Caller) -> None:
    url = "https://oms.example.invalid/hook"
    assert subscribe(shop, "nowhere", "ORDER_CREATED")["errors"][0]["code"] == "INVALID"
    assert subscribe(shop, "", "ORDER_CREATED")["errors"][0]["code"] == "REQUIRED"
    assert subscribe(shop, url, query=None)["errors"][0]["code"] == "MISSING_EVENT"
    assert subscribe(shop, url, "ORDER_CREATED", query="{ shop { name } }")["errors"][0]["code"] == "MISSING_SUBSCRIPTION"
    assert subscribe(shop, url, "ORDER_CREATED", query="subscription {")["errors"][0]["code"] == "SYNTAX"
    assert subscribe(shop, url, "ORDER_CREATED", customHeaders='{"Host": "x"}')["errors"][0]["code"] == (
        "INVALID_CUSTOM_HEADERS"
    )


def test_hooks_are_listed_changed_and_deleted(shop: Caller) -> None:
    made = subscribe(shop, "https://oms.example.invalid/a", "ORDER_CREATED")["webhook"]
    change = """mutation U($id: ID!, $input: WebhookUpdateInput!) { webhookUpdate(id: $id, input: $input) {
      webhook { targetUrl isActive } errors { code } } }"""
    told = {"targetUrl": "https://oms.example.invalid/b", "isActive": False}
    assert shop.mutate(change, {"id": made["id"], "input": told})["webhook"] == told
    assert len(shop.ask("{ app { webhooks { id } } }")["app"]["webhooks"]) == 1
    delete = "mutation D($id: ID!) { webhookDelete(id: $id) { webhook { id } errors { code } } }"
    assert shop.mutate(delete, {"id": made["id"]})["webhook"]["id"] == made["id"]
    assert shop.mutate(delete, {"id": made["id"]})["errors"] == [{"code": "NOT_FOUND"}]
