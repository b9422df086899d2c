"""Parcels: fulfilled, shipped with labels, delivered, cancelled; goods, stock and listings."""

from __future__ import annotations

from typing import Any

import pytest

from .caller import LABEL, Caller, refused, told


def test_an_order_is_fulfilled_and_then_shipped(store: Caller) -> None:
    number = store.make()
    before = store.order(number)
    parcel = store.fulfil(number)
    fulfilled = store.order(number)
    assert (fulfilled["fulfillment_status"], fulfilled["version"]) == ("fulfilled", before["version"] + 1)
    assert fulfilled["updated_at"] > before["updated_at"]
    assert store.trade(number)["shipments"] == []
    body = {"items": store.items(number), "labels": [LABEL]}
    store.post(f"/orders/{number}/fulfillments/{parcel}/shipments", body)
    (found,) = store.order(number, "*fulfillments,*fulfillments.items,*fulfillments.labels")["fulfillments"]
    assert found["shipped_at"]
    assert found["metadata"] == {"carrier": "ZTO"}
    assert [label["tracking_number"] for label in found["labels"]] == ["ZT1"]
    assert {item["line_item_id"] for item in found["items"]} == {item["id"] for item in store.items(number)}
    (shipment,) = store.trade(number)["shipments"]
    assert (shipment["company_code"], shipment["out_sid"], shipment["kind"]) == ("ZTO", "ZT1", "shipment")
    assert store.order(number)["fulfillment_status"] == "shipped"


def test_an_order_ships_in_parcels_and_arrives(store: Caller) -> None:
    number = store.make("split")
    first, second = store.items(number)
    parcel = store.ship(number, [first])
    assert store.order(number)["fulfillment_status"] == "partially_shipped"
    store.ship(number, [second])
    assert store.order(number)["fulfillment_status"] == "shipped"
    store.post(f"/orders/{number}/fulfillments/{parcel}/mark-as-delivered")
    assert store.order(number)["fulfillment_status"] == "partially_delivered"
    again = store.call("POST", f"/orders/{number}/fulfillments/{parcel}/mark-as-delivered", {})
    assert refused(again) == (400, "not_allowed")
    assert store.verb(number, "deliver").status_code == 200
    order = store.order(number)
    assert order["fulfillment_status"] == "delivered"
    assert {item["detail"]["delivered_quantity"] for item in order["items"]} == {first["quantity"], second["quantity"]}


def test_what_was_shipped_is_not_shipped_twice(store: Caller) -> None:
    number = store.make()
    parcel = store.ship(number)
    body = {"items": store.items(number), "labels": [LABEL]}
    again = store.call("POST", f"/orders/{number}/fulfillments/{parcel}/shipments", body)
    assert (refused(again), told(again)["message"]) == ((400, "not_allowed"), "Shipment has already been created")
    more = store.call("POST", f"/orders/{number}/fulfillments", {"items": store.items(number)})
    assert refused(more) == (400, "invalid_data")
    assert "exceeds the reserved quantity" in told(more)["message"]
    taken = store.call("POST", f"/orders/{number}/fulfillments/{parcel}/cancel", {})
    assert refused(taken) == (400, "not_allowed")
    assert len(store.trade(number)["shipments"]) == 1


def test_a_cancelled_fulfillment_frees_its_units(store: Caller) -> None:
    number = store.make()
    parcel = store.fulfil(number)
    assert refused(store.call("POST", f"/orders/{number}/cancel")) == (400, "not_allowed")
    store.post(f"/orders/{number}/fulfillments/{parcel}/cancel")
    assert store.order(number)["fulfillment_status"] == "not_fulfilled"
    body = {"items": store.items(number), "labels": []}
    gone = store.call("POST", f"/orders/{number}/fulfillments/{parcel}/shipments", body)
    assert refused(gone) == (400, "not_allowed")
    store.ship(number)
    assert store.order(number)["fulfillment_status"] == "shipped"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "Field 'items' is required"), ({"items": []}, "too small"), ({"items": 3}, "Expected type: 'array'"),
        ({"items": [{"id": "ordli_x", "quantity": 1}]}, "Items with ids ordli_x does not exist"),
        ({"items": [{"quantity": 1}]}, "Field 'items, 0, id' is required"),
        ({"items": [{"id": "LINE", "quantity": "1"}]}, "Field 'items, 0, quantity' is required"),
        ({"items": [{"id": "LINE", "quantity": 0}]}, "is required"),
        ({"items": [{"id": "LINE", "quantity": 99}]}, "exceeds the reserved quantity"),
        ({"items": [{"id": "LINE", "quantity": 1}], "carrier": "ZTO"}, "Unrecognized fields: 'carrier'"),
    ],
)  # fmt: skip
def test_a_fulfillment_must_be_told_right(store: Caller, body: dict[str, Any], words: str) -> None:
    number = store.make()
    line = store.items(number)[0]["id"]
    for item in body["items"] if isinstance(body.get("items"), list) else ():
        item["id"] = line if item.get("id") == "LINE" else item.get("id")
    response = store.call("POST", f"/orders/{number}/fulfillments", body)
    assert refused(response) == (400, "invalid_data")
    assert words in told(response)["message"]
    assert store.order(number)["fulfillments"] == []


def test_labels_want_all_three_texts(store: Caller) -> None:
    number = store.make()
    parcel = store.fulfil(number)
    body = {"items": store.items(number), "labels": [{"tracking_number": "A"}]}
    response = store.call("POST", f"/orders/{number}/fulfillments/{parcel}/shipments", body)
    assert refused(response) == (400, "invalid_data")
    assert "tracking_url" in told(response)["message"]
    assert "label_url" in told(response)["message"]


def test_places_and_parcels_that_nobody_knows(store: Caller) -> None:
    number = store.make()
    body = {"items": store.items(number), "location_id": "sloc_x"}
    assert refused(store.call("POST", f"/orders/{number}/fulfillments", body)) == (404, "not_found")
    assert refused(store.call("POST", "/orders/order_x/fulfillments", body)) == (404, "not_found")
    lost = store.call("POST", f"/orders/{number}/fulfillments/ful_x/shipments", {"items": store.items(number)})
    assert refused(lost) == (500, "unknown_error")


def test_held_and_cancelled_orders_ship_nothing(store: Caller) -> None:
    for kind, verb, kind_of_refusal in (("requires_action", "", "not_allowed"), ("plain", "cancel", "invalid_data")):
        number = store.make(kind)
        if verb:
            store.verb(number, verb)
        response = store.call("POST", f"/orders/{number}/fulfillments", {"items": store.items(number)})
        assert refused(response) == (400, kind_of_refusal)
    number = store.make("requires_action")
    store.verb(number, "release")
    store.ship(number)
    assert store.order(number)["status"] == "pending"


def test_an_unpaid_parcel_is_refused_and_noted(store: Caller) -> None:
    number = store.make("unpaid")
    parcel = store.fulfil(number)
    body = {"items": store.items(number), "labels": [LABEL]}
    response = store.call("POST", f"/orders/{number}/fulfillments/{parcel}/shipments", body)
    assert refused(response) == (400, "not_allowed")
    assert [found["tid"] for found in store.twin.ledger()["refused_shipments"]] == [number]


def test_edits_change_lines_and_version(store: Caller) -> None:
    number = store.make("split")
    before = store.order(number)
    store.verb(number, "edit_quantity", num=3)
    changed = store.order(number)
    assert (changed["items"][0]["quantity"], changed["version"]) == (3, before["version"] + 1)
    store.verb(number, "remove_line")
    assert len(store.order(number)["items"]) == 1


def test_variants_and_inventory_name_every_code(store: Caller) -> None:
    items = told(store.client.get("/_twin/catalogue"))["items"]
    found: dict[str, Any] = {}
    while len(found) < len(items):
        fields = "id,sku,product_id,*product,*prices,*inventory_items.inventory"
        page = store.get("/product-variants", limit=50, offset=len(found), fields=fields)
        found |= {row["sku"]: row for row in page["variants"]}
        assert page["count"] == len(items)
    assert set(found) == {item["code"] for item in items}
    code = items[0]["code"]
    assert found[code]["prices"][0]["amount"] * 100 == pytest.approx(items[0]["price_fen"])
    (stocked,) = store.get("/inventory-items", {"sku[0]": code, "sku[1]": "zz"})["inventory_items"]
    assert stocked["id"] == found[code]["inventory_items"][0]["inventory"]["id"]
    assert stocked["location_levels"][0]["location_id"] == store.get("/stock-locations")["stock_locations"][0]["id"]


def test_stock_is_set_alone_and_in_batches(store: Caller) -> None:
    first, second = store.get("/inventory-items", limit=2)["inventory_items"]
    place = first["location_levels"][0]["location_id"]
    store.post(f"/inventory-items/{first['id']}/location-levels/{place}", {"stocked_quantity": 12})
    update = [{"inventory_item_id": second["id"], "location_id": place, "stocked_quantity": 7}]
    done = store.post("/inventory-items/location-levels/batch", {"update": update})
    assert [level["stocked_quantity"] for level in done["updated"]] == [7]
    stock = told(store.client.get("/_twin/stock"))["stock"]
    assert (stock[first["sku"]], stock[second["sku"]]) == (12, 7)
    strange = {"update": [{**update[0], "stocked_quantity": 9}, {**update[0], "inventory_item_id": "iitem_x"}]}
    assert refused(store.call("POST", "/inventory-items/location-levels/batch", strange)) == (404, "not_found")
    assert told(store.client.get("/_twin/stock"))["stock"][second["sku"]] == 7


@pytest.mark.parametrize(
    ("place", "body", "answer"),
    [
        ("", {"stocked_quantity": -1}, (400, "invalid_data")), ("", {"stocked_quantity": "7"}, (400, "invalid_data")),
        ("sloc_x", {"stocked_quantity": 1}, (404, "not_found")), ("", {"quantity": 1}, (400, "invalid_data")),
    ],
)  # fmt: skip
def test_stock_that_cannot_be_set_is_refused(
    store: Caller, place: str, body: dict[str, Any], answer: tuple[int, str]
) -> None:
    (item,) = store.get("/inventory-items", limit=1)["inventory_items"]
    place = place or item["location_levels"][0]["location_id"]
    assert refused(store.call("POST", f"/inventory-items/{item['id']}/location-levels/{place}", body)) == answer


def test_what_is_packed_is_not_edited(store: Caller) -> None:
    number = store.make("split")
    store.ship(number)
    line = store.items(number)[0]["id"] if store.items(number) else store.order(number)["items"][0]["id"]
    for verb in ("remove_line", "edit_quantity"):
        answer = store.client.post(f"/_twin/trades/{number}/{verb}", json={"line": line, "num": 5})
        assert answer.status_code == 409
