"""Confirming parcels: whole, in part, changed, refused; the money a shipment moves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.amazon.caller import Caller, iso


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["errors"][0]["code"]


def test_a_whole_order_ships(shop: Caller) -> None:
    number = shop.one()
    answer = shop.ship(number)
    assert (answer.status_code, answer.get_data()) == (204, b"")
    order = shop.order(number)
    assert order["fulfillment"]["fulfillmentStatus"] == "SHIPPED"
    (package,) = order["packages"]
    assert (package["trackingNumber"], package["carrier"]) == ("73100000000001", "ZTO")
    assert {item["orderItemId"]: item["quantity"] for item in package["packageItems"]} == shop.units(number)
    assert [found["kind"] for found in shop.ledger(number)["shipments"]] == ["online"]


def test_lines_ship_in_parcels_of_their_own(shop: Caller) -> None:
    number = shop.one("split")
    first, second = shop.units(number).items()
    assert shop.ship(number, dict([first])).status_code == 204
    assert shop.order(number)["fulfillment"]["fulfillmentStatus"] == "PARTIALLY_SHIPPED"
    assert shop.ship(number, dict([second]), "2", trackingNumber="73100000000002").status_code == 204
    assert len(shop.order(number)["packages"]) == 2
    assert [found["kind"] for found in shop.ledger(number)["shipments"]] == ["split", "online"]


def test_units_of_a_line_ship_apart(shop: Caller) -> None:
    number = shop.one()
    line = shop.act(number, "edit_quantity", num=3)["line"]
    assert shop.ship(number, {line: 2}).status_code == 204
    item = next(item for item in shop.order(number)["orderItems"] if item["orderItemId"] == line)
    assert (item["fulfillment"]["quantityFulfilled"], item["fulfillment"]["quantityUnfulfilled"]) == (2, 1)
    assert refusal(shop.ship(number, {line: 2}, "2")) == (400, "InvalidInput")
    assert shop.ship(number, {line: 1}, "2").status_code == 204


def test_the_same_reference_changes_the_waybill(shop: Caller) -> None:
    number = shop.one()
    shop.ship(number)
    assert shop.ship(number).status_code == 204
    assert len(shop.ledger(number)["shipments"]) == 1
    assert shop.ship(number, trackingNumber="73100000000009").status_code == 204
    assert shop.order(number)["packages"][0]["trackingNumber"] == "73100000000009"
    assert [found["kind"] for found in shop.ledger(number)["shipments"]] == ["online", "resend"]


def test_a_second_parcel_of_the_same_goods_is_refused(shop: Caller) -> None:
    number = shop.one()
    shop.ship(number)
    assert refusal(shop.ship(number, reference="2", trackingNumber="73100000000002")) == (400, "InvalidInput")
    refused = shop.client.get("/_twin/ledger").get_json()["refused_shipments"]
    assert [row["tid"] for row in refused] == [number]


@pytest.mark.parametrize("kind", ["unpaid", "held", "fba", "presale_paid"])
def test_what_is_pending_or_amazons_is_not_shipped(shop: Caller, kind: str) -> None:
    assert refusal(shop.ship(shop.one(kind))) == (400, "InvalidInput")


def test_a_cancelled_order_is_not_shipped(shop: Caller) -> None:
    number = shop.one()
    shop.act(number, "cancel")
    assert refusal(shop.ship(number)) == (400, "InvalidInput")
    assert shop.order(number)["fulfillment"]["fulfillmentStatus"] == "CANCELLED"


@pytest.mark.parametrize(
    "more",
    [
        {"packageReferenceId": ""}, {"packageReferenceId": "P1"}, {"packageReferenceId": 1}, {"carrierCode": ""},
        {"carrierCode": "Nobody"}, {"carrierCode": "Other"}, {"trackingNumber": ""}, {"shipDate": ""},
        {"shipDate": "02/21/2022"}, {"shipDate": iso(86_400)}, {"shipDate": iso(-86_400)}, {"orderItems": []},
        {"orderItems": [{"orderItemId": "1", "quantity": 1}]}, {"orderItems": [{"orderItemId": "1"}]},
    ],
)  # fmt: skip
def test_a_wrong_package_is_refused(shop: Caller, more: dict[str, Any]) -> None:
    number = shop.one()
    assert refusal(shop.ship(number, **more)) == (400, "InvalidInput")
    assert shop.order(number)["packages"] == []


def test_an_other_carrier_needs_its_name(shop: Caller) -> None:
    number = shop.one()
    assert shop.ship(number, carrierCode="Other", carrierName="极兔速递").status_code == 204
    assert shop.order(number)["packages"][0]["carrier"] == "极兔速递"


def test_the_marketplace_must_be_the_orders(shop: Caller) -> None:
    number = shop.one()
    body = {**shop.package(number, shop.units(number)), "marketplaceId": "X"}
    path = f"/orders/v0/orders/{number}/shipmentConfirmation"
    assert shop.refused("POST", path, json=body)[:2] == (400, "InvalidInput")
    assert shop.refused("POST", path, json={"marketplaceId": shop.market})[:2] == (400, "InvalidInput")


def test_a_shipment_is_paid_and_listed(shop: Caller) -> None:
    number = shop.one()
    shop.ship(number)
    query = {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": number}
    (posted,) = shop.get("/finances/2024-06-19/transactions", **query)["payload"]["transactions"]
    assert posted["transactionType"] == "Shipment"
    parts = {row["breakdownType"]: round(row["breakdownAmount"]["currencyAmount"] * 100) for row in posted["breakdowns"]}
    assert parts["Sales"] == shop.ledger(number)["payment"]
    assert round(posted["totalAmount"]["currencyAmount"] * 100) == sum(parts.values())
    window = shop.get("/finances/2024-06-19/transactions", postedAfter=iso(600))
    assert len(window["payload"]["transactions"]) == 1
    assert shop.refused("GET", "/finances/2024-06-19/transactions")[0] == 400
