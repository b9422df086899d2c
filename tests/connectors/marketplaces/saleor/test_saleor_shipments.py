"""Parcels written back to Saleor: whole, split, several, merged places, approvals, changes, resends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract.errors import Refused
from connectors.contract.notices import ShipmentNotice
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.saleor.papers import (
    ANNEX,
    DOCK,
    LINES,
    ORDER,
    PARCEL,
    RETURN,
    a_line,
    a_parcel,
    an_order,
    complaint,
)
from tests.connectors.marketplaces.saleor.stage import Stage

MADE = {"orderFulfill": {"fulfillments": [{"id": PARCEL, "status": "FULFILLED"}], "errors": []}}
TRACKED = {"orderFulfillmentUpdateTracking": {"fulfillment": {"id": PARCEL}, "errors": []}}
APPROVED = {"orderFulfillmentApprove": {"fulfillment": {"id": PARCEL}, "errors": []}}


def a_notice(*lines: int, waybill: str = "SF100", carrier: str = "SF") -> ShipmentNotice:
    return ShipmentNotice(ORDER, carrier, waybill, not lines, NOW, tuple(LINES[number] for number in lines))


def shown(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"order": an_order(*lines, **changes)}


def stocks(stage: Stage) -> list[Any]:
    return [line["stocks"] for line in stage.writes[0][1]["input"]["lines"]]


def test_a_whole_order_leaves_from_where_it_is_set_aside(stage: Stage):
    stage.answers(shown(), MADE)
    assert stage.saleor.push_shipment(a_notice()).reference == PARCEL
    name, sent = stage.writes[0]
    assert (name, sent["order"], sent["input"]["trackingNumber"]) == ("Fulfil", ORDER, "SF100")
    assert [line["orderLineId"] for line in sent["input"]["lines"]] == [LINES[1], LINES[2]]
    assert stocks(stage)[0] == [{"warehouse": DOCK, "quantity": 2}]
    assert sent["input"]["allowStockToBeExceeded"] is True
    assert sent["input"]["notifyCustomer"] is False


def test_a_part_leaves_by_its_lines_and_charges_are_left_out(stage: Stage):
    stage.answers(shown(), MADE)
    notice = a_notice(2)
    stage.saleor.push_shipment(ShipmentNotice(ORDER, "SF", "SF1", False, NOW, (*notice.line_nos, "freight")))
    assert [line["orderLineId"] for line in stage.writes[0][1]["input"]["lines"]] == [LINES[2]]


def test_goods_of_two_places_are_taken_from_both(stage: Stage):
    places = [{"quantity": 1, "warehouse": {"id": DOCK}}, {"quantity": 1, "warehouse": {"id": ANNEX}}]
    stage.answers(shown(a_line(1, allocations=places)), MADE)
    stage.saleor.push_shipment(a_notice())
    assert stocks(stage) == [[{"warehouse": DOCK, "quantity": 1}, {"warehouse": ANNEX, "quantity": 1}]]


@pytest.mark.parametrize(("setting", "place"), [("", DOCK), (ANNEX, ANNEX)])
def test_goods_set_aside_nowhere_leave_from_the_account_s_warehouse_or_any_with_stock(setting: str, place: str):
    with Stage(warehouse=setting) as stage:
        stage.answers(shown(a_line(1, allocations=[])), MADE)
        stage.saleor.push_shipment(a_notice())
        assert stocks(stage) == [[{"warehouse": place, "quantity": 2}]]


def test_goods_without_any_warehouse_are_refused_with_a_remedy(stage: Stage):
    stage.answers(shown(a_line(1, allocations=[], variant=None)))
    with pytest.raises(Refused, match="set the account's warehouse"):
        stage.saleor.push_shipment(a_notice())


def test_a_shop_that_approves_by_hand_gets_its_approval(stage: Stage):
    waiting = {"orderFulfill": {"fulfillments": [{"id": PARCEL, "status": "WAITING_FOR_APPROVAL"}], "errors": []}}
    stage.answers(shown(), waiting, APPROVED)
    stage.saleor.push_shipment(a_notice())
    assert stage.writes[1] == ("Approve", {"id": PARCEL, "notify": False, "exceed": True})


def test_a_parcel_that_is_there_is_not_written_again(stage: Stage):
    done = a_line(1, quantityToFulfill=0)
    stage.answers(shown(done, fulfillments=[a_parcel((1, 2))]))
    assert "already" in stage.saleor.push_shipment(a_notice(1)).words
    assert not stage.writes


def test_a_parcel_lost_before_its_approval_is_approved_on_the_resend(stage: Stage):
    done = a_line(1, quantityToFulfill=0)
    stage.answers(shown(done, fulfillments=[a_parcel((1, 2), status="WAITING_FOR_APPROVAL")]), APPROVED)
    assert "already" in stage.saleor.push_shipment(a_notice(1)).words
    assert [name for name, _ in stage.writes] == ["Approve"]


def test_a_further_parcel_of_goods_that_left_stands_beside_the_first(stage: Stage):
    stage.answers(shown(a_line(1, quantityToFulfill=0), fulfillments=[a_parcel((1, 2))]), TRACKED)
    stage.saleor.push_shipment(a_notice(1, waybill="SF200"))
    assert stage.writes[0][1]["input"]["trackingNumber"] == "SF100, SF200"


def test_nothing_left_to_ship_is_refused(stage: Stage):
    stage.answers(shown(a_line(1, quantityToFulfill=0)))
    with pytest.raises(Refused, match="nothing of these lines"):
        stage.saleor.push_shipment(a_notice())


def test_a_parcel_needs_a_waybill_unless_nothing_is_carried(stage: Stage):
    with pytest.raises(Refused, match="waybill"):
        stage.saleor.push_shipment(a_notice(waybill=""))
    with pytest.raises(Refused, match="lines"):
        stage.saleor.push_shipment(ShipmentNotice(ORDER, "SF", "SF1", False, NOW, ("freight",)))
    stage.answers(shown(), MADE)
    stage.saleor.push_shipment(a_notice(waybill="", carrier="NONE"))
    assert stage.writes[0][1]["input"]["trackingNumber"] == ""


def test_what_saleor_says_against_a_parcel_goes_to_a_person(stage: Stage):
    stage.answers(shown(), complaint("orderFulfill", "Cannot fulfill unpaid order.", "CANNOT_FULFILL_UNPAID_ORDER"))
    with pytest.raises(Refused, match="unpaid") as caught:
        stage.saleor.push_shipment(a_notice())
    assert caught.value.code == "CANNOT_FULFILL_UNPAID_ORDER"


def test_what_left_is_found_with_its_waybills(stage: Stage):
    parcels = [
        a_parcel((2, 1), id=RETURN, status="RETURNED", waybill=""),
        a_parcel((1, 2)),
        a_parcel((2, 1), waybill="SF200"),
        a_parcel((3, 1), status="CANCELED"),
        a_parcel((4, 1), status="WAITING_FOR_APPROVAL"),
        a_parcel((5, 1), status="RETURNED", waybill=""),
    ]
    stage.answers(shown(fulfillments=parcels))
    found = stage.saleor.find_shipment(ORDER).waybills
    assert found == {LINES[1]: "SF100", LINES[2]: "SF200", LINES[5]: ""}


def test_a_waybill_is_replaced_where_its_lines_are(stage: Stage):
    stage.answers(shown(fulfillments=[a_parcel((1, 2)), a_parcel((2, 2), id=RETURN)]), TRACKED)
    stage.saleor.change_shipment(a_notice(1, waybill="SF9"))
    assert [(sent["id"], sent["input"]["trackingNumber"]) for _, sent in stage.writes] == [(PARCEL, "SF9")]


def test_a_waybill_of_nothing_cannot_be_replaced(stage: Stage):
    stage.answers(shown())
    with pytest.raises(Refused, match="write the shipment back first"):
        stage.saleor.change_shipment(a_notice())


def test_units_of_a_line_leave_and_a_repeated_parcel_does_not(stage: Stage):
    notice = replace(a_notice(1), units={LINES[1]: 1})
    stage.answers(shown(), MADE)
    stage.saleor.push_shipment(notice)
    assert stocks(stage) == [[{"warehouse": DOCK, "quantity": 1}]]
    there = shown(a_line(1, quantityToFulfill=1), fulfillments=[a_parcel((1, 1), trackingNumber="SF100")])
    stage.answers(there, there)
    assert "already" in stage.saleor.push_shipment(notice).words
    assert stage.saleor.find_shipment(ORDER).units == {(LINES[1], "SF100"): 1}
