"""What the hub tells Medusa of parcels, memos, stock and closings, and what it reads of listings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.contract.errors import BadRecord, OutcomeUnknown, Refused, Retryable
from connectors.contract.notices import ShipmentNotice, StockLevel
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.medusa.papers import (
    LAMP,
    ORDER,
    SHADE,
    a_fulfilment,
    an_item,
    an_order,
    error_body,
)
from tests.connectors.marketplaces.medusa.stage import KEY, Stage

WHOLE = ShipmentNotice(ORDER, "DHL", "75500001", whole=True, shipped_at=NOW)
GONE = {"fulfilled_quantity": 2, "shipped_quantity": 2}
REFUSED = (400, error_body("not_allowed", "not now"))


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(tracking_url="https://t.example.com/{waybill}", location_id="sloc_1") as stage:
        yield stage


def told(*items: dict[str, Any], fulfilments: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"order": an_order(*items or (an_item(), an_item(SHADE)), fulfillments=list(fulfilments))}


def test_calls_carry_the_key_as_basic_credentials(stage: Stage):
    stage.answers({"orders": [], "count": 4})
    assert stage.medusa.count_orders(NOW, NOW) == 4
    assert stage.sent[0].headers["Authorization"] == "Basic c2tfc3RhZ2Vfa2V5Og=="
    assert KEY not in repr(stage.medusa.account)


def test_a_whole_order_is_fulfilled_and_shipped(stage: Stage):
    made = a_fulfilment("ful_1", {LAMP: 2, SHADE: 2})
    stage.answers(told(), told(fulfilments=(made,)), {"order": {"id": ORDER}})
    assert stage.medusa.push_shipment(WHOLE).reference == "75500001"
    fulfil, ship = stage.writes
    assert fulfil.path == f"orders/{ORDER}/fulfillments"
    assert fulfil.body["items"] == [{"id": LAMP, "quantity": 2}, {"id": SHADE, "quantity": 2}]
    assert (fulfil.body["location_id"], fulfil.body["metadata"]["carrier"]) == ("sloc_1", "DHL")
    assert ship.path == f"orders/{ORDER}/fulfillments/ful_1/shipments"
    address = "https://t.example.com/75500001"
    assert ship.body["labels"] == [{"tracking_number": "75500001", "tracking_url": address, "label_url": ""}]


def test_a_part_names_its_lines_and_leaves_delivery_out(stage: Stage):
    stage.answers(told(), told(fulfilments=(a_fulfilment("ful_1", {SHADE: 2}),)), {})
    stage.medusa.push_shipment(replace(WHOLE, whole=False, line_nos=(SHADE, "ordsm_01")))
    assert stage.writes[0].body["items"] == [{"id": SHADE, "quantity": 2}]


def test_the_last_parcel_holds_what_is_left(stage: Stage):
    first = a_fulfilment("ful_1", {LAMP: 2}, "T1")
    begun = told(an_item(detail=GONE), an_item(SHADE), fulfilments=(first,))
    stage.answers(begun, told(fulfilments=(first, a_fulfilment("ful_2", {SHADE: 2}))), {})
    stage.medusa.push_shipment(WHOLE)
    assert stage.writes[0].body["items"] == [{"id": SHADE, "quantity": 2}]
    assert "ful_2" in stage.writes[1].path


def test_a_fulfilment_that_stands_already_is_shipped_and_not_made_again(stage: Stage):
    stage.answers(told(fulfilments=(a_fulfilment("ful_1", {LAMP: 2, SHADE: 2}),)), {})
    stage.medusa.push_shipment(WHOLE)
    assert [sent.path for sent in stage.writes] == [f"orders/{ORDER}/fulfillments/ful_1/shipments"]


def test_a_cancelled_fulfilment_or_one_with_other_goods_is_left_alone(stage: Stage):
    cancelled = a_fulfilment("ful_0", {LAMP: 2}, canceled_at="2026-03-02T00:00:00Z")
    other = a_fulfilment("ful_1", {LAMP: 2, SHADE: 2})
    made = a_fulfilment("ful_2", {LAMP: 2})
    stage.answers(told(fulfilments=(cancelled, other)), told(fulfilments=(cancelled, other, made)), {})
    stage.medusa.push_shipment(replace(WHOLE, whole=False, line_nos=(LAMP,)))
    assert "ful_2" in stage.writes[1].path


def test_goods_with_and_without_a_parcel_are_fulfilled_apart(stage: Stage):
    download = an_item(SHADE, requires_shipping=False)
    goods, file = a_fulfilment("ful_1", {LAMP: 2}), a_fulfilment("ful_2", {SHADE: 2})
    both = told(an_item(), download)
    stage.answers(both, told(fulfilments=(goods,)), {}, told(fulfilments=(goods, file)), {})
    stage.medusa.push_shipment(WHOLE)
    assert [len(sent.body["items"]) for sent in stage.writes] == [1, 1, 1, 1]


def test_a_parcel_that_is_there_already_is_a_success_without_a_write(stage: Stage):
    left = (a_fulfilment("ful_1", {LAMP: 2, SHADE: 2}, "75500001"),)
    stage.answers(told(an_item(detail=GONE), an_item(SHADE, detail=GONE), fulfilments=left))
    assert "already" in stage.medusa.push_shipment(WHOLE).words
    assert not stage.writes


def test_goods_that_left_with_another_waybill_are_a_refusal(stage: Stage):
    left = (a_fulfilment("ful_1", {LAMP: 2}, "ELSE"),)
    stage.answers(told(an_item(detail=GONE), fulfilments=left))
    with pytest.raises(Refused, match="another waybill"):
        stage.medusa.push_shipment(WHOLE)


def test_a_part_of_nothing_is_refused_before_any_write(stage: Stage):
    stage.answers(told())
    with pytest.raises(Refused, match="numbers of its lines"):
        stage.medusa.push_shipment(replace(WHOLE, whole=False, line_nos=("ordsm_01",)))
    assert not stage.writes


def test_an_answer_without_the_new_fulfilment_leaves_the_outcome_open(stage: Stage):
    stage.answers(told(), told())
    with pytest.raises(OutcomeUnknown):
        stage.medusa.push_shipment(WHOLE)


def test_lines_have_left_only_when_all_their_units_have(stage: Stage):
    half = an_item(SHADE, detail={"shipped_quantity": 1})
    fulfilments = (a_fulfilment("ful_1", {LAMP: 2, SHADE: 1}, "T1"), a_fulfilment("ful_2", {SHADE: 1}))
    stage.answers(told(an_item(detail=GONE), half, fulfilments=fulfilments))
    assert stage.medusa.find_shipment(ORDER).waybills == {LAMP: "T1"}


def test_an_order_is_cancelled_and_a_second_time_is_a_success(stage: Stage):
    stage.answers({"order": {"id": ORDER}}, REFUSED, {"order": {"id": ORDER, "status": "canceled"}})
    assert stage.medusa.cancel_order(ORDER, "out of stock").reference == ORDER
    assert "already" in stage.medusa.cancel_order(ORDER, "out of stock").words


def test_a_cancellation_the_store_refuses_is_told_in_its_words(stage: Stage):
    stage.answers(REFUSED, {"order": {"id": ORDER, "status": "pending"}})
    with pytest.raises(Refused, match="not now"):
        stage.medusa.cancel_order(ORDER, "x")


def test_a_memo_is_added_below_what_is_there_and_other_metadata_stays(stage: Stage):
    stage.answers({"order": {"metadata": {"oms_memo": "fragile", "note": "ring"}}}, {})
    stage.medusa.set_memo(ORDER, "[OMS] reviewed", "green")
    told_metadata = {"oms_memo": "fragile\n[OMS] reviewed", "note": "ring", "oms_flag": "green"}
    assert stage.writes[0].body == {"metadata": told_metadata}


def test_a_memo_that_is_there_is_not_written_again_and_a_strange_flag_is_refused(stage: Stage):
    stage.answers({"order": {"metadata": {"oms_memo": "a\nb", "oms_flag": "red"}}})
    assert stage.medusa.set_memo(ORDER, "b", "").words == "nothing to change"
    with pytest.raises(Refused, match="no pink flag"):
        stage.medusa.set_memo(ORDER, "b", "pink")
    assert not stage.writes


def test_what_people_typed_is_in_no_refusal(stage: Stage):
    stage.answers({"order": {"metadata": {}}}, (400, error_body("invalid_data", "bad value: call Mira at noon")))
    with pytest.raises(Refused) as caught:
        stage.medusa.set_memo(ORDER, "call Mira at noon", "")
    assert "Mira" not in str(caught.value)


def a_variant(number: str, reserved: int = 0, locations: tuple[str, ...] = ("sloc_1",), **changes: Any) -> dict[str, Any]:
    levels = [{"location_id": place, "stocked_quantity": 9, "reserved_quantity": reserved} for place in locations]
    items = [{"required_quantity": 1, "inventory": {"id": f"iitem_{number}", "location_levels": levels}}]
    product = {"id": "prod_1", "title": "Lamp", "status": "published"}
    prices = [{"amount": 19.99, "currency_code": "eur"}, {"amount": 2000, "currency_code": "jpy"}]
    return {
        "id": number,
        "sku": f"SKU-{number}",
        "title": "White",
        "manage_inventory": True,
        "product": product,
        "product_id": "prod_1",
        "prices": prices,
        "inventory_items": items,
    } | changes


PLACES = {"stock_locations": [{"id": "sloc_1"}, {"id": "sloc_2"}]}


def test_stock_is_what_is_sellable_plus_what_orders_have_reserved(stage: Stage):
    variants = [a_variant("v1", reserved=3), a_variant("v2", locations=())]
    stage.answers({"variants": variants}, PLACES, {})
    answer = stage.medusa.push_stock([StockLevel("prod_1", "v1", 10), StockLevel("prod_1", "v2", -4, location="sloc_2")])
    assert (answer.done, dict(answer.refused)) == (2, {})
    update = {"inventory_item_id": "iitem_v1", "location_id": "sloc_1", "stocked_quantity": 13}
    create = {"inventory_item_id": "iitem_v2", "location_id": "sloc_2", "stocked_quantity": 0}
    assert stage.writes[0].body == {"update": [update], "create": [create]}
    assert stage.sent[0].params["id[1]"] == ["v2"]


def test_levels_that_cannot_be_set_are_told_and_the_others_go_on(stage: Stage):
    kit = a_variant("v2")
    kit["inventory_items"][0]["required_quantity"] = 2
    variants = [a_variant("v1"), kit, a_variant("v3", manage_inventory=False)]
    stage.answers({"variants": variants}, PLACES, {})
    levels = [StockLevel("p", number, 1) for number in ("v1", "v2", "v3", "v4")]
    answer = stage.medusa.push_stock([*levels, StockLevel("p2", "v1", 1, location="sloc_9")])
    assert answer.done == 1
    assert set(answer.refused) == {("p", "v2"), ("p", "v3"), ("p", "v4"), ("p2", "v1")}
    assert "no such stock location" in answer.refused["p2", "v1"]


def test_a_refused_batch_is_set_one_by_one(stage: Stage):
    stage.answers({"variants": [a_variant("v1"), a_variant("v2")]}, PLACES, REFUSED, {}, REFUSED)
    answer = stage.medusa.push_stock([StockLevel("p", "v1", 1), StockLevel("p", "v2", 1)])
    assert (answer.done, dict(answer.refused)) == (1, {("p", "v2"): "not now"})


def test_an_inventory_item_is_found_by_sku_first(stage: Stage):
    levels = [{"location_id": "sloc_1", "reserved_quantity": 2}]
    items = {"inventory_items": [{"id": "iitem_9", "sku": "SKU-1", "location_levels": levels}]}
    stage.answers(items, {"variants": [a_variant("v2")]}, PLACES, {})
    wanted = [StockLevel("p", "v1", 5, "SKU-1"), StockLevel("p", "v2", 6, "SKU-KIT")]
    assert stage.medusa.push_stock(wanted).done == 2
    asked = [(sent.path, [values[0] for name, values in sent.params.items() if "[" in name]) for sent in stage.sent[:2]]
    assert asked == [("inventory-items", ["SKU-1", "SKU-KIT"]), ("product-variants", ["v2"])]
    assert [level["stocked_quantity"] for level in stage.writes[0].body["update"]] == [7, 6]


def test_stock_of_a_store_with_several_places_wants_one_named():
    with Stage() as stage:
        stage.answers({"variants": [a_variant("v1")]}, PLACES)
        refused = stage.medusa.push_stock([StockLevel("p", "v1", 1)]).refused
    assert "name a stock location" in refused["p", "v1"]


def test_listings_are_variants_with_price_and_sellable_units():
    with Stage(currency="JPY") as stage:
        variants = [a_variant("v1", reserved=2, locations=("sloc_1", "sloc_2")), a_variant("v2", prices=[])]
        stage.answers({"variants": variants, "count": 3}, {"variants": [a_variant("v3")], "count": 3})
        page = stage.medusa.pull_listings("")
        lamp, bare = page.listings
        assert (lamp.listing_no, lamp.variant_no, lamp.seller_code) == ("prod_1", "v1", "SKU-v1")
        assert (lamp.price, lamp.currency, lamp.units, lamp.is_on_sale) == (2000, "JPY", 14, True)
        assert (bare.price, page.more) == (None, True)
        assert not stage.medusa.pull_listings(page.cursor).more
        assert stage.sent[1].params["offset"] == ["2"]


def test_a_foreign_listing_cursor_and_a_strange_number_are_refused(stage: Stage):
    with pytest.raises(BadRecord):
        stage.medusa.pull_listings("x")
    with pytest.raises(Refused):
        stage.medusa.get_order("../users")
    assert not stage.sent


def test_another_document_than_asked_for_is_asked_again(stage: Stage):
    stage.answers({"order": an_order(id="order_other")})
    with pytest.raises(Retryable):
        stage.medusa.get_order(ORDER)


def test_units_of_a_line_leave_and_a_repeated_parcel_does_not(stage: Stage):
    notice = replace(WHOLE, whole=False, line_nos=(LAMP,), units={LAMP: 1})
    stage.answers(told(), told(fulfilments=(a_fulfilment("ful_1", {LAMP: 1}),)), {})
    stage.medusa.push_shipment(notice)
    assert stage.writes[0].body["items"] == [{"id": LAMP, "quantity": 1}]
    half = an_item(detail={"fulfilled_quantity": 1, "shipped_quantity": 1})
    there = told(half, fulfilments=(a_fulfilment("ful_1", {LAMP: 1}, "75500001"),))
    stage.answers(there, there)
    assert "already" in stage.medusa.push_shipment(notice).words
    assert stage.medusa.find_shipment(ORDER).units == {(LAMP, "75500001"): 1}
