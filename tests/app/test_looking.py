"""Parcels that nobody tells of are asked after, less often as they age, and named when they look wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.contract.errors import RateLimited
from connectors.contract.families import Carrier
from connectors.contract.notices import ParcelState as State
from oms.app.pipeline.tracking.looking import look_batch
from oms.app.pipeline.tracking.looks import counts, warned
from oms.domain.parcels import odd
from tests.app.shipping import a_trail, ship_fulfilment
from tests.factories import START, World, an_order, report, settle

HOUR = 3600


def on_its_way(world: World, waybill: str) -> int:
    """An order that left under this number."""
    order = an_order(world)
    settle(world)
    ship_fulfilment(world, world.fulfilments(order)[0].id, waybill=waybill)
    settle(world)
    return order


def look(world: World, waybill: str) -> Any:
    return world.rows(
        "select k.* from parcel_look k join parcel p on p.id = k.parcel_id where p.waybill_no = :no", no=waybill
    )[0]


def test_a_silent_parcel_is_asked_after_and_its_scans_are_kept(world: World) -> None:
    order = on_its_way(world, "YT1")
    assert look_batch(world.hub) == 0
    world.clock.forward(25 * HOUR)
    world.script.next("track", a_trail(world, "YT1", State.COLLECTED, State.ON_THE_WAY, first=20))
    assert look_batch(world.hub) == 1
    (asked,) = world.script.asked("track")
    assert (asked.carrier_code, asked.waybill_no, asked.phone_tail) == ("ZTO", "YT1", "0001")
    assert world.one("select state from parcel where waybill_no = 'YT1'") == "on_the_way"
    assert "parcel_on_the_way" in world.events(order)
    assert look(world, "YT1").due_at == world.clock() + timedelta(hours=2)


def test_a_parcel_that_was_told_of_meanwhile_costs_no_call_and_one_that_arrived_is_looked_at_no_more(
    world: World,
) -> None:
    on_its_way(world, "YT2")
    world.clock.forward(25 * HOUR)
    report(world, a_trail(world, "YT2", State.ON_THE_WAY, first=25))
    assert look_batch(world.hub) == 1
    assert world.script.asked("track") == []
    world.clock.forward(3 * HOUR)
    report(world, a_trail(world, "YT2", State.DELIVERED, first=27))
    assert look_batch(world.hub) == 1
    assert world.rows("select 1 from parcel_look") == []


def test_whoever_asks_for_fewer_calls_is_left_alone_for_the_rest_of_the_batch(world: World) -> None:
    on_its_way(world, "YT3")
    on_its_way(world, "YT4")
    world.clock.forward(25 * HOUR)
    world.script.next("track", RateLimited("slow down", retry_after=90))
    assert look_batch(world.hub) == 2
    assert len(world.script.asked("track")) == 1
    assert {look(world, no).due_at for no in ("YT3", "YT4")} == {world.clock() + timedelta(seconds=90)}


def test_parcels_that_look_wrong_are_listed_until_they_move(world: World) -> None:
    on_its_way(world, "YT5")
    world.clock.forward(30 * HOUR)
    look_batch(world.hub)
    with world.hub.engine.connect() as connection:
        (row,) = warned(connection, None)
        assert (row["warning"], row["waybill_no"], row["shop_id"]) == ("no_scan", "YT5", 1)
        assert warned(connection, [1], "no_news") == []
        assert counts(connection, [1]) == {"no_scan": 1}
        assert warned(connection, [2]) == []
    report(world, a_trail(world, "YT5", State.ON_THE_WAY, first=30))
    world.clock.forward(3 * HOUR)
    look_batch(world.hub)
    assert look(world, "YT5").warning == ""


def test_a_carrier_without_pushes_is_looked_at_from_the_first_hour(world: World) -> None:
    world.hub.vendors["plaintrack"].subscribe = Carrier.subscribe  # type: ignore[attr-defined]
    on_its_way(world, "YT6")
    assert world.script.asked("subscribe") == []
    assert look(world, "YT6").due_at == START + timedelta(hours=1)
    assert world.one("select subscribed_at from parcel where waybill_no = 'YT6'") is None


@pytest.mark.parametrize(
    ("state", "age", "silence", "says"),
    [
        ("handed_over", 23, None, ""),
        ("handed_over", 25, None, "no_scan"),
        ("on_the_way", 100, 71, ""),
        ("on_the_way", 100, 73, "no_news"),
        ("out_for_delivery", 100, 25, "long_out"),
        ("ready", 100, 71, ""),
        ("ready", 100, 73, "not_collected"),
        ("delivered", 900, 800, ""),
    ],
)
def test_what_looks_wrong_depends_on_where_it_is_and_how_long_nothing_was_heard(
    state: str, age: int, silence: int | None, says: str
) -> None:
    assert odd(state, timedelta(hours=age), None if silence is None else timedelta(hours=silence)) == says
