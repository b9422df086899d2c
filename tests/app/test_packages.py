"""Several packages of one fulfilment: each has a number and a label, each is written back; and clerks who race."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from connectors.contract import labels as lb
from oms.app.intercept import emergency
from oms.app.kernel.holds import hold_order
from oms.app.pipeline.labels.acknowledged import relabellings
from oms.app.pipeline.labels.packages import add_package, packages
from oms.app.pipeline.labels.printing import label_of
from oms.app.pipeline.labels.sweep import settle_numbers
from oms.app.pipeline.packing import desk as packing
from oms.app.pipeline.packing.parcels import PackedParcel
from oms.domain.errors import HubError, NotPossible
from tests.app.labels import own_labels, states
from tests.app.shipping import a_parcel, a_shipment, number_of
from tests.app.test_label_changes import change
from tests.factories import World, a_line, advance, an_order, report, settle

POINTS = (1, 2)


@pytest.fixture
def table(make_world: Callable[..., World]) -> World:
    """Points worked by hand, whose first takes its own numbers of ZTO."""
    world = make_world()
    world.run("update stock_point set account_id = null")
    own_labels(world)
    return world


def sent(world: World, *lines: Any, **changes: Any) -> tuple[int, int]:
    """An order at the point: (order, fulfilment)."""
    id_ = an_order(world, list(lines) or None, **changes)
    settle(world)
    return id_, world.fulfilments(id_)[-1].id


def teller(key: str) -> packing.Teller:
    return packing.Teller("user:7", POINTS, key)


def known(world: World, work: int) -> list[tuple[int, str]]:
    with world.hub.engine.connect() as connection:
        return [(package, state) for package, state, _, _ in packages(connection, work)]


def test_each_package_gets_a_number_of_its_own_and_all_are_written_back(table: World) -> None:
    order, work = sent(table, a_line("1", "A", 3, 3000), is_cod=True)
    assert add_package(table.hub, work, 2, "user:7", POINTS)
    assert not add_package(table.hub, work, 2, "user:8", POINTS)
    settle(table)
    first, second = table.script.asked("request_waybill")
    key = number_of(work)
    assert [(told.number, told.package, told.collect_amount) for told in (first, second)] == [
        (f"{key}_1", 1, 3000), (f"{key}_2", 2, 0)]  # fmt: skip
    assert known(table, work) == [(1, "got"), (2, "got")]
    with table.hub.engine.connect() as connection:
        labels = [label_of(table.hub, connection, work, package) for package in (1, 2)]
    assert [(label.waybill_no, label.collect_amount) for label in labels if label] == [
        (f"WB{key}_1", 3000), (f"WB{key}_2", 0)]  # fmt: skip
    parcels = [PackedParcel("ZTO", "ZT2001", {"A": 2}), PackedParcel("ZTO", "ZT2002", {"A": 1})]
    table.run("update e_waybill set waybill_no = 'ZT200' || package")
    assert packing.ship(table.hub, work, parcels, teller("a"))
    settle(table)
    told = table.script.asked("push_shipment")
    assert sorted((notice.waybill_no, *notice.units.values()) for notice in told) == [("ZT2001", 2), ("ZT2002", 1)]
    settle_numbers(table.hub)
    assert states(table) == ["used", "used"]
    assert table.phase(order) == "shipped"


COLLECTED = "select waybill_no, collect_amount from parcel order by waybill_no"


def two_labels(world: World) -> tuple[int, str, str]:
    """A fulfilment of three A with 30.00 to collect, and the numbers of its two labels."""
    _, work = sent(world, a_line("1", "A", 3, 3000), is_cod=True)
    add_package(world.hub, work, 2, "user:7", POINTS)
    settle(world)
    world.run("update e_waybill set waybill_no = 'ZT700' || package")
    return work, "ZT7001", "ZT7002"


def test_the_money_is_booked_on_the_parcel_whose_label_collects_it(table: World) -> None:
    work, first, second = two_labels(table)
    report(table, a_shipment(work, a_parcel(("A", 1), waybill=second, carrier="ZTO"), final=False))
    assert table.rows(COLLECTED) == [(second, 0)]
    report(table, a_shipment(work, a_parcel(("A", 2), waybill=first, carrier="ZTO"), final=False))
    assert table.rows(COLLECTED) == [(first, 3000), (second, 0)]


def test_the_order_of_packages_in_a_report_says_nothing_about_the_money(table: World) -> None:
    work, first, second = two_labels(table)
    parcels = [a_parcel(("A", 1), waybill=waybill, carrier="ZTO") for waybill in (second, first)]
    report(table, a_shipment(work, *parcels))
    assert table.rows(COLLECTED) == [(first, 3000), (second, 0)]


@pytest.mark.parametrize("closes_empty", [True, False])
def test_the_last_parcel_collects_when_the_collecting_label_never_leaves(table: World, closes_empty: bool) -> None:
    work, _, second = two_labels(table)
    report(table, a_shipment(work, a_parcel(("A", 1), waybill=second, carrier="ZTO"), final=False))
    rest = [] if closes_empty else [a_parcel(("A", 2), waybill="other", carrier="ZTO")]
    report(table, a_shipment(work, *rest))
    held = {row.waybill_no: row.collect_amount for row in table.rows(COLLECTED)}
    assert held == ({second: 3000} if closes_empty else {second: 0, "other": 3000})


def test_a_refused_package_stops_nothing_and_may_be_asked_for_again(table: World) -> None:
    order, work = sent(table)
    with pytest.raises(NotPossible, match="other packages"):
        add_package(table.hub, work, 5, "user:7", POINTS)
    table.script.next("request_waybill", lb.NumbersUsedUp("余额不足"))
    add_package(table.hub, work, 2, "user:7", POINTS)
    settle(table)
    assert (known(table, work), table.holds(order)) == ([(1, "got"), (2, "refused")], set())
    assert "package_refused" in table.events(order)
    add_package(table.hub, work, 2, "user:7", POINTS)
    settle(table)
    assert known(table, work) == [(1, "got"), (2, "got")]
    packing.ship(table.hub, work, [PackedParcel("ZTO", "ZT3001")], teller("a"))
    settle_numbers(table.hub)
    settle(table)
    assert states(table) == ["cancelled", "cancelled"], "numbers that no parcel left under are given back"


def test_a_change_of_the_label_is_asked_for_all_packages_before_anybody_prints(table: World) -> None:
    order, work = sent(table)
    add_package(table.hub, work, 2, "user:7", POINTS)
    settle(table)
    change(table, order)
    settle(table)
    assert len(table.script.asked("change_label")) == 2
    with table.hub.engine.connect() as connection:
        assert [row.fulfilment_id for row in relabellings(connection, POINTS)] == [work]
    assert table.one("select count(*) from event where kind = 'label_told'") == 1


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What becomes of acts that begin at the same moment: done, again, or the words of the refusal."""
    gate, told = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            told.append("done" if act() is not False else "again")
        except HubError as error:
            told.append(error.words)

    people = [threading.Thread(target=run, args=(act,)) for act in acts]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return sorted(told)


def test_of_two_clerks_who_pack_one_fulfilment_one_sends_it(table: World) -> None:
    order, work = sent(table, a_line("1", "A", 2))
    told = at_once(
        lambda: packing.ship(table.hub, work, [PackedParcel("ZTO", "ZT4001")], teller("a")),
        lambda: packing.ship(table.hub, work, [PackedParcel("ZTO", "ZT4002")], teller("b")),
    )
    assert told == ["done", "there is nothing left to do with it here"]
    assert table.one("select count(*) from parcel") == 1
    assert table.one("select sum(units)::int from parcel_item") == 2
    other, again = sent(table, a_line("1", "B", 1))
    same = lambda: packing.ship(table.hub, again, [PackedParcel("ZTO", "ZT4003")], teller("c"))  # noqa: E731 both
    assert at_once(same, same) == ["again", "done"]
    assert [table.phase(id_) for id_ in (order, other)] == ["shipped", "shipped"]


@pytest.mark.parametrize("turn", range(4))
def test_a_stop_against_a_clerk_who_packs_ends_in_one_of_both(table: World, turn: int) -> None:
    order, work = sent(table)

    def stop() -> None:
        hold_order(table.hub, order, "user:1", "wait")
        advance(table)

    def pack() -> object:
        return packing.ship(table.hub, work, [PackedParcel("ZTO", f"ZT500{turn}")], teller("a"))

    acts = (stop, pack) if turn % 2 else (pack, stop)
    told = at_once(*acts)
    (row,) = table.rows("select status, stop from fulfilment where id = :id", id=work)
    if row.status == "shipped":
        assert told in (["done", "done"], ["done", "everything has shipped; there is nothing to hold"])
        assert table.one("select count(*) from parcel") == 1
    else:
        assert told == ["done", "it is being stopped"]
        assert (row.status, row.stop, table.rows("select 1 from parcel")) == ("stopping", "asked", [])
        assert packing.answer_stop(table.hub, work, True, teller("s"))
        assert table.rows("select 1 from parcel") == []


def test_an_emergency_stop_against_a_clerk_never_lets_a_later_parcel_out(table: World) -> None:
    _, work = sent(table)
    told = at_once(
        lambda: emergency.place(table.hub, "all", 0, "wrong labels", "user:1"),
        lambda: packing.ship(table.hub, work, [PackedParcel("ZTO", "ZT6001")], teller("a")),
    )
    left = table.one("select count(*) from parcel")
    assert (told, left) in ((["an emergency stop is in force", "done"], 0), (["done", "done"], 1))
