"""Notes, flags, stock, listings and counts of a Saleor shop."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from connectors.contract.errors import Refused
from connectors.contract.notices import StockLevel
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.saleor.papers import ANNEX, DOCK, ORDER, VARIANTS, coin, complaint, edges
from tests.connectors.marketplaces.saleor.stage import Stage

NOTED = {"orderNoteAdd": {"event": {"id": "e"}, "errors": []}}
FLAGGED = {"updatePrivateMetadata": {"item": {"__typename": "Order"}, "errors": []}}
CREATED = {"productVariantStocksUpdate": {"productVariant": {"id": VARIANTS[1]}, "errors": []}}


def noted(*notes: str, flag: str | None = None) -> dict[str, Any]:
    events = [{"id": str(at), "type": "NOTE_ADDED", "message": note} for at, note in enumerate(notes)]
    return {"order": {"id": ORDER, "flag": flag, "events": events}}


def a_level(number: int, units: int, location: str = "") -> StockLevel:
    return StockLevel(f"p{number}", VARIANTS[number], units, location=location)


def stocked(*rows: tuple[int, str, int]) -> dict[str, Any]:
    """Variants with what is set aside of them: (number, warehouse, allocated)."""
    found = [
        {
            "id": VARIANTS[number],
            "stocks": [{"quantity": 9, "quantityAllocated": units, "warehouse": {"id": place}}] if place else [],
        }
        for number, place, units in rows
    ]
    return {"productVariants": edges(*found)}


def bulk(*results: str | None) -> dict[str, Any]:
    """An answer of the bulk call; a text is a row's refusal."""
    rows = [
        {"errors": [{"field": "quantity", "message": words, "code": "INVALID"}] if words else None} for words in results
    ]
    errors = [error for row in rows for error in row["errors"] or ()]
    return {"stockBulkUpdate": {"count": 1, "results": rows, "errors": errors}}


def test_a_memo_becomes_a_note_and_a_flag_metadata(stage: Stage):
    stage.answers(noted("before"), NOTED, FLAGGED)
    stage.saleor.set_memo(ORDER, "call first", "red")
    assert stage.writes == [
        ("AddNote", {"order": ORDER, "input": {"message": "call first"}}),
        ("SetFlag", {"id": ORDER, "input": [{"key": "flag", "value": "red"}]}),
    ]


def test_a_memo_that_is_there_is_not_written_again(stage: Stage):
    stage.answers(noted("call first", flag="red"))
    assert stage.saleor.set_memo(ORDER, "call first", "red").words == "nothing to change"
    assert not stage.writes


def test_an_error_about_a_memo_does_not_repeat_it(stage: Stage):
    stage.answers(noted(), complaint("orderNoteAdd", "too long: ring Ingrid"))
    with pytest.raises(Refused) as caught:
        stage.saleor.set_memo(ORDER, "ring Ingrid", "")
    assert "Ingrid" not in str(caught.value)


def test_stock_is_what_is_sellable_and_what_is_set_aside():
    with Stage(warehouse=DOCK) as stage:
        stage.answers(stocked((1, DOCK, 3), (2, ANNEX, 2)), bulk(None, None))
        answer = stage.saleor.push_stock([a_level(1, 5), a_level(2, -4, ANNEX)])
        assert (answer.done, answer.refused) == (2, {})
        assert stage.writes[0][1]["stocks"] == [
            {"variantId": VARIANTS[1], "warehouseId": DOCK, "quantity": 8},
            {"variantId": VARIANTS[2], "warehouseId": ANNEX, "quantity": 2},
        ]


def test_a_refused_level_leaves_the_others_to_go_on():
    with Stage(warehouse=DOCK) as stage:
        stage.answers(stocked((1, DOCK, 0), (2, DOCK, 0), (4, DOCK, 0)), bulk(None, "too many"))
        levels = [a_level(1, 5), a_level(2, 5), a_level(3, 5), a_level(4, 1), StockLevel("p9", "", 1)]
        answer = stage.saleor.push_stock(levels)
        assert answer.done == 1
        assert {listing: words for (listing, _), words in answer.refused.items()} == {
            "p2": "too many (quantity)",
            "p3": "Saleor has no such variant",
            "p4": "Saleor did not answer for this level",
            "p9": "Saleor has no such variant",
        }


def test_a_variant_new_to_a_warehouse_gets_its_first_stock(stage: Stage):
    stage.answers(
        {"warehouses": edges({"id": DOCK})},
        stocked((1, "", 0), (2, "", 0)),
        CREATED,
        complaint("productVariantStocksUpdate", "not here"),
    )
    answer = stage.saleor.push_stock([a_level(1, 5), a_level(2, 1)])
    assert stage.writes[0] == ("NewStock", {"id": VARIANTS[1], "stocks": [{"warehouse": DOCK, "quantity": 5}]})
    assert (answer.done, list(answer.refused.values())) == (1, ["not here (order)"])


def test_a_shop_of_several_warehouses_must_name_one(stage: Stage):
    stage.answers({"warehouses": edges({"id": DOCK}, {"id": ANNEX})})
    with pytest.raises(Refused, match="set the account's warehouse"):
        stage.saleor.push_stock([a_level(1, 5)])


def a_variant(number: int, **changes: Any) -> dict[str, Any]:
    variant = {
        "id": VARIANTS[number],
        "sku": f"LAMP-{number}",
        "name": "Brass",
        "product": {
            "id": f"p{number}",
            "name": "Lamp",
            "channelListings": [
                {"channel": {"slug": "eu"}, "isPublished": True},
                {"channel": {"slug": "us"}, "isPublished": False},
            ],
        },
        "channelListings": [
            {"channel": {"slug": "eu"}, "price": coin(40.0)},
            {"channel": {"slug": "us"}, "price": coin(45.0, "USD")},
        ],
        "stocks": [{"quantity": 9, "quantityAllocated": 2, "warehouse": {"id": DOCK}}],
    }
    return variant | changes


@pytest.mark.parametrize(
    ("channel", "price", "currency", "is_on_sale"), [("", 4000, "EUR", True), ("us", 4500, "USD", False)]
)
def test_listings_of_a_channel(channel: str, price: int, currency: str, is_on_sale: bool):
    with Stage(channel=channel) as stage:
        stage.answers(
            {"productVariants": edges(a_variant(1), more=True, end="c1")},
            {"productVariants": edges(a_variant(2, channelListings=[], sku=None))},
        )
        first = stage.saleor.pull_listings("")
        found = first.listings[0]
        assert (found.price, found.currency, found.is_on_sale) == (price, currency, is_on_sale)
        assert (found.seller_code, found.units, found.title, found.variant) == ("LAMP-1", 7, "Lamp", "Brass")
        second = stage.saleor.pull_listings(first.cursor)
        assert (second.more, second.listings[0].price, second.listings[0].seller_code) == (False, None, "")
        assert [sent["after"] for _, sent in stage.sent] == [None, "c1"]


def test_orders_are_counted_by_the_platform(stage: Stage):
    stage.answers({"orders": {"totalCount": 7}}, {"orders": {"totalCount": None}})
    assert stage.saleor.count_orders(NOW, NOW) == 7
    assert orjson.dumps(stage.sent[0][1]["filter"]).startswith(b'{"createdAt":{"gte":"2026-03-02T04:00:00')
    with pytest.raises(Refused, match=r"3\.22"):
        stage.saleor.count_orders(NOW, NOW)
