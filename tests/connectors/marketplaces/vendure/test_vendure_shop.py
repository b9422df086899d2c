"""Notes, stock, listings and counts of a Vendure store."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract.errors import Refused
from connectors.contract.notices import StockLevel
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.vendure.papers import ORDER, PLACE, a_list, error_body, notes
from tests.connectors.marketplaces.vendure.stage import Stage

NOTED = {"addNoteToOrder": {"id": ORDER}}
SET = {"updateProductVariants": [{"id": "41"}]}
BAD = error_body("USER_INPUT_ERROR", "no such place")


def noted(*words: str) -> dict[str, Any]:
    return {"order": {"id": ORDER, "history": notes(*words)}}


def stocked(*rows: tuple[str, int]) -> dict[str, Any]:
    """Variants with what is allocated of them at the place."""
    found = [
        {"id": number, "stockLevels": [{"stockLocationId": PLACE, "stockAllocated": units}]} for number, units in rows
    ]
    return {"productVariants": a_list(*found)}


def a_level(number: str, units: int, location: str = "") -> StockLevel:
    return StockLevel(f"p{number}", number, units, location=location)


def test_memo_and_flag_become_private_notes(stage: Stage):
    stage.answers(noted("before", "flag:blue"), NOTED, NOTED)
    stage.vendure.set_memo(ORDER, "call first", "red")
    assert [sent["input"] for _, sent in stage.writes] == [
        {"id": ORDER, "note": "call first", "isPublic": False},
        {"id": ORDER, "note": "flag:red", "isPublic": False},
    ]


def test_notes_that_are_there_are_not_written_again(stage: Stage):
    stage.answers(noted("call first", "flag:red"))
    assert stage.vendure.set_memo(ORDER, "call first", "red").words == "nothing to change"


def test_an_error_about_a_memo_does_not_repeat_it(stage: Stage):
    stage.answers(noted(), error_body("USER_INPUT_ERROR", "too long: ring Ingrid"))
    with pytest.raises(Refused) as caught:
        stage.vendure.set_memo(ORDER, "ring Ingrid", "")
    assert "Ingrid" not in str(caught.value)


def test_stock_is_what_is_sellable_and_what_is_allocated():
    with Stage(location=PLACE) as stage:
        stage.answers(stocked(("41", 3), ("42", 2)), SET)
        answer = stage.vendure.push_stock([a_level("41", 5), a_level("42", -4, "2")])
        assert (answer.done, answer.refused) == (2, {})
        assert stage.writes[0][1]["input"] == [
            {"id": "41", "stockLevels": [{"stockLocationId": PLACE, "stockOnHand": 8}]},
            {"id": "42", "stockLevels": [{"stockLocationId": "2", "stockOnHand": 0}]},
        ]


def test_a_refused_level_leaves_the_others_to_go_on():
    with Stage(location=PLACE) as stage:
        stage.answers(stocked(("41", 0), ("42", 0)), BAD, SET, BAD)
        answer = stage.vendure.push_stock([a_level("41", 5), a_level("42", 5), a_level("43", 5)])
        assert answer.done == 1
        assert answer.refused == {
            ("p42", "42"): "no such place",
            ("p43", "43"): "Vendure has no such variant in this channel",
        }


def test_a_store_of_one_location_needs_none_named(stage: Stage):
    stage.answers({"stockLocations": a_list({"id": PLACE})}, stocked(("41", 0)), SET)
    assert stage.vendure.push_stock([a_level("41", 5)]).done == 1
    stage.answers({"stockLocations": a_list({"id": PLACE}, {"id": "2"})})
    with pytest.raises(Refused, match="set the account's location"):
        stage.vendure.push_stock([a_level("41", 5)])


def a_variant(number: str, **changes: Any) -> dict[str, Any]:
    variant = {
        "id": number,
        "sku": f"LAMP-{number}",
        "name": "Lamp Brass",
        "enabled": True,
        "currencyCode": "EUR",
        "priceWithTax": 4000,
        "product": {"id": "3", "name": "Lamp", "enabled": True},
        "stockLevels": [{"stockLocationId": PLACE, "stockOnHand": 9, "stockAllocated": 2}],
    }
    return variant | changes


def test_listings_are_read_to_their_end(stage: Stage):
    stage.answers(
        {"productVariants": a_list(a_variant("41"), total=2)},
        {"productVariants": a_list(a_variant("42", enabled=False), total=2)},
    )
    first = stage.vendure.pull_listings("")
    found = first.listings[0]
    assert (found.seller_code, found.price, found.currency, found.units) == ("LAMP-41", 4000, "EUR", 7)
    assert found.is_on_sale
    second = stage.vendure.pull_listings(first.cursor)
    assert (second.more, second.listings[0].is_on_sale) == (False, False)
    assert [sent["options"]["skip"] for _, sent in stage.sent] == [0, 1]


def test_orders_are_counted_by_the_platform_without_carts(stage: Stage):
    stage.answers({"orders": a_list(total=7)})
    assert stage.vendure.count_orders(NOW, NOW) == 7
    wanted = stage.sent[0][1]["options"]["filter"]
    assert wanted["active"] == {"eq": False}
    assert wanted["orderPlacedAt"] == {
        "between": {"start": "2026-03-02T04:00:00.000Z", "end": "2026-03-02T04:00:00.000Z"}
    }
