"""Reports that add to, contradict or repeat what a warehouse has told before of the same fulfilment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import notices as n
from connectors.contract.errors import Refused
from oms.app.kernel.holds import lift
from oms.app.pipeline.packing import desk as packing
from oms.app.pipeline.packing.parcels import PackedParcel
from tests.app.shipping import a_parcel, a_shipment, number_of, waybills
from tests.factories import START, World, a_line, an_order, report, settle

FAR = datetime(9999, 12, 30, 16, tzinfo=UTC)


def at_warehouse(world: World) -> tuple[int, int]:
    """An order of A ×2 and B ×1 at its warehouse: (order, fulfilment)."""
    id_ = an_order(world, [a_line("1", "A", 2, 2000), a_line("2", "B", 1, 500)])
    settle(world)
    return id_, world.fulfilments(id_)[-1].id


def statuses(world: World, order_id: int) -> list[str]:
    return [work.status for work in world.fulfilments(order_id)]


def on_hand(world: World, sku: int = 100) -> int:
    return int(world.one("select sum(on_hand) from stock_level where sku_id = :sku", sku=sku))


def lines(*told: tuple[str, int]) -> tuple[n.LineReport, ...]:
    return tuple(n.LineReport("", code, units, units) for code, units in told)


def items(world: World) -> dict[str, int]:
    """Units in parcels by SKU."""
    return dict(
        world.rows("select k.code, sum(i.units)::int from parcel_item i join sku k on k.id = i.sku_id group by 1")
    )


def everything(world: World, order_id: int) -> object:
    """All that a repeated report must leave as it is."""
    return (
        statuses(world, order_id), world.events(order_id), world.holds(order_id), items(world), on_hand(world),
        world.one("select count(*) from parcel"), world.one("select coalesce(sum(count), 0) from alert"),
        world.one("select count(*) from outbound where kind <> 'find_fulfilment'"),
    )  # fmt: skip


def told_platform(world: World) -> list[tuple[str, bool, tuple[str, ...], dict[str, int]]]:
    return [(x.waybill_no, x.whole, x.line_nos, dict(x.units)) for x in world.script.asked("push_shipment")]


def test_goods_added_to_a_waybill_are_booked_to_its_parcel_and_told(world: World) -> None:
    id_, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 1), waybill="W1"), final=False))
    settle(world)
    last = replace(a_shipment(work, a_parcel(("A", 2), ("B", 1), waybill="W1")), lines=lines(("A", 2), ("B", 1)))
    report(world, last)
    settle(world)
    assert (statuses(world, id_), world.phase(id_)) == (["shipped"], "shipped")
    assert (items(world), waybills(world, id_), on_hand(world)) == ({"A": 2, "B": 1}, ["W1"], 198)
    assert told_platform(world) == [("W1", False, ("1",), {"1": 1}), ("W1", False, ("1", "2"), {"1": 2})]
    assert world.one("select count(*) from order_line where written_back_at is null") == 0
    assert len(world.script.asked("subscribe")) == 1
    before = everything(world, id_)
    report(world, last)
    settle(world)
    assert everything(world, id_) == before


def test_more_than_was_planned_in_a_known_waybill_is_noted_once(world: World) -> None:
    id_, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 1), waybill="W1"), final=False))
    for _ in range(2):
        report(world, a_shipment(work, a_parcel(("A", 5), waybill="W1"), final=False))
        settle(world)
    assert world.events(id_).count("unplanned_units") == 1
    assert (items(world), statuses(world, id_), world.holds(id_)) == ({"A": 2}, ["part_shipped"], set())


def test_what_the_lines_say_has_left_is_not_planned_again_though_no_package_has_it(world: World) -> None:
    """The look-up says nothing either: the order is held, and nothing is freed before the warehouse gives it back."""
    id_, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 2), waybill="W1"), final=False))
    last = replace(a_shipment(work, a_parcel(("A", 2), waybill="W1")), lines=lines(("A", 2), ("B", 1)))
    world.script.next("cancel", *[Refused("it has left")] * 3)
    report(world, last)
    settle(world)
    assert statuses(world, id_) == ["part_shipped"]
    assert "short" not in world.events(id_)
    seen = world.one("select seen from hold where kind = 'already_shipped'")
    assert seen["words"] == "the packages and the lines of the warehouse's report contradict each other"
    assert world.rows("select kind, subject from alert") == [("report_contradicts", number_of(work))]
    before = everything(world, id_)
    report(world, last)
    settle(world)
    assert everything(world, id_) == before
    report(world, a_shipment(work, a_parcel(("B", 1), waybill="W2")))
    settle(world)
    assert (statuses(world, id_), items(world)) == (["shipped"], {"A": 2, "B": 1})


def test_a_final_report_of_lines_without_packages_is_not_given_up(world: World) -> None:
    id_, work = at_warehouse(world)
    world.script.next("cancel", *[Refused("it has left")] * 3)
    report(world, replace(a_shipment(work), lines=lines(("A", 2), ("B", 1))))
    settle(world)
    assert statuses(world, id_) == ["sent"]
    assert "already_shipped" in world.holds(id_)


def test_packages_that_hold_more_than_the_lines_say_are_booked_and_told_to_people(world: World) -> None:
    id_, work = at_warehouse(world)
    report(world, replace(a_shipment(work, a_parcel(("A", 2), ("B", 1))), lines=lines(("A", 1), ("B", 1))))
    settle(world)
    assert (statuses(world, id_), items(world)) == (["shipped"], {"A": 2, "B": 1})
    assert world.one("select seen from hold where kind = 'already_shipped'")["lines"] == [
        world.one("select id from order_line where external_no = '1'")
    ]


@pytest.mark.parametrize("of_all", [True, False])
def test_lines_may_tell_of_all_reports_or_only_of_this_one(world: World, of_all: bool) -> None:
    id_, work = at_warehouse(world)
    first = a_shipment(work, a_parcel(("A", 1), waybill="W1"), final=False)
    report(world, replace(first, lines=lines(("A", 1))))
    second = a_parcel(("A", 1), ("B", 1), waybill="W2")
    report(world, replace(a_shipment(work, second), lines=lines(("A", 2 if of_all else 1), ("B", 1))))
    settle(world)
    assert (statuses(world, id_), world.holds(id_), items(world)) == (["shipped"], set(), {"A": 2, "B": 1})


def test_a_warehouse_that_ships_again_what_has_left_is_told_to_people(world: World) -> None:
    id_, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 2), ("B", 1), waybill="W1")))
    settle(world)
    again = a_shipment(work, a_parcel(("A", 2), waybill="W2"))
    report(world, again)
    settle(world)
    assert (waybills(world, id_), world.one("select count(*) from parcel")) == (["W1"], 1)
    assert (on_hand(world), on_hand(world, 101)) == (196, 199)
    assert world.holds(id_) == {"already_shipped"}
    assert world.rows("select kind, subject, count from alert") == [("left_unasked", number_of(work), 1)]
    hold = world.one("select id from hold where kind = 'already_shipped'")
    lift(world.hub, hold, "user:1", "the buyer keeps both")
    settle(world)
    before = everything(world, id_)
    report(world, again)
    settle(world)
    assert everything(world, id_) == before
    report(world, a_shipment(work, a_parcel(("A", 2), waybill="W3")))
    assert (on_hand(world), world.holds(id_)) == (194, {"already_shipped"})


def test_an_empty_further_box_of_what_has_left_is_followed_as_ever(world: World) -> None:
    id_, work = at_warehouse(world)
    report(world, a_shipment(work, a_parcel(("A", 2), ("B", 1), waybill="W1")))
    report(world, a_shipment(work, a_parcel(waybill="W2"), final=False))
    assert (world.one("select count(*) from parcel"), world.holds(id_)) == (2, set())


def test_a_packer_adds_goods_to_a_parcel_that_was_closed_before(world: World) -> None:
    world.run("update stock_point set account_id = null")
    id_, work = at_warehouse(world)
    for key, final in (("a", False), ("b", True)):
        goods = {"A": 1} if key == "a" else {"A": 1, "B": 1}
        teller = packing.Teller("user:7", (1, 2), key)
        packing.ship(world.hub, work, [PackedParcel("ZTO", "ZT2001", goods)], teller, final=final)
        settle(world)
    assert (statuses(world, id_), items(world), waybills(world, id_)) == (["shipped"], {"A": 2, "B": 1}, ["ZT2001"])
    assert told_platform(world)[-1] == ("ZT2001", False, ("1", "2"), {"1": 2})


@pytest.mark.parametrize(("left_at", "is_believed"), [
    (FAR, False), (START + timedelta(minutes=6), False), (START - timedelta(days=1), False),
    (START + timedelta(minutes=4), True), (START, True),
])  # fmt: skip
def test_a_time_at_which_it_cannot_have_left_is_not_believed(world: World, left_at: datetime, is_believed: bool) -> None:
    id_, work = at_warehouse(world)
    told = replace(a_shipment(work, a_parcel(("A", 2), ("B", 1), waybill="W1")), shipped_at=left_at)
    for _ in range(2):
        report(world, told)
        settle(world)
    assert world.one("select handed_over_at from parcel") == (left_at if is_believed else world.clock())
    assert world.events(id_).count("ship_time_odd") == (0 if is_believed else 1)
