"""The search, its windows and pages; the documents of each kind of order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.amazon.caller import ALL, ORDERS, Caller, iso
from tests.sandbox.amazon.conftest import MakeCaller

STATUS_BY_KIND = {"plain": "UNSHIPPED", "unpaid": "PENDING", "held": "PENDING", "presale_paid": "PENDING_AVAILABILITY",
                  "unfulfillable": "UNFULFILLABLE", "cod": "UNSHIPPED", "fba": "UNSHIPPED"}  # fmt: skip


def adds_up(order: Any) -> bool:
    rows = sum(Decimal(row["subtotal"]["amount"]) for row in order["proceeds"]["breakdowns"])
    items = sum(Decimal(item["proceeds"]["proceedsTotal"]["amount"]) for item in order["orderItems"])
    return rows == items == Decimal(order["proceeds"]["grandTotal"]["amount"])


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"createdAfter": iso(60), "lastUpdatedAfter": iso(60)},
        {"createdAfter": iso(60), "lastUpdatedBefore": iso(0)},
        {"lastUpdatedAfter": "yesterday"},
        {"lastUpdatedAfter": "2026-01-01T00:00:00"},
        {"lastUpdatedAfter": iso(60), "lastUpdatedBefore": iso(600)},
        {"lastUpdatedAfter": iso(60), "maxResultsPerPage": "101"},
        {"lastUpdatedAfter": iso(60), "includedData": "EVERYTHING"},
        {"lastUpdatedAfter": iso(60), "fulfillmentStatuses": "Unshipped"},
        {"lastUpdatedAfter": "2019-01-01T00:00:00Z"},
        {"paginationToken": "nonsense"},
    ],
)
def test_a_wrong_search_is_refused(shop: Caller, query: dict[str, str]) -> None:
    assert shop.refused("GET", ORDERS, query_string=query)[:2] == (400, "InvalidInput")


def test_the_end_lies_two_minutes_back(start: MakeCaller) -> None:
    shop = start(end_lag=120)
    number = shop.one()
    assert shop.changes()["orders"] == []
    query = {"lastUpdatedAfter": iso(3600), "lastUpdatedBefore": iso(10)}
    assert "two minutes" in shop.refused("GET", ORDERS, query_string=query)[2]
    assert shop.changes()["lastUpdatedBefore"] < iso(115)
    assert shop.order(number)["orderId"] == number


def test_pages_go_on_by_token_and_lose_nothing_that_moves(shop: Caller) -> None:
    numbers = shop.make(count=5)
    first = shop.changes(maxResultsPerPage=2)
    assert [order["orderId"] for order in first["orders"]] == numbers[:2]
    shop.act(numbers[0], "touch")
    found, token = [], first["pagination"]["nextToken"]
    while token:
        page = shop.get(ORDERS, paginationToken=token, maxResultsPerPage=2, includedData=ALL)
        found += [order["orderId"] for order in page["orders"]]
        token = page.get("pagination", {}).get("nextToken")
    assert set(numbers[2:]) <= set(found)
    refused = shop.refused("GET", ORDERS, query_string={
        "paginationToken": first["pagination"]["nextToken"], "lastUpdatedAfter": iso(5)})  # fmt: skip
    assert refused[0] == 400


def test_searches_by_creation_status_and_fulfiller(shop: Caller) -> None:
    plain, fba, unpaid = shop.one(), shop.one("fba"), shop.one("unpaid")
    told = shop.get(ORDERS, createdAfter=iso(60))
    assert "createdBefore" in told
    assert len(told["orders"]) == 3

    def numbers(**query: str) -> list[str]:
        return [order["orderId"] for order in shop.changes(**query)["orders"]]

    assert numbers(fulfilledBy="AMAZON") == [fba]
    assert numbers(fulfilledBy="MERCHANT") == [plain, unpaid]
    assert numbers(fulfillmentStatuses="PENDING") == [unpaid]
    assert shop.refused("GET", f"{ORDERS}?lastUpdatedAfter={iso(60)}&marketplaceIds=X")[0] == 403


@pytest.mark.parametrize("kind", STATUS_BY_KIND)
def test_every_kind_has_its_status(shop: Caller, kind: str) -> None:
    assert shop.order(shop.one(kind))["fulfillment"]["fulfillmentStatus"] == STATUS_BY_KIND[kind]


def test_only_what_is_asked_for_is_told(shop: Caller) -> None:
    order = shop.order(shop.one(), sets="")
    assert set(order) == {"orderId", "createdTime", "lastUpdatedTime", "programs", "associatedOrders", "salesChannel",
                          "orderItems"}  # fmt: skip


@pytest.mark.parametrize("kind", ["plain", "split", "bundle", "gift", "cod", "gift_wrap", "tax_excluded", "facilitator",
                                  "business", "replacement", "pickup", "prime"])  # fmt: skip
def test_amounts_add_up(shop: Caller, kind: str) -> None:
    for number in shop.make(kind, 4):
        order = shop.order(number)
        assert adds_up(order)
        ledger = shop.ledger(number)
        assert Decimal(order["proceeds"]["grandTotal"]["amount"]) * 100 == ledger["payment"]


def test_marks_of_kinds(shop: Caller) -> None:
    shop.one()
    replaced = shop.order(shop.one("replacement"))
    assert replaced["associatedOrders"][0]["associationType"] == "REPLACEMENT_ORIGINAL_ID"
    assert replaced["proceeds"]["grandTotal"]["amount"] == "0.00"
    business = shop.order(shop.one("business"))
    assert business["programs"] == ["AMAZON_BUSINESS"]
    assert business["buyer"]["buyerCompanyName"]
    wrapped = shop.order(shop.one("gift_wrap"))["orderItems"][0]
    assert wrapped["fulfillment"]["packing"]["giftOption"]["giftWrapLevel"]
    cod = shop.order(shop.one("cod"))
    assert cod["payment"]["paymentExecutions"][0]["paymentMethod"] == "CashOnDelivery"
    taxed = shop.order(shop.one("facilitator"))["orderItems"][0]
    assert taxed["tax"]["taxCollections"][0]["model"] == "MARKETPLACE_FACILITATOR"


def test_pending_orders_tell_neither_money_nor_people(shop: Caller) -> None:
    number = shop.one("unpaid")
    order = shop.order(number)
    assert not {"proceeds", "recipient", "buyer"} & set(order)
    assert "price" not in order["orderItems"][0]["product"]
    shop.act(number, "pay")
    assert {"proceeds", "recipient", "buyer"} <= set(shop.order(number))


def test_personal_fields_are_missing_without_the_role(start: MakeCaller) -> None:
    shop = start(pii=False)
    order = shop.order(shop.one())
    assert set(order["recipient"]["deliveryAddress"]) == {"city", "stateOrRegion", "postalCode", "countryCode"}
    assert "buyerName" not in order["buyer"]


def test_orders_of_amazon_ship_by_themselves(shop: Caller) -> None:
    number = shop.one("fba")
    assert shop.order(number)["fulfillment"]["fulfilledBy"] == "AMAZON"
    shop.advance(4000)
    order = shop.order(number)
    assert order["fulfillment"]["fulfillmentStatus"] == "SHIPPED"
    assert "packages" not in order
    assert order["fulfillmentOrders"]
    assert not shop.ledger(number)["payable"]


def test_damaged_documents_are_shown_until_mended(shop: Caller) -> None:
    made = shop.make("bad", 5)
    broken = {spoil: shop.order(numbers[0]) for spoil, numbers in made.items()}
    assert broken["amount_text"]["proceeds"]["grandTotal"]["amount"] == "abc"
    assert "orderItems" not in broken["missing_lines"]
    assert not adds_up(broken["amounts_do_not_add_up"])
    number = made["missing_lines"][0]
    shop.act(number, "mend")
    assert adds_up(shop.order(number))


def test_rows_come_twice_or_late(shop: Caller) -> None:
    numbers = shop.make(count=2)
    shop.faults({"kind": "duplicate_rows"})
    assert [order["orderId"] for order in shop.changes()["orders"]] == [numbers[0], *numbers]
    shop.faults({"kind": "late_rows", "ms": 3_600_000})
    assert shop.changes()["orders"] == []


def test_an_unknown_order_is_not_found(shop: Caller) -> None:
    assert shop.refused("GET", f"{ORDERS}/111-0000000-0000000")[:2] == (404, "NotFound")
