"""What warehouses report becomes parcels, counters, stock and notices to the platform, in whatever order it comes."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import notices as n
from connectors.contract.errors import Refused
from tests.app.shipping import a_parcel, a_shipment, a_trail, deliver, number_of, progress, ship_all, waybills
from tests.factories import World, a_document, a_line, advance, an_order, raw, report, settle, take


def at_warehouse(world: World, lines: list[dict[str, Any]] | None = None, **changes: Any) -> tuple[int, int]:
    """An order that its warehouse has; answers the order's and the fulfilment's id."""
    id_ = an_order(world, lines or [a_line("1", "A", 2, 2000), a_line("2", "B", 1, 500)], **changes)
    settle(world)
    (work,) = world.fulfilments(id_)
    assert work.status == "sent"
    return id_, work.id


def status(world: World, work: int) -> str:
    return str(world.one("select status from fulfilment where id = :id", id=work))


def told(world: World) -> list[tuple[str, bool, tuple[str, ...]]]:
    """(waybill, whole, lines) of every notice to the platform."""
    settle(world)
    return [(notice.waybill_no, notice.whole, notice.line_nos) for notice in world.script.asked("push_shipment")]


def on_hand(world: World, code: str) -> int:
    return int(world.one("select sum(on_hand) from stock_level where sku_id = :id", id=world.skus[code]))


def test_a_whole_shipment_is_one_notice(world: World) -> None:
    _, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 2), ("B", 1), waybill="W1")))
    assert status(world, work) == "shipped"
    assert told(world) == [("W1", True, ())]
    assert (on_hand(world, "A"), on_hand(world, "B")) == (198, 199)


def test_the_same_report_twice_changes_nothing_more(world: World) -> None:
    id_, work = at_warehouse(world)
    shipment = a_shipment(work, a_parcel(("A", 1), waybill="W1"), final=False)
    for _ in range(2):
        report(world, shipment)
    assert (status(world, work), on_hand(world, "A")) == ("part_shipped", 199)
    assert world.events(id_).count("ship_part") == 1


def test_a_line_is_written_back_by_its_units_and_is_done_when_the_last_left(world: World) -> None:
    id_, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 1), ("B", 1), waybill="W1"), final=False))
    assert told(world) == [("W1", False, ("1", "2"))]
    assert world.phase(id_) == "part_shipped"
    assert world.one("select count(*) from order_line where written_back_at is null") == 1
    report(world, a_shipment(work, a_parcel(("A", 1), waybill="W2")))
    assert told(world)[1:] == [("W2", False, ("1",))]
    assert [notice.units for notice in world.script.asked("push_shipment")] == [{"1": 1}, {"1": 1}]
    assert world.phase(id_) == "shipped"
    assert world.one("select count(*) from order_line where written_back_at is null") == 0


def test_a_cumulative_answer_books_only_what_is_new(world: World) -> None:
    _, work = at_warehouse(world)
    first, second = a_parcel(("A", 1), waybill="W1"), a_parcel(("A", 1), ("B", 1), waybill="W2")
    report(world, a_shipment(work, first, final=False))
    report(world, a_shipment(work, first, second))
    assert (status(world, work), on_hand(world, "A")) == ("shipped", 198)
    # Both notices wait when they are sent, and calls go out beside each other.
    assert sorted(told(world)) == [("W1", False, ("1",)), ("W2", False, ("1", "2"))]


def test_two_packages_under_one_waybill_are_one_parcel(world: World) -> None:
    id_, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 2), waybill="W1"), a_parcel(("B", 1), waybill="W1")))
    assert (status(world, work), waybills(world, id_)) == ("shipped", ["W1"])
    assert told(world) == [("W1", True, ())]


def test_a_waybill_that_carries_two_fulfilments_loses_no_shipment(world: World) -> None:
    first, first_work = at_warehouse(world)
    second, second_work = at_warehouse(world)
    for work in (first_work, second_work):
        report(world, a_shipment(work, a_parcel(("A", 2), ("B", 1), waybill="W1")))
    assert (world.phase(first), world.phase(second)) == ("shipped", "shipped")
    assert [waybill for waybill, _, _ in told(world)] == ["W1", "W1"]


def test_a_final_report_with_units_missing_frees_and_plans_them_again(world: World) -> None:
    id_, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 1), ("B", 1), waybill="W1")))
    assert status(world, work) == "part_shipped"
    settle(world)
    assert status(world, work) == "closed_short"
    again = world.fulfilments(id_)[-1]
    assert (again.status, again.goods_amount) == ("sent", 1000)
    ship_all(world, id_)
    assert world.phase(id_) == "shipped"


def test_an_intermediate_report_after_the_final_one_is_booked_on_what_was_called_short(world: World) -> None:
    id_, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 1), ("B", 1), waybill="W2")))
    report(world, a_shipment(work, a_parcel(("A", 1), waybill="W1"), final=False))
    settle(world)
    assert world.phase(id_) == "shipped"
    assert on_hand(world, "A") == 198
    assert [work.status for work in world.fulfilments(id_)] == ["shipped"]
    assert {lines for _, _, lines in told(world)} == {("1",), ("1", "2")}


def test_what_a_final_report_leaves_open_is_looked_up_before_it_is_planned_again(world: World) -> None:
    id_, work = at_warehouse(world)
    first, last = a_parcel(("A", 1), waybill="W1"), a_parcel(("A", 1), ("B", 1), waybill="W2")
    found = n.FulfilmentFound(number_of(work), n.WarehouseState.SHIPPED, shipment=a_shipment(work, first, last))
    world.script.next("find", found)
    report(world, a_shipment(work, last))
    settle(world)
    report(world, a_shipment(work, first, final=False))
    settle(world)
    assert [work.status for work in world.fulfilments(id_)] == ["shipped"]
    assert (waybills(world, id_), world.holds(id_)) == (["W1", "W2"], set())
    assert {lines for _, _, lines in told(world)} == {("1",), ("1", "2")}


def test_an_intermediate_report_that_comes_when_the_rest_is_planned_again_is_told_to_people(world: World) -> None:
    id_, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 1), ("B", 1), waybill="W2")))
    settle(world)
    report(world, a_shipment(work, a_parcel(("A", 1), waybill="W1"), final=False))
    assert "unplanned_units" in world.events(id_)
    assert "already_shipped" in world.holds(id_)


def test_a_final_report_of_nothing_is_given_up_and_sourced_again(world: World) -> None:
    id_, work = at_warehouse(world)
    report(world, a_shipment(work))
    settle(world)
    assert [x.status for x in world.fulfilments(id_)] == ["cancelled", "sent"]


def test_more_units_than_planned_are_noted(world: World) -> None:
    id_, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 3), ("B", 1), ("C", 1), waybill="W1")))
    assert status(world, work) == "shipped"
    assert world.events(id_).count("unplanned_units") == 2


def test_what_ships_after_it_was_given_back_is_flagged(world: World) -> None:
    id_, work = at_warehouse(world, no="T")
    world.clock.forward(60)
    take(world, raw(a_document("T", [a_line("1", "A", 2, 2000), a_line("2", "B", 1, 500)], at=60, state="cancelled")))
    settle(world)
    assert status(world, work) == "cancelled"
    report(world, a_shipment(work, a_parcel(("A", 2), ("B", 1), waybill="W1")))
    assert "shipped_after_cancel" in world.events(id_)
    assert "already_shipped" in world.holds(id_)


def test_units_that_are_stopped_after_a_part_left_are_freed(world: World) -> None:
    id_, work = at_warehouse(world, no="T")
    report(world, a_shipment(work, a_parcel(("B", 1), waybill="W1"), final=False))
    refund_line_one(world)
    assert status(world, work) == "closed_short"
    assert world.one("select reserved from stock_level where stock_point_id = 1 and sku_id = 100") == 0
    assert "interception_succeeded" in world.events(id_)


def refund_line_one(world: World) -> None:
    world.clock.forward(60)
    lines = [a_line("1", "A", 2, 2000, refund="asked", case_no="C1"), a_line("2", "B", 1, 500)]
    take(world, raw(a_document("T", lines, at=60)))
    settle(world)


def test_a_part_that_leaves_while_the_rest_is_being_stopped_ends_in_a_closed_fulfilment(world: World) -> None:
    id_, work = at_warehouse(world, no="T")
    world.clock.forward(60)
    lines = [a_line("1", "A", 2, 2000, refund="asked", case_no="C1"), a_line("2", "B", 1, 500)]
    take(world, raw(a_document("T", lines, at=60)))
    advance(world)
    assert status(world, work) == "stopping"
    report(world, a_shipment(work, a_parcel(("B", 1), waybill="W1"), final=False))
    settle(world)
    assert status(world, work) == "closed_short"
    assert world.one("select count(*) from interception where ended_at is null") == 0
    assert "refund_asked" in world.holds(id_)


def test_a_refusal_to_stop_the_rest_leaves_it_part_shipped(world: World) -> None:
    _, work = at_warehouse(world, no="T")
    report(world, a_shipment(work, a_parcel(("B", 1), waybill="W1"), final=False))
    world.script.next("cancel", Refused("too late"))
    refund_line_one(world)
    assert status(world, work) == "part_shipped"


def test_a_bundle_is_written_back_when_all_its_parts_left(world: World) -> None:
    id_, work = at_warehouse(world, [a_line("1", "SET", 1, 1000)])
    report(world, a_shipment(work, a_parcel(("A", 1), ("B", 1), waybill="W1"), final=False))
    assert told(world) == []
    report(world, a_shipment(work, a_parcel(("B", 1), waybill="W2")))
    assert told(world) == [("W2", True, ())]
    assert world.phase(id_) == "shipped"


def test_a_line_of_the_platforms_own_warehouse_is_never_written_back_by_us(world: World) -> None:
    _, work = at_warehouse(world, [a_line("1", "A", 1, 1000), a_line("2", "B", 1, 500, fulfiller="platform")])
    report(world, a_shipment(work, a_parcel(("A", 1), waybill="W1")))
    assert told(world) == [("W1", False, ("1",))]


def test_an_unknown_carrier_is_made_known_but_not_used(world: World) -> None:
    id_, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 2), ("B", 1), waybill="W1", carrier="NEWEXP")))
    assert world.phase(id_) == "shipped"
    assert world.one("select is_suspended from carrier where code = 'NEWEXP'") is True


@pytest.mark.parametrize("late", [False, True])
def test_a_trail_adds_what_is_new_and_never_goes_back(world: World, late: bool) -> None:
    id_, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 2), ("B", 1), waybill="W1")))
    states = (n.ParcelState.COLLECTED, n.ParcelState.ON_THE_WAY, n.ParcelState.DELIVERED)
    whole, early = a_trail(world, "W1", *states), a_trail(world, "W1", *states[:2])
    for trail in (whole, early, whole) if late else (early, whole, whole):
        report(world, trail)
    assert world.one("select state from parcel") == "delivered"
    assert world.one("select count(*) from parcel_event") == 3
    assert world.phase(id_) == "delivered"


def test_a_finished_order_keeps_the_moment_it_was_finished(world: World) -> None:
    id_, _ = at_warehouse(world, no="T")
    ship_all(world, id_)
    settle(world)
    world.clock.forward(60)
    lines = [a_line("1", "A", 2, 2000), a_line("2", "B", 1, 500)]
    take(world, raw(a_document("T", lines, at=60, state="completed")))
    closed_at = world.one("select closed_at from orders")
    assert closed_at == world.clock()
    world.clock.forward(60)
    deliver(world, id_)
    settle(world)
    assert world.one("select closed_at from orders") == closed_at


@pytest.mark.parametrize("state", [n.WarehouseState.CANCELLED, n.WarehouseState.REFUSED])
def test_what_a_warehouse_gives_up_is_sourced_again_but_not_for_ever(world: World, state: n.WarehouseState) -> None:
    id_, work = at_warehouse(world)
    for _ in range(2):
        live = world.fulfilments(id_)[-1]
        assert live.status == "sent"
        progress(world, live.id, state)
        settle(world)
    assert [(work.status, work.stock_point_id) for work in world.fulfilments(id_)] == [("cancelled", 1), ("cancelled", 2)]
    assert world.one("select seen from hold where kind = 'pipeline_failed'")["refused_by"] == ["WH1", "WH2"]
    assert number_of(work) == world.script.asked("create")[0].number
