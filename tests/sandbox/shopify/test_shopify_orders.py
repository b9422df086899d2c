"""Orders: every status, amounts that add up, lists that page and filter, damage, edits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.shopify.twin import ShopifyTwin
from tests.sandbox.shopify.caller import Caller, cents

PAGE = """query P($first: Int!, $after: String, $query: String, $key: OrderSortKeys, $back: Boolean) {
  orders(first: $first, after: $after, query: $query, sortKey: $key, reverse: $back) {
    pageInfo { hasNextPage endCursor } nodes { id updatedAt createdAt } } }"""


def ids(shop: Caller, **told: Any) -> list[str]:
    found = shop.ask(PAGE, {"first": 50, "key": "UPDATED_AT", **told})["orders"]["nodes"]
    return [row["id"] for row in found]


@pytest.mark.parametrize(
    ("kind", "financial", "ships"),
    [
        ("plain", "PAID", "UNFULFILLED"),
        ("unpaid", "PENDING", "UNFULFILLED"),
        ("cod", "PENDING", "UNFULFILLED"),
        ("pre_auth", "AUTHORIZED", "UNFULFILLED"),
        ("presale_paid", "PARTIALLY_PAID", "SCHEDULED"),
        ("held", "PAID", "ON_HOLD"),
        ("platform_shipped", "PAID", "IN_PROGRESS"),
    ],
)
def test_each_kind_of_order_begins_in_its_states(shop: Caller, kind: str, financial: str, ships: str) -> None:
    found = shop.order(shop.make(kind))
    assert (found["displayFinancialStatus"], found["displayFulfillmentStatus"]) == (financial, ships)


def test_states_follow_what_happens(shop: Caller) -> None:
    seen = {}
    for kind, verb in (("unpaid", "cancel"), ("pre_auth", "expire"), ("pre_auth", "pay"), ("plain", "cancel"),
                       ("plain", "refund"), ("platform_shipped", "decline_fulfilment")):  # fmt: skip
        id_ = shop.make(kind)
        shop.verb(id_, verb)
        found = shop.order(id_)
        seen[kind, verb] = (found["displayFinancialStatus"], found["displayFulfillmentStatus"], found["cancelReason"])
    assert seen == {
        ("unpaid", "cancel"): ("VOIDED", "UNFULFILLED", "CUSTOMER"),
        ("pre_auth", "expire"): ("EXPIRED", "UNFULFILLED", None),
        ("pre_auth", "pay"): ("PAID", "UNFULFILLED", None),
        ("plain", "cancel"): ("REFUNDED", "UNFULFILLED", "CUSTOMER"),
        ("plain", "refund"): seen["plain", "refund"],
        ("platform_shipped", "decline_fulfilment"): ("PAID", "REQUEST_DECLINED", None),
    }
    assert seen["plain", "refund"][0] in ("REFUNDED", "PARTIALLY_REFUNDED")


def test_amounts_add_up_whatever_the_kind(shop: Caller) -> None:
    for kind in ("plain", "split", "gift", "bundle", "tax_excluded", "presentment", "tip"):
        for _ in range(6):
            found = shop.order(shop.make(kind))
            tax = 0 if found["taxesIncluded"] else cents(found["totalTaxSet"])
            parts = sum(
                cents(found[name]) for name in ("subtotalPriceSet", "totalShippingPriceSet", "totalTipReceivedSet")
            )
            assert abs(parts + tax - cents(found["totalPriceSet"])) <= len(found["lineItems"]["nodes"]) + 1
            lines = sum(
                cents(line["originalTotalSet"])
                - sum(cents(cut["allocatedAmountSet"]) for cut in line["discountAllocations"])
                for line in found["lineItems"]["nodes"]
            )
            assert lines == cents(found["subtotalPriceSet"])
            assert cents(found["transactions"][0]["amountSet"]) == cents(found["totalPriceSet"])


def test_a_buyer_may_pay_in_another_currency_and_a_marketplace_may_owe_the_tax(shop: Caller) -> None:
    found = shop.order(shop.make("presentment"))
    assert (found["presentmentCurrencyCode"], found["totalPriceSet"]["shopMoney"]["currencyCode"]) == ("USD", "CNY")
    shown, counted = cents(found["totalPriceSet"], "presentmentMoney"), cents(found["totalPriceSet"])
    assert abs(shown - counted * 0.14) <= 0.5
    line = shop.order(shop.make("marketplace_tax"))["lineItems"]["nodes"][0]
    assert line["taxLines"][0]["channelLiable"] is True
    assert shop.order(shop.make("unknown_sku"))["lineItems"]["nodes"][0]["variant"] is None
    assert shop.order(shop.make("pickup"))["shippingAddress"] is None
    assert not shop.trade(shop.make("test"))["payable"]


def test_pages_follow_each_other_and_a_cursor_belongs_to_its_sorting(shop: Caller) -> None:
    made = [shop.make() for _ in range(5)]
    first = shop.ask(PAGE, {"first": 3, "key": "UPDATED_AT"})["orders"]
    rest = shop.ask(PAGE, {"first": 3, "key": "UPDATED_AT", "after": first["pageInfo"]["endCursor"]})["orders"]
    assert [row["id"] for row in first["nodes"] + rest["nodes"]] == made
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert shop.errors(PAGE, {"first": 3, "after": first["pageInfo"]["endCursor"]})[0][1].startswith("Invalid cursor")
    assert ids(shop, back=True) == made[::-1]


def test_searches_filter_by_time_and_state(shop: Caller) -> None:
    paid, unpaid = shop.make(), shop.make("unpaid")
    second = shop.order(paid)["updatedAt"]
    assert ids(shop, query=f"updated_at:>='{second}'") == [paid, unpaid]
    assert ids(shop, query="updated_at:>='2100-01-01T00:00:00Z'") == []
    assert ids(shop, query="updated_at:<'2100-01-01T00:00:00Z' financial_status:pending") == [unpaid]
    assert ids(shop, query="financial_status:paid OR financial_status:pending") == [paid, unpaid]
    assert ids(shop, query="-financial_status:paid") == [unpaid]
    assert ids(shop, query="(financial_status:paid AND NOT name:1) status:open") == [paid]
    assert ids(shop, query="name:#1002") == [unpaid]


def test_a_list_lags_repeats_and_moves_on_demand(twin: ShopifyTwin, shop: Caller) -> None:
    made = [shop.make() for _ in range(3)]
    twin.faults.replace([{"kind": "late_rows", "ms": 60_000}])
    assert ids(shop) == []
    twin.faults.replace([{"kind": "duplicate_rows"}])
    assert ids(shop)[:2] == [made[0], made[0]]
    twin.faults.replace([{"kind": "moving_rows", "max_times": 1}])
    assert ids(shop) == [*made[1:], made[0]]


def test_damaged_orders_are_shown_damaged_until_they_are_mended(shop: Caller) -> None:
    made = {spoil: found[0] for spoil, found in shop.twin.create({"bad": 5})["bad"].items()}
    assert shop.order(made["amount_text"])["totalPriceSet"]["shopMoney"]["amount"] == "abc"
    assert shop.order(made["missing_lines"])["lineItems"]["nodes"] == []
    assert shop.order(made["unknown_status"])["displayFinancialStatus"] == "AWAITING_ALIGNMENT"
    assert cents(shop.order(made["amounts_do_not_add_up"])["lineItems"]["nodes"][0]["originalTotalSet"]) == 99999999
    assert "time_text" in made
    shop.verb(made["amount_text"], "mend")
    assert shop.order(made["amount_text"])["totalPriceSet"]["shopMoney"]["amount"] != "abc"


def test_lines_never_lose_quantity_but_current_counts_do(shop: Caller) -> None:
    id_ = shop.make("split")
    before = shop.order(id_)
    shop.verb(id_, "remove_line")
    shop.verb(id_, "edit_quantity", num=5)
    found = shop.order(id_)
    assert found["edited"]
    assert [line["currentQuantity"] for line in found["lineItems"]["nodes"]] == [5, 0]
    assert found["lineItems"]["nodes"][1]["quantity"] == before["lineItems"]["nodes"][1]["quantity"]
    waiting = [
        line["remainingQuantity"] for fo in found["fulfillmentOrders"]["nodes"] for line in fo["lineItems"]["nodes"]
    ]
    assert waiting == [5, 0]


def test_note_and_tags_are_written(shop: Caller) -> None:
    id_ = shop.make()
    update = "mutation U($i: OrderInput!) { orderUpdate(input: $i) { order { note tags } userErrors { message } } }"
    assert shop.mutate(update, {"i": {"id": id_, "note": "加急", "tags": ["vip"]}})["order"] == {
        "note": "加急",
        "tags": ["vip"],
    }
    tag = 'mutation T($id: ID!) { tagsAdd(id: $id, tags: ["held"]) { node { ... on Order { tags } } } }'
    assert shop.mutate(tag, {"id": id_})["node"]["tags"] == ["held", "vip"]
    assert shop.trade(id_)["memo"] == "加急"


def test_a_twin_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first = ShopifyTwin(TwinOptions(tmp_path))
    id_ = Caller(first).make()
    first.close()
    again = ShopifyTwin(TwinOptions(tmp_path))
    shop = Caller(again)
    assert shop.order(id_)["name"] == "#1001"
    assert shop.order(shop.make())["name"] == "#1002"
    again.close()


def test_the_ledger_speaks_numbers_when_it_is_told_to(tmp_path: Path) -> None:
    twin = ShopifyTwin(TwinOptions(tmp_path, settings={"ids": "legacy"}))
    number = twin.create({"plain": 1})["plain"][0]
    assert number.isdigit()
    assert twin.ledger()["trades"][0]["tid"] == number
    twin.close()
