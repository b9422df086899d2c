"""Writing parcels back: whole, by lines, several, again, changed; carriers, dates, and orders that are not ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import ShipmentNotice
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.amazon.papers import NO, US, a_package, an_item, an_order, error_body
from tests.connectors.marketplaces.amazon.stage import Stage

ORDER = f"GET /orders/2026-01-01/orders/{NO}"
CONFIRM = f"POST /orders/v0/orders/{NO}/shipmentConfirmation"


def a_parcel(waybill: str = "1Z001", *lines: str, carrier: str = "UPS", at: datetime = NOW) -> ShipmentNotice:
    return ShipmentNotice(NO, carrier, waybill, whole=not lines, shipped_at=at, line_nos=lines)


class Seller(Stage):
    """A seller's one order, whose items leave as packages are confirmed."""

    def __init__(self, **settings: str) -> None:
        super().__init__(**settings)
        self.order = an_order(an_item(1), an_item(2), packages=[])
        self.answers[ORDER] = lambda query, payload: (200, {"order": self.order})
        self.answers[CONFIRM] = self._confirm

    def _confirm(self, _: dict[str, str], payload: Any) -> tuple[int, Any]:
        package = payload["packageDetail"]
        if not package["packageReferenceId"].isdecimal() or int(package["packageReferenceId"]) < 1:
            return 400, error_body("InvalidInput", "PackageReferenceId must be a positive numeric value")
        same = [each for each in self.order["packages"] if each["packageReferenceId"] == package["packageReferenceId"]]
        if same:
            same[0]["trackingNumber"] = package["trackingNumber"]
            return 204, b""
        for row in package["orderItems"]:
            item = next(each for each in self.order["orderItems"] if each["orderItemId"] == row["orderItemId"])
            fulfilment = item["fulfillment"]
            fulfilment["quantityFulfilled"] += row["quantity"]
            fulfilment["quantityUnfulfilled"] -= row["quantity"]
            if fulfilment["quantityUnfulfilled"] < 0:
                return 400, error_body("InvalidInput", "more units than ordered")
        units = {f"_{row['orderItemId']}": row["quantity"] for row in package["orderItems"]}
        self.order["packages"].append(a_package(package["packageReferenceId"], package["trackingNumber"], **units))
        return 204, b""

    def packages(self) -> list[Any]:
        return [payload["packageDetail"] for payload in self.payloads(CONFIRM)]


def test_a_whole_order_is_confirmed_as_one_package_with_all_its_units():
    with Seller() as seller:
        assert seller.amazon.push_shipment(a_parcel()).reference == "1Z001"
        (payload,) = seller.payloads(CONFIRM)
        package = payload["packageDetail"]
        assert payload["marketplaceId"] == US
        assert (package["carrierCode"], package["trackingNumber"]) == ("UPS", "1Z001")
        assert package["orderItems"] == [{"orderItemId": "90001", "quantity": 2}, {"orderItemId": "90002", "quantity": 2}]
        assert dict(seller.amazon.find_shipment(NO).waybills) == {"90001": "1Z001", "90002": "1Z001"}


def test_an_order_split_by_lines_becomes_two_packages():
    with Seller() as seller:
        seller.amazon.push_shipment(a_parcel("1Z001", "90001", "shipping"))
        seller.amazon.push_shipment(a_parcel("1Z002", "90002"))
        numbers = {package["packageReferenceId"] for package in seller.packages()}
        assert len(numbers) == 2
        assert dict(seller.amazon.find_shipment(NO).waybills) == {"90001": "1Z001", "90002": "1Z002"}


def test_the_last_parcel_of_an_order_takes_what_is_left():
    with Seller() as seller:
        seller.order["orderItems"][0]["fulfillment"] = {"quantityFulfilled": 1, "quantityUnfulfilled": 1}
        seller.amazon.push_shipment(a_parcel())
        assert [row["quantity"] for row in seller.packages()[0]["orderItems"]] == [1, 2]


def test_a_parcel_that_is_there_already_is_not_sent_again():
    with Seller() as seller:
        seller.amazon.push_shipment(a_parcel())
        assert "already" in seller.amazon.push_shipment(a_parcel()).words
        assert len(seller.payloads(CONFIRM)) == 1


def test_a_second_parcel_of_goods_that_have_left_is_refused():
    with Seller() as seller:
        seller.amazon.push_shipment(a_parcel())
        with pytest.raises(Refused, match="nothing of these lines"):
            seller.amazon.push_shipment(a_parcel("1Z002"))


def test_a_waybill_is_changed_by_confirming_the_same_package_again():
    with Seller() as seller:
        seller.amazon.push_shipment(a_parcel("1Z001", "90001"))
        seller.amazon.push_shipment(a_parcel("1Z002", "90002"))
        seller.amazon.change_shipment(a_parcel("1Z009", "90001"))
        assert seller.packages()[2]["packageReferenceId"] == seller.packages()[0]["packageReferenceId"]
        assert dict(seller.amazon.find_shipment(NO).waybills) == {"90001": "1Z009", "90002": "1Z002"}


def test_a_change_before_any_shipment_is_refused():
    with Seller() as seller, pytest.raises(Refused, match="write the shipment back first"):
        seller.amazon.change_shipment(a_parcel())


def test_an_order_amazon_fulfils_is_never_written_to():
    with Seller() as seller:
        seller.order["fulfillment"]["fulfilledBy"] = "AMAZON"
        for write in (seller.amazon.push_shipment, seller.amazon.change_shipment):
            with pytest.raises(Refused, match="fulfils this order itself"):
                write(a_parcel())
        assert seller.calls("POST") == []


@pytest.mark.parametrize(
    ("carrier", "setting", "code", "name"),
    [
        ("FEDEX", "", "FedEx", "FedEx"),
        ("SF", "", "SF Express", "SF Express"),
        ("ZTO", "", "Other", "ZTO Express"),
        ("ODD", "", "Other", "ODD"),
        ("SF", "SF=Other, ZTO=ZTO Freight", "Other", "SF Express"),
        ("ZTO", "SF=Other, ZTO=ZTO Freight", "ZTO Freight", "ZTO Express"),
    ],
)
def test_carriers_go_by_amazon_s_codes_and_others_by_name(carrier: str, setting: str, code: str, name: str):
    with Seller(carrier_codes=setting) as seller:
        seller.amazon.push_shipment(a_parcel(carrier=carrier))
        assert (seller.packages()[0]["carrierCode"], seller.packages()[0]["carrierName"]) == (code, name)


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (NOW + timedelta(hours=1), "2026-03-02T03:59:59Z"),
        (NOW - timedelta(hours=1), "2026-03-02T03:00:00Z"),
        (NOW - timedelta(days=9), "2026-03-01T08:00:00Z"),
    ],
)
def test_a_ship_date_lies_between_order_and_now(at: datetime, told: str):
    with Seller() as seller:
        seller.amazon.push_shipment(a_parcel(at=at))
        assert seller.packages()[0]["shipDate"] == told


@pytest.mark.parametrize("notice", [a_parcel(""), a_parcel("1Z", "shipping")])
def test_a_parcel_without_waybill_or_goods_is_refused(notice: ShipmentNotice):
    with Seller() as seller, pytest.raises(Refused):
        seller.amazon.push_shipment(notice)


def test_a_lost_answer_is_unknown_and_found_by_looking():
    with Seller() as seller:
        seller.answers[CONFIRM] = (200, b"<html>")
        with pytest.raises(OutcomeUnknown):
            seller.amazon.push_shipment(a_parcel())
        assert dict(seller.amazon.find_shipment(NO).waybills) == {}


def test_an_order_that_is_not_there_is_refused_before_anything_is_written():
    with Seller() as seller:
        seller.answers[ORDER] = (404, error_body("NotFound", "no order"))
        with pytest.raises(Refused, match="no order"):
            seller.amazon.push_shipment(a_parcel())
        assert seller.calls("POST") == []


@pytest.mark.parametrize(
    ("marketplace", "is_cod", "told"),
    [("A1VC38T7YXB528", True, "DirectPayment"), ("A1VC38T7YXB528", False, None), (US, True, None)],
)
def test_cash_on_delivery_in_japan_says_how_it_is_collected(marketplace: str, is_cod: bool, told: str | None):
    with Seller() as seller:
        seller.order["salesChannel"]["marketplaceId"] = marketplace
        seller.amazon.push_shipment(replace(a_parcel(), is_cod=is_cod))
        assert seller.payloads(CONFIRM)[0].get("codCollectionMethod") == told


def test_units_of_an_item_become_packages_of_their_own_and_no_more_than_were_bought():
    one = replace(a_parcel("1Z001", "90001"), units={"90001": 1})
    two = replace(a_parcel("1Z002", "90001"), units={"90001": 2})
    with Seller() as seller:
        for parcel in (one, one, two, one):
            seller.amazon.push_shipment(parcel)
        told = [[row["quantity"] for row in package["orderItems"]] for package in seller.packages()]
        assert told == [[1], [1]]
        found = seller.amazon.find_shipment(NO)
        assert found.units == {("90001", "1Z001"): 1, ("90001", "1Z002"): 1}
        assert found.has("90001", one)
        assert not found.has("90001", two)
