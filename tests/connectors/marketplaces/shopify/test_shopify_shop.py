"""The shop's own side: memo and flag, stock, listings, statements, long orders."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from connectors.contract.errors import Refused
from connectors.contract.notices import StockLevel
from tests.connectors.marketplaces.shopify.papers import ORDER, a_line, an_order, complaint, nodes
from tests.connectors.marketplaces.shopify.stage import Stage

UPDATED = {"orderUpdate": {"order": {"id": ORDER}, "userErrors": []}}
STOCKED = {"inventorySetQuantities": {"inventoryAdjustmentGroup": None, "userErrors": []}}
LEVELS = [StockLevel("gid://shopify/Product/1", f"gid://shopify/ProductVariant/{n}", n) for n in (1, 2, 3)]


def items(*numbers: int) -> dict[str, Any]:
    rows = [
        {"id": f"gid://shopify/ProductVariant/{n}", "inventoryItem": {"id": f"gid://shopify/InventoryItem/{n}"}}
        for n in numbers
    ]
    return {"nodes": [*rows, None]}


@pytest.mark.parametrize(
    ("there", "memo", "note"),
    [
        (None, "call first", "[memo] call first"),
        ("Ring twice", "call first", "Ring twice\n[memo] call first"),
        ("Ring twice\n[memo] call", "wrap it", "Ring twice\n[memo] call\nwrap it"),
    ],
)
def test_a_memo_stands_below_the_buyer_s_words(stage: Stage, there: str | None, memo: str, note: str):
    stage.answers({"order": {"id": ORDER, "note": there, "tags": ["vip", "flag:blue"]}}, UPDATED)
    stage.shopify.set_memo("5001", memo, "red")
    assert stage.writes == [("OrderUpdate", {"input": {"id": ORDER, "note": note, "tags": ["vip", "flag:red"]}})]


def test_a_memo_that_is_there_already_writes_nothing(stage: Stage):
    stage.answers({"order": {"id": ORDER, "note": "[memo] call first", "tags": ["flag:red"]}})
    assert stage.shopify.set_memo(ORDER, "call first", "").words == "nothing to change"
    assert not stage.writes


def test_a_memo_too_long_is_refused(stage: Stage):
    stage.answers({"order": {"id": ORDER, "note": None, "tags": []}})
    with pytest.raises(Refused, match="shorten"):
        stage.shopify.set_memo(ORDER, "x" * 5000, "")


def test_stock_is_set_absolutely_at_the_primary_location(stage: Stage):
    stage.answers(items(1, 2), {"location": {"id": "gid://shopify/Location/31"}}, STOCKED)
    answer = stage.shopify.push_stock(LEVELS)
    assert answer.done == 2
    assert answer.refused == {
        ("gid://shopify/Product/1", "gid://shopify/ProductVariant/3"): "Shopify has no such variant"
    }
    sent = stage.writes[0][1]
    assert sent["input"]["name"] == "available"
    assert sent["input"]["quantities"][0] == {
        "inventoryItemId": "gid://shopify/InventoryItem/1",
        "locationId": "gid://shopify/Location/31",
        "quantity": 1,
        "changeFromQuantity": None,
    }
    assert len(sent["key"]) == 36


def test_stock_of_a_named_location_stays_there():
    with Stage(location="77") as stage:
        stage.answers(items(1, 2), STOCKED)
        stage.shopify.push_stock([LEVELS[0], StockLevel("p", "2", -4, location="78")])
        rows = stage.writes[0][1]["input"]["quantities"]
        assert [(row["locationId"][-2:], row["quantity"]) for row in rows] == [("77", 1), ("78", 0)]


def test_one_refused_level_leaves_the_others_to_go_on():
    with Stage(location="31") as stage:
        refusal = complaint("inventorySetQuantities", "item is not stocked there", "ITEM_NOT_STOCKED_AT_LOCATION")
        stage.answers(items(1, 2, 3), refusal, STOCKED, refusal, refusal, STOCKED)
        answer = stage.shopify.push_stock(LEVELS)
        assert answer.done == 2
        assert answer.refused == {(LEVELS[1].listing_no, LEVELS[1].variant_no): "item is not stocked there"}


def test_a_level_without_a_variant_is_refused_without_a_call(stage: Stage):
    assert stage.shopify.push_stock([StockLevel("p", "", 3)]).refused == {("p", ""): "Shopify has no such variant"}
    assert not stage.sent


def test_listings_are_variants(stage: Stage):
    row = {
        "id": "gid://shopify/ProductVariant/1",
        "sku": "LAMP-1",
        "title": "Default Title",
        "barcode": "4006381",
        "price": "40.00",
        "inventoryQuantity": 7,
        "product": {"id": "gid://shopify/Product/1", "title": "Lamp", "status": "DRAFT"},
    }
    more = {"pageInfo": {"hasNextPage": True, "endCursor": "c1"}, "nodes": [row]}
    stage.answers({"shop": {"currencyCode": "EUR"}}, {"productVariants": more}, {"productVariants": nodes()})
    page = stage.shopify.pull_listings("")
    (listing,) = page.listings
    assert (listing.seller_code, listing.variant, listing.price, listing.currency) == ("LAMP-1", "", 4000, "EUR")
    assert (listing.units, listing.is_on_sale, page.more, page.cursor) == (7, False, True, "c1")
    assert not stage.shopify.pull_listings(page.cursor).more
    assert stage.sent[-1][1]["after"] == "c1"


def test_statements_tell_amounts_and_fees_apart(stage: Stage):
    charge = {
        "id": "gid://shopify/ShopifyPaymentsBalanceTransaction/1",
        "type": "CHARGE",
        "test": False,
        "transactionDate": "2026-03-02T01:00:00Z",
        "amount": {"amount": "80.00", "currencyCode": "EUR"},
        "fee": {"amount": "2.62", "currencyCode": "EUR"},
        "associatedOrder": {"id": ORDER},
    }
    payout = charge | {"id": "p", "type": "PAYOUT", "fee": None, "associatedOrder": None}
    payout["amount"] = {"amount": "-77.38", "currencyCode": "EUR"}
    listed = {"pageInfo": {"hasNextPage": False, "endCursor": "c9"}, "nodes": [charge, payout, charge | {"test": True}]}
    stage.answers({"shopifyPaymentsAccount": {"balanceTransactions": listed}})
    page = stage.shopify.pull_statements("")
    assert (page.cursor, page.more) == ("c9", False)
    lines = stage.shopify.parse_statement(page.documents[0].body)
    assert [(line.kind, line.amount, line.order_no) for line in lines] == [
        ("sale", 8000, ORDER),
        ("fee", -262, ORDER),
        ("transfer", -7738, ""),
    ]


def test_no_new_movements_leave_the_cursor(stage: Stage):
    stage.answers({"shopifyPaymentsAccount": {"balanceTransactions": nodes()}})
    page = stage.shopify.pull_statements("c9")
    assert (page.cursor, page.more, page.documents) == ("c9", False, ())


def test_an_order_of_many_lines_is_fetched_to_its_end(stage: Stage):
    first = an_order(a_line(1), a_line(2), a_line(3))
    lines = first["lineItems"]["nodes"]
    first["lineItems"] = {"pageInfo": {"hasNextPage": True, "endCursor": "c1"}, "nodes": lines[:1]}
    second = {"pageInfo": {"hasNextPage": True, "endCursor": "c2"}, "nodes": lines[1:2]}
    stage.answers({"order": first}, {"order": {"lineItems": second}}, {"order": {"lineItems": nodes(lines[2])}})
    order = stage.shopify.parse_order(stage.shopify.get_order(ORDER).body)
    assert [line.seller_code for line in order.lines] == ["LAMP-1", "LAMP-2", "LAMP-3"]
    assert [sent[1].get("after") for sent in stage.sent] == [None, "c1", "c2"]


def test_fields_this_app_may_not_read_do_not_hide_the_order(stage: Stage):
    order = an_order(customer=None)
    denied = {"message": "Access denied for customer field", "extensions": {"code": "ACCESS_DENIED"}}
    stage.answers(orjson.dumps({"data": {"order": order}, "errors": [denied]}))
    assert stage.shopify.parse_order(stage.shopify.get_order(ORDER).body).buyer.external_id == ""
