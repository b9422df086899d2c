"""Fulfilments: whole, split, several places, corrections, cancellation, holds."""

from __future__ import annotations

from tests.sandbox.shopify.caller import HOME, REFUND, SHIP, Caller

FIX = """mutation Fix($id: ID!, $t: FulfillmentTrackingInput!) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $t) {
    fulfillment { trackingInfo { company number } } userErrors { message } } }"""
UNDO = "mutation U($id: ID!) { fulfillmentCancel(id: $id) { fulfillment { status } userErrors { message } } }"
WAITING = """query W($query: String, $closed: Boolean) { fulfillmentOrders(first: 10, query: $query, sortKey: UPDATED_AT,
  includeClosed: $closed) { nodes { id status updatedAt order { id } } } }"""


def test_a_whole_order_ships_once(shop: Caller) -> None:
    id_ = shop.make()
    done = shop.ship(id_)
    assert done["fulfillment"]["trackingInfo"] == [{"company": "ZTO", "number": "Z1"}]
    found = shop.order(id_)
    assert found["displayFulfillmentStatus"] == "FULFILLED"
    assert [fo["status"] for fo in found["fulfillmentOrders"]["nodes"]] == ["CLOSED"]
    assert found["fulfillmentOrders"]["nodes"][0]["supportedActions"] == []
    again = shop.ship(id_)
    assert again["fulfillment"] is None
    assert "unfulfillable status= closed" in again["userErrors"][0]["message"]
    trade = shop.trade(id_)
    assert [row["out_sid"] for row in trade["shipments"]] == ["Z1"]
    assert len(shop.twin.ledger()["refused_shipments"]) == 1


def test_an_order_of_two_places_ships_from_each_on_its_own(shop: Caller) -> None:
    id_ = shop.make("split")
    fos = shop.order(id_)["fulfillmentOrders"]["nodes"]
    assert len({fo["assignedLocation"]["location"]["id"] for fo in fos}) == 2
    both = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": fo["id"]} for fo in fos]}
    assert "same order and location" in shop.mutate(SHIP, {"f": both})["userErrors"][0]["message"]
    shop.ship(id_, "Z1")
    assert shop.order(id_)["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED"
    shop.ship(id_, "Z2", place=1)
    assert shop.order(id_)["displayFulfillmentStatus"] == "FULFILLED"


def test_a_line_ships_in_parts_and_never_more_than_waits(shop: Caller) -> None:
    id_ = shop.make()
    shop.verb(id_, "edit_quantity", num=3)
    row = shop.order(id_)["fulfillmentOrders"]["nodes"][0]["lineItems"]["nodes"][0]
    refused = shop.ship(id_, lines=[{"id": row["id"], "quantity": 4}])
    assert refused["userErrors"][0]["message"] == "Invalid fulfillment order line item quantity requested."
    assert shop.ship(id_, lines=[{"id": row["id"], "quantity": 1}])["userErrors"] == []
    fo = shop.order(id_)["fulfillmentOrders"]["nodes"][0]
    assert (fo["status"], fo["lineItems"]["nodes"][0]["remainingQuantity"]) == ("IN_PROGRESS", 2)
    shop.ship(id_, "Z2")
    assert shop.order(id_)["displayFulfillmentStatus"] == "FULFILLED"


def test_several_numbers_make_one_fulfilment(shop: Caller) -> None:
    id_ = shop.make()
    done = shop.ship(id_, numbers=["A", "B"])
    assert [one["number"] for one in done["fulfillment"]["trackingInfo"]] == ["A", "B"]
    assert shop.trade(id_)["lines"][0]["waybills"] == ["A", "B"]


def test_a_waybill_is_corrected(shop: Caller) -> None:
    id_ = shop.make()
    kept = shop.ship(id_)["fulfillment"]["id"]
    done = shop.mutate(FIX, {"id": kept, "t": {"company": "YTO", "number": "Y9"}})
    assert done["fulfillment"]["trackingInfo"] == [{"company": "YTO", "number": "Y9"}]
    assert [row["kind"] for row in shop.trade(id_)["shipments"]] == ["fulfillment", "resend"]
    missing = shop.mutate(FIX, {"id": "gid://shopify/Fulfillment/1", "t": {"number": "Y9"}})
    assert missing["userErrors"][0]["message"] == "Fulfillment does not exist."


def test_a_cancelled_fulfilment_waits_again_under_a_new_id(shop: Caller) -> None:
    id_ = shop.make()
    before = shop.order(id_)["fulfillmentOrders"]["nodes"][0]["id"]
    kept = shop.ship(id_)["fulfillment"]["id"]
    assert shop.mutate(UNDO, {"id": kept})["fulfillment"]["status"] == "CANCELLED"
    found = shop.order(id_)
    states = {fo["id"]: fo["status"] for fo in found["fulfillmentOrders"]["nodes"]}
    assert states.pop(before) == "CLOSED"
    assert list(states.values()) == ["OPEN"]
    assert found["displayFulfillmentStatus"] == "UNFULFILLED"
    assert shop.trade(id_)["shipments"] == []
    assert shop.ship(id_, "Z2", place=1)["userErrors"] == []
    assert shop.mutate(UNDO, {"id": kept})["userErrors"] != []


def test_scans_show_on_the_fulfilment(shop: Caller) -> None:
    id_ = shop.make()
    kept = shop.ship(id_)["fulfillment"]["id"]
    scan = """mutation E($e: FulfillmentEventInput!) { fulfillmentEventCreate(fulfillmentEvent: $e) {
      fulfillmentEvent { id status } userErrors { message } } }"""
    shop.mutate(scan, {"e": {"fulfillmentId": kept, "status": "DELIVERED", "happenedAt": "2026-10-05T16:40:00Z"}})
    assert shop.order(id_)["fulfillments"][0]["displayStatus"] == "DELIVERED"


def test_what_must_not_ship_is_refused(shop: Caller) -> None:
    for kind, words in (("held", "on_hold"), ("presale_paid", "scheduled"), ("platform_shipped", "access")):
        assert words in shop.ship(shop.make(kind))["userErrors"][0]["message"]
    nobody = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": "gid://shopify/FulfillmentOrder/1"}]}
    assert shop.mutate(SHIP, {"f": nobody})["userErrors"][0]["message"] == "Fulfillment order does not exist."


def test_a_hold_moves_the_fulfilment_order_but_not_the_order(shop: Caller) -> None:
    id_ = shop.make()
    before = shop.trade(id_)["changed_ms"]
    shop.verb(id_, "hold", reason="INCORRECT_ADDRESS")
    assert shop.trade(id_)["changed_ms"] == before
    held = shop.ask(WAITING, {"query": "status:on_hold updated_at:>'2020-01-01T00:00:00Z'"})
    assert [row["order"]["id"] for row in held["fulfillmentOrders"]["nodes"]] == [id_]
    shop.verb(id_, "unhold")
    assert shop.ship(id_)["userErrors"] == []
    assert shop.ask(WAITING, {})["fulfillmentOrders"]["nodes"] == []
    assert len(shop.ask(WAITING, {"closed": True})["fulfillmentOrders"]["nodes"]) == 1


def test_refunding_what_waits_takes_it_off_the_fulfilment_order(shop: Caller) -> None:
    id_ = shop.make("split")
    line = shop.order(id_)["lineItems"]["nodes"][0]
    part = {"lineItemId": line["id"], "quantity": line["quantity"], "restockType": "CANCEL", "locationId": HOME}
    done = shop.mutate(REFUND, {"key": "k", "input": {"orderId": id_, "refundLineItems": [part]}})
    assert done["userErrors"] == []
    found = shop.order(id_)
    assert found["fulfillmentOrders"]["nodes"][0]["status"] == "CLOSED"
    assert found["lineItems"]["nodes"][0]["currentQuantity"] == 0
