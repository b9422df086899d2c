"""Shipping: fulfillments with lines, the tracking extension without, and what is refused or told twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from .caller import Caller, refused

TRACKING = "/wp-json/wc-shipment-tracking/v3"


def parcel(waybill: str, items: list[dict[str, Any]], status: str = "fulfilled") -> dict[str, Any]:
    meta = {"_tracking_number": waybill, "_shipment_provider": "sf-express", "_items": items}
    return {
        "status": status, "is_fulfilled": status == "fulfilled",
        "meta_data": [{"id": 0, "key": key, "value": value} for key, value in meta.items()],
    }  # fmt: skip


def items_of(shop: Caller, number: str) -> list[dict[str, Any]]:
    lines = shop.get(f"/orders/{number}")["line_items"]
    return [{"item_id": line["id"], "qty": line["quantity"]} for line in lines]


def test_an_order_is_fulfilled_whole_and_then_completed(shop: Caller) -> None:
    number = shop.make()
    made = shop.call("POST", f"/orders/{number}/fulfillments", parcel("SF1", items_of(shop, number)))
    assert (made.status_code, made.json["is_fulfilled"], made.json["entity_id"]) == (201, True, number)
    stamp = made.json["meta_data"][-1]
    assert (stamp["key"], stamp["value"]) == ("_date_fulfilled", made.json["date_updated"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", stamp["value"])
    assert shop.get(f"/orders/{number}")["status"] == "processing"
    assert shop.call("PUT", f"/orders/{number}", {"status": "completed"}).json["status"] == "completed"
    trade = shop.trade(number)
    told = [(s["company_code"], s["out_sid"], s["kind"]) for s in trade["shipments"]]
    assert (trade["status"], told) == ("completed", [("sf-express", "SF1", "fulfillment")])


def test_an_order_is_fulfilled_in_parts_and_no_part_twice(shop: Caller) -> None:
    number = shop.make("split")
    first, second = items_of(shop, number)
    path = f"/orders/{number}/fulfillments"
    shop.call("POST", path, parcel("SF1", [first]))
    assert shop.trade(number)["status"] == "part_shipped"
    again = shop.call("POST", path, parcel("SF2", [first]))
    assert again.status_code == 400
    shop.call("POST", path, parcel("SF3", [second]))
    trade = shop.trade(number)
    assert [s["oids"] for s in trade["shipments"]] == [[str(first["item_id"])], [str(second["item_id"])]]
    assert [found["out_sid"] for found in shop.twin.ledger()["refused_shipments"]] == ["SF2"]
    assert len(shop.get(path)) == 2


def test_without_strictness_the_platform_keeps_a_parcel_told_twice(start: Callable[..., Caller]) -> None:
    shop = start(strict_fulfillments=False)
    number = shop.make()
    items = items_of(shop, number)
    for waybill in ("SF1", "SF2"):
        assert shop.call("POST", f"/orders/{number}/fulfillments", parcel(waybill, items)).status_code == 201
    assert len(shop.trade(number)["shipments"]) == 1
    assert len(shop.twin.ledger()["refused_shipments"]) == 1


def test_a_draft_ships_when_it_is_fulfilled_and_a_waybill_can_be_changed(shop: Caller) -> None:
    number = shop.make()
    items = items_of(shop, number)
    path = f"/orders/{number}/fulfillments"
    made = shop.call("POST", path, parcel("SF1", items, "unfulfilled")).json
    assert shop.trade(number)["shipments"] == []
    shop.call("PUT", f"{path}/{made['id']}", parcel("SF1", items))
    shop.call("PUT", f"{path}/{made['id']}", parcel("SF9", items))
    trade = shop.trade(number)
    assert [(s["out_sid"], s["kind"]) for s in trade["shipments"]] == [("SF1", "fulfillment"), ("SF9", "resend")]
    assert {waybill for line in trade["lines"] for waybill in line["waybills"]} == {"SF9"}


def test_entries_without_an_id_are_passed_over_when_a_fulfillment_is_made(shop: Caller) -> None:
    number = shop.make()
    told = parcel("SF1", items_of(shop, number))
    told["meta_data"][0].pop("id")
    made = shop.call("POST", f"/orders/{number}/fulfillments", told)
    assert "_tracking_number" not in {entry["key"] for entry in made.json["meta_data"]}
    told["meta_data"][-1].pop("id")
    assert shop.call("POST", f"/orders/{number}/fulfillments", told).status_code == 400


def test_a_deleted_fulfillment_opens_its_lines_again(shop: Caller) -> None:
    number = shop.make()
    path = f"/orders/{number}/fulfillments"
    made = shop.call("POST", path, parcel("SF1", items_of(shop, number))).json
    assert shop.call("DELETE", f"{path}/{made['id']}").status_code == 200
    assert (shop.get(path), shop.trade(number)["status"], shop.trade(number)["shipments"]) == ([], "open", [])
    assert shop.call("GET", f"{path}/{made['id']}").status_code == 400


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([], "The fulfillment should contain at least one item."),
        ("all", "The fulfillment items should be an array."),
        ([{"item_id": "12", "qty": 1}], "Invalid item."),
        ([{"item_id": 12, "qty": 0}], "Invalid item."),
        ([{"item_id": 12, "qty": 1}], "Invalid item."),
    ],
)
def test_items_of_a_fulfillment_are_checked(shop: Caller, items: Any, message: str) -> None:
    response = shop.call("POST", f"/orders/{shop.make()}/fulfillments", parcel("SF1", items))
    assert (response.status_code, response.json["message"]) == (400, message)


def test_the_platform_asks_no_state_but_the_ledger_does(shop: Caller) -> None:
    number = shop.make("held")
    made = shop.call("POST", f"/orders/{number}/fulfillments", parcel("SF1", items_of(shop, number)))
    assert (made.status_code, shop.trade(number)["shipments"]) == (201, [])
    assert shop.twin.ledger()["refused_shipments"][0]["reason"].endswith("is held")
    assert refused(shop.call("GET", "/orders/1/fulfillments")) == (404, "woocommerce_rest_order_invalid_id")


def test_switched_off_features_have_no_route(start: Callable[..., Caller]) -> None:
    shop = start(fulfillments=False, shipment_tracking=False, refunds_route=False)
    number = shop.make()
    assert refused(shop.call("GET", f"/orders/{number}/fulfillments")) == (404, "rest_no_route")
    assert refused(shop.call("GET", "/refunds")) == (404, "rest_no_route")
    tracking = shop.client.get(f"{TRACKING}/orders/{number}/shipment-trackings", headers=shop.basic)
    assert refused(tracking) == (404, "rest_no_route")
    assert shop.get("/system_status")["settings"]["enabled_features"] == ["custom_order_tables"]


def track(shop: Caller, number: str, **body: str) -> Any:
    return shop.client.post(f"{TRACKING}/orders/{number}/shipment-trackings", json=body, headers=shop.basic)


def test_the_tracking_extension_ships_the_whole_order_once(shop: Caller) -> None:
    number = shop.make("split")
    first = track(shop, number, tracking_provider="SF Express", tracking_number="SF1", date_shipped="2026-10-05")
    assert (first.status_code, first.json["tracking_link"][-3:]) == (201, "SF1")
    custom = {"custom_tracking_provider": "德邦", "custom_tracking_link": "https://example.com/%1$s"}
    assert track(shop, number, tracking_number="DB1", **custom).json["tracking_link"] == "https://example.com/DB1"
    track(shop, number, tracking_provider="SF Express", tracking_number="SF1")
    trade = shop.trade(number)
    assert (trade["status"], [s["kind"] for s in trade["shipments"]]) == ("shipped", ["tracking", "resend"])
    assert [found["out_sid"] for found in shop.twin.ledger()["refused_shipments"]] == ["SF1"]
    listed = shop.client.get(f"{TRACKING}/orders/{number}/shipment-trackings", headers=shop.basic).json
    assert [found["tracking_number"] for found in listed] == ["SF1", "DB1", "SF1"]


def test_a_tracking_item_is_looked_up_and_deleted(shop: Caller) -> None:
    made = track(shop, shop.make(), tracking_provider="EMS", tracking_number="E1")
    address = made.headers["Location"].removeprefix("http://localhost")
    assert shop.client.get(address, headers=shop.basic).json["tracking_number"] == "E1"
    assert shop.client.delete(address, headers=shop.basic).status_code == 200
    assert shop.client.get(address, headers=shop.basic).status_code == 404
    assert "SF Express" in shop.client.get(f"{TRACKING}/shipment-trackings/providers").json["China"]


def test_a_tracking_item_needs_number_provider_and_a_day(shop: Caller) -> None:
    number = shop.make()
    assert track(shop, number, tracking_provider="EMS").json["data"]["params"] == ["tracking_number"]
    assert track(shop, number, tracking_number="E1").json["data"]["params"] == ["tracking_provider"]
    wrong = track(shop, number, tracking_provider="EMS", tracking_number="E1", date_shipped="5.10.2026")
    assert refused(wrong) == (400, "rest_invalid_param")
    assert refused(track(shop, "1", tracking_provider="EMS")) == (404, "woocommerce_rest_order_invalid_id")
