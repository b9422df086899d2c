"""Webhooks of the plugin: set by its own mutation or a setting, signed by the shop's transformer, told per event."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.vendure.twin import VendureTwin
from tests.sandbox.vendure.caller import Caller

STATES = "OrderStateTransitionEvent"


class Hub:
    """A receiver of hooks on a port of its own; `arrived` holds (headers, body)."""

    def __init__(self) -> None:
        self.arrived: list[tuple[dict[str, str], bytes]] = []
        self.server = HTTPServer(("127.0.0.1", 0), self._receiver())
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def _receiver(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                hub.arrived.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Tests stay quiet."""

        return Receiver

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    yield hub
    hub.close()


def subscribe(shop: Caller, hub: Hub, event: str, transformer: str | None = "signed-json") -> Any:
    return shop.do("setWebhooks", webhooks=[{"event": event, "url": hub.url, "transformerName": transformer}])


def test_a_hook_is_signed_and_tells_the_order(shop: Caller, hub: Hub) -> None:
    (made,) = subscribe(shop, hub, STATES)
    assert (made["event"], made["requestTransformer"]) == (STATES, {"name": "signed-json"})
    (number,) = shop.buy()
    shop.pass_time()
    ((headers, body),) = hub.arrived
    key = shop.twin.shop.keys["relay_secret"].encode()
    assert headers["x-oms-signature"] == f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"
    told = json.loads(body)
    assert (told["event"], told["data"]["orderId"], told["data"]["state"]) == (STATES, number, "PaymentSettled")


def test_without_a_transformer_the_body_is_empty(shop: Caller, hub: Hub) -> None:
    subscribe(shop, hub, STATES, None)
    shop.buy()
    shop.pass_time()
    ((headers, body),) = hub.arrived
    assert (body, "x-oms-signature" in headers) == (b"", False)


def test_each_event_is_told_to_those_who_asked_for_it(tmp_path: Path, hub: Hub) -> None:
    settings = {"push_url": hub.url, "manual_refunds": True}
    twin = VendureTwin(TwinOptions(tmp_path, settings=settings))
    shop = Caller(twin)
    (number,) = shop.buy()
    shop.ship(number)
    made = shop.do("refundOrder", input={"paymentId": shop.order(number)["payments"][0]["id"], "amount": 5})
    shop.do("settleRefund", input={"id": made["id"], "transactionId": "x"})
    shop.pass_time()
    assert {json.loads(body)["event"] for _, body in hub.arrived} == {
        "OrderPlacedEvent", STATES, "FulfillmentStateTransitionEvent", "RefundEvent", "RefundStateTransitionEvent",
    }  # fmt: skip
    assert {json.loads(body)["data"]["orderId"] for _, body in hub.arrived} == {number}
    refunds = [json.loads(body)["data"] for _, body in hub.arrived if b"Refund" in body]
    assert {told["refundId"] for told in refunds} == {made["id"]}
    twin.close()


def test_carts_are_nobodys_business(shop: Caller, hub: Hub) -> None:
    subscribe(shop, hub, "OrderPlacedEvent")
    (number,) = shop.buy("unpaid")
    shop.pass_time()
    assert hub.arrived == []
    shop.act(number, "pay")
    shop.pass_time()
    assert len(hub.arrived) == 1


def test_setting_hooks_replaces_all_and_refuses_unknown_ones(shop: Caller, hub: Hub) -> None:
    subscribe(shop, hub, STATES)
    subscribe(shop, hub, "RefundEvent")
    assert [row["event"] for row in shop.ask("{ webhooks { event } }")["webhooks"]] == ["RefundEvent"]
    assert STATES in shop.ask("{ availableWebhookEvents }")["availableWebhookEvents"]
    query = "mutation M($w: [WebhookInput!]!) { setWebhooks(webhooks: $w) { id } }"
    for wrong in ({"event": "MoonEvent"}, {"event": STATES, "transformerName": "other"}):
        (error,) = shop.errors(query, w=[{"url": hub.url, **wrong}])
        assert error["extensions"]["code"] == "USER_INPUT_ERROR"


@pytest.mark.parametrize(
    ("fault", "count"), [("lost_push", 0), ("duplicate_push", 2), ("late_push", 1), ("shuffled_push", 1)]
)
def test_pushes_misbehave_on_demand(shop: Caller, hub: Hub, fault: str, count: int) -> None:
    subscribe(shop, hub, "OrderPlacedEvent")
    shop.fault(fault, seconds=30)
    shop.buy()
    shop.pass_time()
    if fault == "late_push":
        assert hub.arrived == []
    shop.pass_time(60)
    assert len(hub.arrived) == count
