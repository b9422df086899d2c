"""Changes that leave an event and no stamp: how they are made, and how they are found."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.saleor.twin import SaleorTwin
from tests.sandbox.saleor.caller import BACK, LIST, TRACK, Caller

NOTE = """mutation Note($order: ID!, $input: OrderNoteInput!) { orderNoteAdd(order: $order, input: $input) {
  event { id } errors { code } } }"""


@pytest.fixture
def three(shop: Caller) -> dict[str, Any]:
    """An order with a line of three units or more."""
    made = [shop.order(id_) for id_ in shop.twin.create({"bundle": 20})["bundle"]]
    return next(order for order in made if order["lines"][0]["quantity"] > 2)


def _send_one(shop: Caller, order: dict[str, Any], waybill: str) -> str:
    made = shop.ship(order["id"], waybill, {order["lines"][0]["id"]: 1})
    return str(made["fulfillments"][0]["id"])


def _found(shop: Caller, **where: Any) -> list[str]:
    return [edge["node"]["id"] for edge in shop.ask(LIST, {"first": 50, "where": where})["orders"]["edges"]]


def test_the_stamp_moves_with_the_status_alone(shop: Caller, three: dict[str, Any]) -> None:
    parcel = _send_one(shop, three, "T1")
    first = shop.order(three["id"])
    assert first["updatedAt"] > three["updatedAt"]
    _send_one(shop, three, "T2")
    shop.mutate(TRACK, {"id": parcel, "input": {"trackingNumber": "T9"}})
    shop.mutate(NOTE, {"order": three["id"], "input": {"message": "call first"}})
    order = shop.order(three["id"])
    assert order["updatedAt"] == first["updatedAt"]
    assert [event["type"] for event in order["events"]][-3:] == [
        "FULFILLMENT_FULFILLED_ITEMS",
        "TRACKING_UPDATED",
        "NOTE_ADDED",
    ]
    assert [one["trackingNumber"] for one in order["fulfillments"]] == ["T9", "T2"]


def test_a_further_return_of_a_part_leaves_the_stamp(shop: Caller, three: dict[str, Any]) -> None:
    shop.ship(three["id"])
    stamps = []
    for _ in range(2):
        parcel = next(one for one in shop.order(three["id"])["fulfillments"] if one["status"] == "FULFILLED")
        rows = [{"fulfillmentLineId": parcel["lines"][0]["id"], "quantity": 1}]
        assert shop.mutate(BACK, {"order": three["id"], "input": {"fulfillmentLines": rows}})["errors"] == []
        stamps.append(shop.order(three["id"])["updatedAt"])
    assert stamps[0] == stamps[1]


def test_orders_are_found_by_the_time_and_the_type_of_an_event(
    twin: SaleorTwin, shop: Caller, three: dict[str, Any]
) -> None:
    parcel = _send_one(shop, three, "T1")
    stamp = shop.order(three["id"])["updatedAt"]
    shop.mutate(TRACK, {"id": parcel, "input": {"trackingNumber": "T9"}})
    assert _found(shop, updatedAt={"lte": stamp}, events=[{"date": {"gte": stamp}}]) == [three["id"]]
    assert _found(shop, events=[{"type": {"eq": "TRACKING_UPDATED"}}]) == [three["id"]]
    assert _found(shop, events=[{"type": {"eq": "PLACED"}, "date": {"gte": stamp}}]) == []
