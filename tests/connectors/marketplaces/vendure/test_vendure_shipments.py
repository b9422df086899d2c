"""Parcels written back to Vendure: whole, split, several, resent, changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract.errors import Refused
from connectors.contract.notices import ShipmentNotice
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.vendure.papers import ORDER, PARCEL, a_line, a_parcel, an_order, complaint
from tests.connectors.marketplaces.vendure.stage import Stage

MADE = {"addFulfillmentToOrder": {"__typename": "Fulfillment", "id": PARCEL, "state": "Pending"}}
MOVED = {"transitionFulfillmentToState": {"__typename": "Fulfillment", "id": PARCEL, "state": "Shipped"}}


def a_notice(*lines: int, waybill: str = "SF100", carrier: str = "SF") -> ShipmentNotice:
    return ShipmentNotice(ORDER, carrier, waybill, not lines, NOW, tuple(f"90{number}" for number in lines))


def shown(*parcels: dict[str, Any], lines: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"order": an_order(*lines, fulfillments=list(parcels))}


def test_a_whole_order_is_fulfilled_and_told_as_shipped(stage: Stage):
    stage.answers(shown(), MADE, MOVED)
    assert stage.vendure.push_shipment(a_notice()).reference == PARCEL
    (_, made), moved = stage.writes
    assert made["input"] == {
        "lines": [{"orderLineId": "901", "quantity": 2}, {"orderLineId": "902", "quantity": 2}],
        "handler": {
            "code": "manual-fulfillment",
            "arguments": [{"name": "method", "value": "SF Express"}, {"name": "trackingCode", "value": "SF100"}],
        },
    }
    assert moved == ("Move", {"id": PARCEL, "state": "Shipped"})


def test_a_server_s_own_way_to_fulfil_and_a_state_it_ships_in(stage: Stage):
    done = {"addFulfillmentToOrder": {"__typename": "Fulfillment", "id": PARCEL, "state": "Shipped"}}
    with Stage(fulfilment_handler="post") as other:
        other.answers(shown(), done)
        other.vendure.push_shipment(a_notice(carrier="POSTNORD"))
        assert [name for name, _ in other.writes] == ["Fulfil"]
        handler = other.writes[0][1]["input"]["handler"]
        assert (handler["code"], handler["arguments"][0]["value"]) == ("post", "POSTNORD")


def test_a_part_leaves_with_what_is_left_of_its_lines(stage: Stage):
    undone = a_parcel((2, 2), id="62", state="Cancelled")
    stage.answers(shown(a_parcel((2, 1)), undone), MADE, MOVED)
    stage.vendure.push_shipment(ShipmentNotice(ORDER, "SF", "SF2", False, NOW, ("902", "shipping-71")))
    assert stage.writes[0][1]["input"]["lines"] == [{"orderLineId": "902", "quantity": 1}]


def test_a_parcel_that_is_there_is_not_written_again(stage: Stage):
    stage.answers(shown(a_parcel((1, 2), (2, 2))))
    assert "already" in stage.vendure.push_shipment(a_notice()).words
    assert not stage.writes


def test_a_parcel_made_before_an_answer_was_lost_is_told_as_shipped(stage: Stage):
    stage.answers(shown(a_parcel((1, 2), state="Pending")), MOVED)
    assert "already" in stage.vendure.push_shipment(a_notice(1)).words
    assert stage.writes == [("Move", {"id": PARCEL, "state": "Shipped"})]


def test_a_further_parcel_of_goods_that_left_keeps_the_first_waybill(stage: Stage):
    stage.answers(shown(a_parcel((1, 2))))
    assert "one waybill" in stage.vendure.push_shipment(a_notice(1, waybill="SF200")).words
    assert not stage.writes


def test_what_cannot_leave_is_refused(stage: Stage):
    stage.answers(shown(lines=(a_line(1, quantity=0, orderPlacedQuantity=2),)))
    with pytest.raises(Refused, match="nothing of these lines"):
        stage.vendure.push_shipment(a_notice())
    with pytest.raises(Refused, match="waybill"):
        stage.vendure.push_shipment(a_notice(waybill=""))
    with pytest.raises(Refused, match="lines"):
        stage.vendure.push_shipment(ShipmentNotice(ORDER, "SF", "SF1", False, NOW, ("charge-5",)))


def test_what_vendure_says_against_a_parcel_goes_to_a_person(stage: Stage):
    code = "INSUFFICIENT_STOCK_ON_HAND_ERROR"
    stage.answers(shown(), complaint("addFulfillmentToOrder", "insufficient stockOnHand", code))
    with pytest.raises(Refused, match="insufficient") as caught:
        stage.vendure.push_shipment(a_notice())
    assert caught.value.code == code


def test_a_state_the_platform_does_not_allow_tells_why(stage: Stage):
    said = {
        "transitionFulfillmentToState": {
            "errorCode": "FULFILLMENT_STATE_TRANSITION_ERROR",
            "message": "Cannot transition",
            "transitionError": "scan it first",
        }
    }
    stage.answers(shown(), MADE, said)
    with pytest.raises(Refused, match="scan it first"):
        stage.vendure.push_shipment(a_notice())


def test_what_left_is_found_with_its_waybills(stage: Stage):
    parcels = (
        a_parcel((1, 2)),
        a_parcel((2, 1), waybill="SF200", state="Delivered"),
        a_parcel((3, 1), state="Pending"),
        a_parcel((4, 1), state="Cancelled"),
    )
    stage.answers(shown(*parcels))
    assert stage.vendure.find_shipment(ORDER).waybills == {"901": "SF100", "902": "SF200"}


def test_a_waybill_is_replaced_by_making_the_fulfilment_again(stage: Stage):
    undone = a_parcel((1, 2), state="Cancelled")
    other = a_parcel((2, 2), id="62", waybill="SF8")
    stage.answers(shown(a_parcel((1, 2)), other), MOVED, shown(undone, other), MADE, MOVED)
    stage.vendure.change_shipment(a_notice(1, waybill="SF9"))
    assert [name for name, _ in stage.writes] == ["Move", "Fulfil", "Move"]
    assert stage.writes[0][1] == {"id": PARCEL, "state": "Cancelled"}
    assert stage.writes[1][1]["input"]["lines"] == [{"orderLineId": "901", "quantity": 2}]


def test_a_change_cut_short_is_brought_to_its_end(stage: Stage):
    stage.answers(shown(a_parcel((1, 2), state="Cancelled")), MADE, MOVED)
    stage.vendure.change_shipment(a_notice(1, waybill="SF9"))
    assert [name for name, _ in stage.writes] == ["Fulfil", "Move"]
    stage.answers(shown(a_parcel((1, 2), waybill="SF9")))
    assert "already" in stage.vendure.change_shipment(a_notice(1, waybill="SF9")).words


def test_a_waybill_of_nothing_cannot_be_replaced(stage: Stage):
    stage.answers(shown(lines=(a_line(1, quantity=0, orderPlacedQuantity=2),)))
    with pytest.raises(Refused, match="write the shipment back first"):
        stage.vendure.change_shipment(a_notice())


def test_units_of_a_line_leave_and_a_repeated_parcel_does_not(stage: Stage):
    notice = replace(a_notice(2), units={"902": 1})
    stage.answers(shown(), MADE, MOVED)
    stage.vendure.push_shipment(notice)
    assert stage.writes[0][1]["input"]["lines"] == [{"orderLineId": "902", "quantity": 1}]
    there = shown(a_parcel((2, 1), trackingCode="SF100"))
    stage.answers(there, there)
    assert "already" in stage.vendure.push_shipment(notice).words
    assert stage.vendure.find_shipment(ORDER).units == {("902", "SF100"): 1}
