"""Units of one line that leave in several parcels are told to the platform with their own parcel, each unit once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown
from oms.app.kernel.outbound import CLAIM, claim_outbound
from tests.app.shipping import a_parcel, a_shipment
from tests.factories import World, a_line, an_order, report, settle

SHIPPED = "select count(*) from order_line where written_back_at is not null"


def at_warehouse(world: World, *lines: dict[str, Any]) -> tuple[int, int]:
    """An order that its warehouse has; answers the order's and the fulfilment's id."""
    id_ = an_order(world, list(lines))
    settle(world)
    (work,) = world.fulfilments(id_)
    return id_, work.id


def told(world: World) -> list[tuple[str, Mapping[str, int]]]:
    """(waybill, units) of every notice to the platform; a whole line has no units."""
    settle(world)
    return [(notice.waybill_no, dict(notice.units)) for notice in world.script.asked("push_shipment")]


def test_two_units_and_one_unit_are_told_as_such(world: World) -> None:
    id_, work = at_warehouse(world, a_line("1", "A", 3, 3000))
    report(world, a_shipment(work, a_parcel(("A", 2), waybill="W1"), final=False))
    assert (told(world), world.one(SHIPPED)) == ([("W1", {"1": 2})], 0)
    report(world, a_shipment(work, a_parcel(("A", 1), waybill="W2")))
    assert told(world) == [("W1", {"1": 2}), ("W2", {"1": 1})]
    assert (world.phase(id_), world.one(SHIPPED)) == ("shipped", 1)


def test_two_parcels_of_one_report_tell_each_its_own(world: World) -> None:
    _, work = at_warehouse(world, a_line("1", "A", 3, 3000))
    report(world, a_shipment(work, a_parcel(("A", 2), waybill="W1"), a_parcel(("A", 1), waybill="W2")))
    assert sorted(told(world)) == [("W1", {"1": 2}), ("W2", {"1": 1})]


def test_the_rest_sent_from_another_fulfilment_is_told_with_its_own_parcel(world: World) -> None:
    id_, work = at_warehouse(world, a_line("1", "A", 3, 3000))
    report(world, a_shipment(work, a_parcel(("A", 2), waybill="W1")))
    settle(world)
    rest = world.fulfilments(id_)[-1].id
    assert rest != work
    report(world, a_shipment(rest, a_parcel(("A", 1), waybill="W2")))
    assert told(world) == [("W1", {"1": 2}), ("W2", {"1": 1})]


def test_units_under_a_waybill_of_two_fulfilments_are_told_in_all(world: World) -> None:
    id_, work = at_warehouse(world, a_line("1", "A", 3, 3000))
    report(world, a_shipment(work, a_parcel(("A", 2), waybill="W1")))
    settle(world)
    report(world, a_shipment(world.fulfilments(id_)[-1].id, a_parcel(("A", 1), waybill="W1")))
    assert told(world) == [("W1", {"1": 2}), ("W1", {"1": 3})]


def test_a_bundle_s_unit_is_whole_when_all_its_parts_left(world: World) -> None:
    _, work = at_warehouse(world, a_line("1", "SET", 2, 2000))
    report(world, a_shipment(work, a_parcel(("A", 2), ("B", 1), waybill="W1"), final=False))
    assert told(world) == []
    report(world, a_shipment(work, a_parcel(("B", 1), waybill="W2"), final=False))
    assert told(world) == [("W2", {"1": 1})]
    report(world, a_shipment(work, a_parcel(("B", 2), waybill="W3")))
    assert told(world) == [("W2", {"1": 1}), ("W3", {"1": 1})]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_parcel_whose_call_was_killed_is_looked_up_by_its_units(world: World, is_there: bool) -> None:
    _, work = at_warehouse(world, a_line("1", "A", 3, 3000))
    world.script.next("push_shipment", OutcomeUnknown("no answer"))
    report(world, a_shipment(work, a_parcel(("A", 2), waybill="W1"), final=False))
    settle(world)
    report(world, a_shipment(work, a_parcel(("A", 1), waybill="W2")))
    units = {("1", "W2"): 1} | ({("1", "W1"): 2} if is_there else {})
    world.script.next("find_shipment", n.ShipmentFound({"1": "W2"}, units))
    settle(world)
    world.clock.forward(10)
    again = [("W1", {"1": 2})] * (1 if is_there else 2)
    assert sorted(told(world)) == [*again, ("W2", {"1": 1})]
    assert world.one("select count(*) from outbound where kind = 'push_shipment' and state <> 'done'") == 0


def test_a_parcel_of_a_worker_that_died_is_repeated_with_the_same_units(world: World) -> None:
    _, work = at_warehouse(world, a_line("1", "A", 3, 3000))
    report(world, a_shipment(work, a_parcel(("A", 2), waybill="W1"), final=False))
    with world.hub.begin() as connection:
        assert "push_shipment" in [row.kind for row in claim_outbound(connection, world.clock(), 10, ())]
    report(world, a_shipment(work, a_parcel(("A", 1), waybill="W2")))
    world.clock.forward(CLAIM.total_seconds() + 1)
    assert sorted(told(world)) == [("W1", {"1": 2}), ("W2", {"1": 1})]
