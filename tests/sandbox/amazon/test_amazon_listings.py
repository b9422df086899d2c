"""Listings and stock; notifications and how they reach the hub."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.sandbox.amazon.caller import Caller
from tests.sandbox.amazon.conftest import MakeCaller

Got = list[tuple[dict[str, str], dict[str, Any]]]


@pytest.fixture
def hub() -> Iterator[tuple[str, Got]]:
    got: Got = []

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((dict(self.headers.items()), json.loads(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            return None

    server = HTTPServer(("127.0.0.1", 0), Take)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", got
    server.shutdown()
    thread.join()
    server.server_close()


def path(shop: Caller, sku: str = "") -> str:
    return f"/listings/2021-08-01/items/{shop.twin.keys['seller_id']}" + (f"/{sku}" if sku else "")


def patch(quantity: object, channel: str = "DEFAULT") -> dict[str, Any]:
    value = [{"fulfillment_channel_code": channel, "quantity": quantity}]
    one = {"op": "replace", "path": "/attributes/fulfillment_availability", "value": value}
    return {"productType": "PRODUCT", "patches": [one]}


def test_listings_come_in_pages(shop: Caller) -> None:
    found, token = [], ""
    while True:
        page = shop.get(path(shop), marketplaceIds=shop.market, pageSize=20, pageToken=token,
                        includedData="summaries,fulfillmentAvailability")  # fmt: skip
        found += page["items"]
        token = page["pagination"].get("nextToken", "")
        if not token:
            break
    assert len(found) == page["numberOfResults"] > 100
    assert found[0]["fulfillmentAvailability"] == [{"fulfillmentChannelCode": "DEFAULT", "quantity": 500}]
    assert shop.refused("GET", path(shop), query_string={"marketplaceIds": shop.market, "pageSize": "21"})[0] == 400
    assert shop.refused("GET", path(shop))[0] == 400


def test_stock_is_patched(shop: Caller) -> None:
    query = {"marketplaceIds": shop.market}
    told = shop.send("PATCH", path(shop, "TS001-BLK-XL"), json=patch(12), query_string=query).get_json()
    assert told["status"] == "ACCEPTED"
    assert told["submissionId"]
    assert shop.client.get("/_twin/stock").get_json()["stock"]["TS001-BLK-XL"] == 12
    assert shop.get(path(shop, "TS001-BLK-XL"), includedData="fulfillmentAvailability", **query)[
        "fulfillmentAvailability"
    ]
    for wrong in (patch(-1), patch("12"), patch(1, "AMAZON_CN")):
        told = shop.send("PATCH", path(shop, "TS001-BLK-XL"), json=wrong, query_string=query).get_json()
        assert told["status"] == "INVALID"
        assert told["issues"]
    assert shop.refused("PATCH", path(shop, "NONE"), json=patch(1), query_string=query)[:2] == (404, "NotFound")


def test_a_listings_feed_puts_stock(shop: Caller) -> None:
    messages = [{"messageId": n, "sku": sku, "operationType": "PATCH", **patch(7)}
                for n, sku in enumerate(("TS001-BLK-XL", "NONE"), start=1)]  # fmt: skip
    done = shop.feed("JSON_LISTINGS_FEED", json.dumps({"header": {"version": "2.0"}, "messages": messages}))
    told = json.loads(shop.fetched("feeds", done["resultFeedDocumentId"]))
    assert (told["summary"]["messagesAccepted"], told["summary"]["messagesInvalid"]) == (1, 1)
    assert shop.client.get("/_twin/stock").get_json()["stock"]["TS001-BLK-XL"] == 7


def test_subscribing_takes_a_grantless_destination(start: MakeCaller, hub: tuple[str, Got]) -> None:
    shop = start(push_url=hub[0], push_kinds=[], push_headers={"X-Relay-Key": "k"})
    body = {"name": "hub", "resourceSpecification": {"sqs": {"arn": "arn:aws:sqs:us-east-1:1:hub"}}}
    assert shop.refused("POST", "/notifications/v1/destinations", json=body)[0] == 403
    scope = shop.grant(grant_type="client_credentials", scope="sellingpartnerapi::notifications")
    made = shop.send("POST", "/notifications/v1/destinations", token=scope["access_token"], json=body).get_json()
    wanted = {"payloadVersion": "1.0", "destinationId": made["payload"]["destinationId"]}
    shop.post("/notifications/v1/subscriptions/ORDER_CHANGE", wanted)
    again = shop.refused("POST", "/notifications/v1/subscriptions/ORDER_CHANGE", json=wanted)
    assert again[:2] == (409, "Conflict")
    number = shop.one()
    shop.advance(1)
    ((headers, notice),) = hub[1]
    assert headers["X-Relay-Key"] == "k"
    assert notice["NotificationType"] == "ORDER_CHANGE"
    assert notice["NotificationMetadata"]["NotificationId"]
    told = notice["Payload"]["OrderChangeNotification"]
    assert (told["AmazonOrderId"], told["Summary"]["OrderStatus"]) == (number, "Unshipped")


def test_requests_to_cancel_and_finished_jobs_are_pushed(start: MakeCaller, hub: tuple[str, Got]) -> None:
    shop = start(push_url=hub[0])
    number = shop.one()
    shop.act(number, "refund")
    shop.report()
    shop.advance(10)
    kinds = [notice.get("NotificationType") or notice["notificationType"] for _, notice in hub[1]]
    assert {"ORDER_CHANGE", "REPORT_PROCESSING_FINISHED"} <= set(kinds)
    changes = [notice["Payload"]["OrderChangeNotification"] for _, notice in hub[1] if "Payload" in notice]
    asked = [one for one in changes if one["OrderChangeType"] == "BuyerRequestedChange"]
    assert asked[-1]["Summary"]["OrderItems"][-1]["IsBuyerRequestedCancel"] is True


@pytest.mark.parametrize(("kind", "count"), [("lost_push", 0), ("duplicate_push", 2), ("late_push", 0)])
def test_pushes_misbehave_on_demand(start: MakeCaller, hub: tuple[str, Got], kind: str, count: int) -> None:
    shop = start(push_url=hub[0])
    shop.faults({"kind": kind, "seconds": 600})
    shop.one()
    shop.advance(1)
    assert len(hub[1]) == count


def test_an_event_bus_wraps_the_notification(start: MakeCaller, hub: tuple[str, Got]) -> None:
    shop = start(push_url=hub[0], push_form="eventbridge")
    shop.one()
    shop.advance(1)
    (_, event) = hub[1][0]
    assert event["detail-type"] == "ORDER_CHANGE"
    assert event["detail"]["Payload"]["OrderChangeNotification"]["AmazonOrderId"]
