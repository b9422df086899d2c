"""What the hub tells Shopify about parcels: whole, split, several places, several parcels, changed, held, twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract.errors import Refused
from connectors.contract.notices import ShipmentNotice
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.shopify.papers import LINES, ORDER, WAITING, complaint, fulfilled, nodes, waiting
from tests.connectors.marketplaces.shopify.stage import Stage

WHOLE = ShipmentNotice(ORDER, "SF", "SF200", whole=True, shipped_at=NOW)
MADE = {"fulfillmentCreate": {"fulfillment": {"id": "gid://shopify/Fulfillment/860"}, "userErrors": []}}
CHANGED = {"fulfillmentTrackingInfoUpdate": {"fulfillment": {"id": "x"}, "userErrors": []}}


def shipping(*orders: dict[str, Any], sent: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"order": {"id": ORDER, "fulfillmentOrders": nodes(*orders), "fulfillments": list(sent)}}


def rows_of(variables: dict[str, Any]) -> list[tuple[str, list[tuple[str, int]]]]:
    return [
        (part["fulfillmentOrderId"], [(row["id"][-1], row["quantity"]) for row in part["fulfillmentOrderLineItems"]])
        for part in variables["fulfillment"]["lineItemsByFulfillmentOrder"]
    ]


def test_a_whole_order_leaves_in_one_call(stage: Stage):
    stage.answers(shipping(waiting((1, 2), (2, 1))), MADE)
    assert stage.shopify.push_shipment(WHOLE).reference == "gid://shopify/Fulfillment/860"
    ((operation, variables),) = stage.writes
    assert operation == "FulfillmentCreate"
    assert rows_of(variables) == [(WAITING, [("1", 2), ("2", 1)])]
    assert variables["fulfillment"]["trackingInfo"] == {"company": "SF Express", "number": "SF200"}
    assert variables["fulfillment"]["notifyCustomer"] is False


def test_a_part_leaves_with_what_remains_of_its_lines(stage: Stage):
    stage.answers(shipping(waiting((1, 2), (2, 1))), MADE)
    charge = "gid://shopify/ShippingLine/55"
    stage.shopify.push_shipment(replace(WHOLE, whole=False, line_nos=(LINES[2], charge, "tip")))
    assert rows_of(stage.writes[0][1]) == [(WAITING, [("2", 1)])]


def test_a_part_of_nothing_is_refused_before_any_write(stage: Stage):
    stage.answers(shipping(waiting((1, 2))))
    with pytest.raises(Refused, match="numbers of its lines"):
        stage.shopify.push_shipment(replace(WHOLE, whole=False, line_nos=("tip",)))
    assert not stage.writes


def test_goods_at_two_places_need_a_call_each_and_those_at_one_share_it(stage: Stage):
    far = {"assignedLocation": {"location": {"id": "gid://shopify/Location/32"}}}
    second = waiting((2, 1), id="gid://shopify/FulfillmentOrder/802")
    third = waiting((3, 1), id="gid://shopify/FulfillmentOrder/803", **far)
    stage.answers(shipping(waiting((1, 2)), second, third), MADE, MADE)
    stage.shopify.push_shipment(WHOLE)
    near, other = (rows_of(variables) for _, variables in stage.writes)
    assert [number for number, _ in near] == [WAITING, "gid://shopify/FulfillmentOrder/802"]
    assert [number for number, _ in other] == ["gid://shopify/FulfillmentOrder/803"]


def test_goods_of_other_locations_are_left_to_them():
    with Stage(our_locations="31") as stage:
        far = {"assignedLocation": {"location": {"id": "gid://shopify/Location/32"}}}
        stage.answers(shipping(waiting((1, 2)), waiting((2, 2), id="gid://shopify/FulfillmentOrder/9", **far)), MADE)
        stage.shopify.push_shipment(WHOLE)
        assert [number for number, _ in rows_of(stage.writes[0][1])] == [WAITING]


def test_goods_already_gone_or_cancelled_are_not_sent_again(stage: Stage):
    stage.answers(shipping(waiting((1, 2), status="CLOSED"), waiting((2, 0))))
    with pytest.raises(Refused, match="left to ship"):
        stage.shopify.push_shipment(WHOLE)
    assert not stage.writes


def test_a_parcel_that_is_there_already_is_a_success_without_a_write(stage: Stage):
    stage.answers(shipping(waiting((1, 0)), sent=(fulfilled((1, 2), waybill="SF200"),)))
    assert "already" in stage.shopify.push_shipment(WHOLE).words
    assert not stage.writes


def test_a_parcel_of_which_one_place_is_missing_is_completed(stage: Stage):
    stage.answers(shipping(waiting((1, 0)), waiting((2, 1)), sent=(fulfilled((1, 2), waybill="SF200"),)), MADE)
    stage.shopify.push_shipment(WHOLE)
    assert rows_of(stage.writes[0][1]) == [(WAITING, [("2", 1)])]


def test_the_same_waybill_on_other_lines_does_not_count_as_this_parcel(stage: Stage):
    stage.answers(shipping(waiting((2, 1)), sent=(fulfilled((1, 2), waybill="SF200"),)), MADE)
    stage.shopify.push_shipment(replace(WHOLE, whole=False, line_nos=(LINES[2],)))
    assert rows_of(stage.writes[0][1]) == [(WAITING, [("2", 1)])]


def test_a_second_parcel_of_goods_that_left_adds_its_waybill(stage: Stage):
    stage.answers(shipping(waiting((1, 0)), sent=(fulfilled((1, 2), waybill="SF100"),)), CHANGED)
    stage.shopify.push_shipment(WHOLE)
    operation, variables = stage.writes[0]
    assert operation == "FulfillmentTracking"
    assert variables["t"] == {"company": "SF Express", "numbers": ["SF100", "SF200"]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "ON_HOLD", "fulfillmentHolds": [{"reason": "AWAITING_PAYMENT"}]}, "awaiting_payment"),
        ({"supportedActions": [{"action": "MOVE"}]}, "does not let"),
        ({"status": "SCHEDULED", "supportedActions": [{"action": "MARK_AS_OPEN"}]}, "scheduled"),
    ],
)
def test_goods_the_platform_holds_are_refused_with_its_reason(stage: Stage, changes: dict[str, Any], words: str):
    stage.answers(shipping(waiting((1, 2), **changes)))
    with pytest.raises(Refused, match=words):
        stage.shopify.push_shipment(WHOLE)
    assert not stage.writes


def test_the_platform_s_own_refusal_is_told(stage: Stage):
    stage.answers(shipping(waiting((1, 2))), complaint("fulfillmentCreate", "Fulfillment order does not exist."))
    with pytest.raises(Refused, match="does not exist"):
        stage.shopify.push_shipment(WHOLE)


def test_goods_without_a_parcel_leave_without_tracking(stage: Stage):
    stage.answers(shipping(waiting((1, 2))), MADE)
    stage.shopify.push_shipment(replace(WHOLE, carrier_code="NONE", waybill_no=""))
    assert "trackingInfo" not in stage.writes[0][1]["fulfillment"]


def test_a_parcel_without_a_waybill_is_refused_before_any_call(stage: Stage):
    with pytest.raises(Refused, match="waybill"):
        stage.shopify.push_shipment(replace(WHOLE, waybill_no=""))
    assert not stage.sent


def test_a_carrier_without_a_name_of_its_own_goes_by_its_code(stage: Stage):
    stage.answers(shipping(waiting((1, 2))), MADE)
    stage.shopify.push_shipment(replace(WHOLE, carrier_code="PIGEON"))
    assert stage.writes[0][1]["fulfillment"]["trackingInfo"]["company"] == "PIGEON"


def test_buyers_are_mailed_when_the_account_says_so():
    with Stage(notify_buyer="yes") as stage:
        stage.answers(shipping(waiting((1, 2))), MADE)
        stage.shopify.push_shipment(WHOLE)
        assert stage.writes[0][1]["fulfillment"]["notifyCustomer"] is True


def test_what_left_is_found_with_its_waybill(stage: Stage):
    gone = fulfilled((2, 1), waybill="SF300")
    undone = fulfilled((3, 1), status="CANCELLED")
    stage.answers(shipping(sent=(fulfilled((1, 2)), gone, undone)))
    assert stage.shopify.find_shipment("5001").waybills == {LINES[1]: "SF100", LINES[2]: "SF300"}


def test_a_changed_waybill_replaces_that_of_the_parcel_with_its_lines(stage: Stage):
    other = fulfilled((2, 1), id="gid://shopify/Fulfillment/852")
    stage.answers(shipping(sent=(fulfilled((1, 2)), other)), CHANGED)
    stage.shopify.change_shipment(replace(WHOLE, whole=False, line_nos=(LINES[2],)))
    ((_, variables),) = stage.writes
    assert (variables["id"], variables["t"]["number"]) == ("gid://shopify/Fulfillment/852", "SF200")


def test_a_waybill_of_nothing_cannot_be_changed(stage: Stage):
    stage.answers(shipping(waiting((1, 2))))
    with pytest.raises(Refused, match="write the shipment back first"):
        stage.shopify.change_shipment(WHOLE)


def test_units_of_a_line_leave_from_several_places_and_once(stage: Stage):
    second = waiting((1, 1), (2, 1), id="gid://shopify/FulfillmentOrder/802")
    notice = replace(WHOLE, whole=False, line_nos=(LINES[1],), units={LINES[1]: 2})
    stage.answers(shipping(waiting((1, 1)), second), MADE)
    stage.shopify.push_shipment(notice)
    assert rows_of(stage.writes[0][1]) == [(WAITING, [("1", 1)]), ("gid://shopify/FulfillmentOrder/802", [("1", 1)])]
    stage.answers(shipping(waiting((1, 1)), sent=(fulfilled((1, 2), waybill="SF200"),)))
    assert "already" in stage.shopify.push_shipment(notice).words
    stage.answers(shipping(waiting((1, 2)), sent=(fulfilled((1, 1), waybill="SF200"),)), MADE)
    stage.shopify.push_shipment(notice)
    assert rows_of(stage.writes[-1][1]) == [(WAITING, [("1", 1)])]
