"""Parcels are written back whole and by lines, found again, never doubled, and their waybills changed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import records as r
from connectors.contract.errors import OutcomeUnknown, Permanent, Retryable
from tests.journeys.stage import Stage, UnknownHere


def goods_of(order: r.OrderRecord) -> list[str]:
    return [line.external_no for line in order.lines if line.kind == "goods"]


def shipped_lines(stage: Stage, number: str) -> list[str]:
    """Lines by the ledger's shipments, each as often as it was told; a parcel may stand there once for each place."""
    return sorted(line for shipment in stage.trade(number)["shipments"] for line in shipment["oids"])


def test_a_whole_order_ships_once(stage: Stage) -> None:
    (number,) = stage.buy("split")
    goods = goods_of(stage.order(number))
    assert stage.shop.find_shipment(number).waybills == {}
    stage.shop.push_shipment(stage.parcel(number, "ZT900000000001"))
    found = stage.shop.find_shipment(number).waybills
    assert {found.get(line) for line in goods} == {"ZT900000000001"}
    stage.shop.push_shipment(stage.parcel(number, "ZT900000000001"))
    assert shipped_lines(stage, number) == sorted(line["oid"] for line in stage.trade(number)["lines"])
    assert {shipment["out_sid"] for shipment in stage.trade(number)["shipments"]} == {"ZT900000000001"}
    shipped = stage.captured()[number]
    assert shipped.state in (r.OrderState.SHIPPED, r.OrderState.COMPLETED)
    assert {line.state for line in shipped.lines if line.kind == "goods"} <= {
        r.OrderState.SHIPPED,
        r.OrderState.COMPLETED,
    }


def test_an_order_ships_in_two_parcels_each_once(stage: Stage) -> None:
    (number,) = stage.buy("split")
    first, *rest = goods_of(stage.order(number))
    parcels = [stage.parcel(number, "ZT900000000011", first), stage.parcel(number, "ZT900000000012", *rest)]
    stage.shop.push_shipment(parcels[0])
    if not stage.traveller.ships_whole:
        between = stage.order(number)
        assert between.state is r.OrderState.PART_SHIPPED or "part_shipped" in stage.traveller.hides
        assert stage.shop.find_shipment(number).waybills == {first: "ZT900000000011"}
    stage.shop.push_shipment(parcels[1])
    before = stage.trade(number)["shipments"]
    for parcel in parcels:
        stage.shop.push_shipment(parcel)
    assert stage.trade(number)["shipments"] == before
    assert stage.order(number).state in (r.OrderState.SHIPPED, r.OrderState.COMPLETED)
    found = stage.shop.find_shipment(number).waybills
    assert set(found) == {first, *rest}
    if not stage.traveller.ships_whole:
        assert found == {first: "ZT900000000011", **dict.fromkeys(rest, "ZT900000000012")}


def test_a_waybill_is_changed(stage: Stage) -> None:
    if "change_shipment" not in stage.able:
        return
    (number,) = stage.buy("plain")
    stage.shop.push_shipment(stage.parcel(number, "ZT900000000021"))
    stage.shop.change_shipment(stage.parcel(number, "ZT900000000022"))
    assert set(stage.shop.find_shipment(number).waybills.values()) == {"ZT900000000022"}
    stage.shop.push_shipment(stage.parcel(number, "ZT900000000022"))
    assert set(stage.shop.find_shipment(number).waybills.values()) == {"ZT900000000022"}


def test_a_parcel_whose_answer_was_lost_is_looked_up_and_not_doubled(stage: Stage) -> None:
    (number,) = stage.buy("plain")
    stage.lose_answer_of_shipping()
    with pytest.raises(OutcomeUnknown):
        stage.shop.push_shipment(stage.parcel(number, "ZT900000000031"))
    if not stage.shop.find_shipment(number).waybills:
        # A parcel that is only half written is written again; it is not doubled.
        stage.shop.push_shipment(stage.parcel(number, "ZT900000000031"))
    stage.shop.push_shipment(stage.parcel(number, "ZT900000000031"))
    assert shipped_lines(stage, number) == [line["oid"] for line in stage.trade(number)["lines"]]
    assert set(stage.shop.find_shipment(number).waybills.values()) == {"ZT900000000031"}


def test_units_of_a_line_leave_in_two_parcels_and_never_more_than_were_bought(stage: Stage) -> None:
    number, bought = most_of_one(stage, stage.buy("plain", 40))
    line, units = goods_of(stage.order(number))[bought["place"]], bought["num"]
    whole = stage.parcel(number, "", line)
    first = replace(whole, waybill_no="ZT900000000061", idempotency_key="61", units={line: units - 1})
    second = replace(whole, waybill_no="ZT900000000062", idempotency_key="62", units={line: 1})
    for parcel in (first, first, second, first, second):
        stage.shop.push_shipment(parcel)
    found = stage.shop.find_shipment(number)
    if stage.traveller.ships_units:
        assert found.units == {(line, "ZT900000000061"): units - 1, (line, "ZT900000000062"): 1}
        assert all(found.has(line, parcel) for parcel in (first, second))
    assert found.waybills[line]
    waybills = [shipment["out_sid"] for shipment in stage.trade(number)["shipments"]]
    assert waybills == list(dict.fromkeys(waybills))


def most_of_one(stage: Stage, numbers: list[str]) -> tuple[str, dict[str, int]]:
    """The order whose line has the most units, two at least, with the line's place among its goods."""
    orders = [stage.trade(number) for number in numbers]
    lines = [(order, place, line) for order in orders for place, line in enumerate(order["lines"])]
    order, place, line = max(lines, key=lambda found: int(found[2]["num"]))
    assert line["num"] > 1
    return order["tid"], {"place": place, "num": line["num"]}


def test_a_cash_order_ships_as_one(stage: Stage) -> None:
    number = first_of_kind(stage, "cod")
    if not number:
        return
    order = stage.order(number)
    assert order.is_cod
    stage.shop.push_shipment(replace(stage.parcel(number, "ZT900000000041"), is_cod=True))
    assert set(stage.shop.find_shipment(number).waybills.values()) == {"ZT900000000041"}


def test_what_is_held_is_told_as_held_and_ships_when_it_is_free(stage: Stage) -> None:
    number = first_of_kind(stage, "held")
    if not number:
        return
    held = stage.order(number)
    if stage.traveller.holds_as_unpaid:
        assert held.state is r.OrderState.UNPAID
    else:
        assert held.platform_holds
    if not stage.traveller.ships_held:
        with pytest.raises(Permanent):
            stage.shop.push_shipment(stage.parcel(number, "ZT900000000051"))
    stage.act(number, "release")
    assert stage.captured()[number].platform_holds == ()
    stage.shop.push_shipment(stage.parcel(number, "ZT900000000051"))
    assert shipped_lines(stage, number)


def first_of_kind(stage: Stage, kind: str) -> str:
    """A new order of a kind, empty where the platform has none."""
    with suppress(UnknownHere):
        return stage.buy(kind)[0]
    return ""


def test_a_cancelled_order_takes_no_parcel(stage: Stage) -> None:
    (number,) = stage.buy("plain")
    stage.act(number, "cancel")
    stage.pass_time()
    with pytest.raises(Permanent):
        stage.shop.push_shipment(stage.parcel(number, "ZT900000000081"))
    assert stage.trade(number)["shipments"] == []


def test_a_buyers_wish_for_another_address_holds_until_it_is_answered(stage: Stage) -> None:
    number = first_of_kind(stage, "address_change")
    if not number:
        return
    assert stage.captured()[number].platform_holds == ("address_change",)
    with pytest.raises(Retryable):
        stage.shop.push_shipment(stage.parcel(number, "ZT900000000091"))
    douyin: Any = stage.shop
    douyin.doudian.write("order/addressConfirm", order_id=number, is_approved=1001)
    assert stage.captured()[number].platform_holds == ()
    stage.shop.push_shipment(stage.parcel(number, "ZT900000000091"))
    assert shipped_lines(stage, number)


def test_what_is_authorised_alone_waits_for_its_money(stage: Stage) -> None:
    number = first_of_kind(stage, "pre_auth") if stage.traveller.vendor in ("saleor", "vendure") else ""
    if not number:
        return
    assert stage.captured()[number].state is r.OrderState.UNPAID
    stage.act(number, "pay")
    assert stage.captured()[number].state is r.OrderState.OPEN
    stage.shop.push_shipment(stage.parcel(number, "ZT900000000092"))
    assert shipped_lines(stage, number)
