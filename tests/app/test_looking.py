"""Parcels that nobody tells of are asked after, less often as they age, and named when they look wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract.errors import OutcomeUnknown, RateLimited, Refused
from connectors.contract.families import Carrier
from connectors.contract.notices import ParcelState as State
from oms.app.pipeline.tracking.looking import look_batch
from oms.app.pipeline.tracking.looks import counts, warned
from oms.app.pipeline.tracking.saying import say_ended
from oms.domain.errors import Invalid, NotFound, NotPossible
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


def listed(world: World) -> list[tuple[str, str]]:
    with world.hub.engine.connect() as connection:
        assert sum(counts(connection, None).values()) == len(warned(connection, None))
        return [(row["waybill_no"], row["warning"]) for row in warned(connection, None)]


@pytest.mark.parametrize("answer", [Refused("this number is too long", code="701"), OutcomeUnknown("no answer")])
def test_a_parcel_that_the_carrier_does_not_take_is_looked_at_all_the_same(world: World, answer: Exception) -> None:
    for _ in range(80):
        world.script.next("subscribe", answer)
    on_its_way(world, "YT7")
    for _ in range(80):
        world.clock.forward(1800)
        settle(world)
    assert world.one("select state from outbound where kind = 'subscribe_parcel'") in ("refused", "stuck")
    look_batch(world.hub)
    assert listed(world) == [("YT7", "no_scan")]


def test_a_parcel_that_is_lost_stays_listed_until_people_say_so_and_costs_no_more_calls(world: World) -> None:
    order = on_its_way(world, "YT8")
    report(world, a_trail(world, "YT8", State.ON_THE_WAY, first=1))
    world.clock.forward(46 * 24 * HOUR)
    look_batch(world.hub)
    assert (world.script.asked("track"), listed(world)) == ([], [("YT8", "no_news")])
    parcel = world.one("select id from parcel")
    with pytest.raises(NotFound):
        say_ended(world.hub, parcel, "lost", [2], "user:1")
    with pytest.raises(Invalid):
        say_ended(world.hub, parcel, "eaten", None, "user:1")
    say_ended(world.hub, parcel, "lost", [1], "user:1")
    assert (listed(world), world.one("select state from parcel")) == ([], "lost")
    assert (world.phase(order), world.events(order)[-1]) == ("trouble", "parcel_lost")
    with pytest.raises(NotPossible):
        say_ended(world.hub, parcel, "lost", None, "user:1")


def test_a_parcel_may_be_said_to_be_signed_for_and_expects_nothing_back(world: World) -> None:
    order = on_its_way(world, "YT9")
    report(world, a_trail(world, "YT9", State.REFUSED, first=1))
    say_ended(world.hub, world.one("select id from parcel"), "delivered", None, "user:1")
    assert (world.phase(order), world.one("select status from return_receipt")) == ("delivered", "withdrawn")
    assert world.one("select delivered_at from parcel") == world.clock()


def test_a_parcel_that_was_signed_for_is_listed_no_more_at_once(world: World) -> None:
    on_its_way(world, "YT10")
    world.clock.forward(30 * HOUR)
    look_batch(world.hub)
    assert listed(world) == [("YT10", "no_scan")]
    report(world, a_trail(world, "YT10", State.DELIVERED, first=29))
    assert listed(world) == []


def test_what_a_carrier_says_beside_its_scans_is_told_once_and_one_that_gives_up_is_asked_after_soon(
    world: World,
) -> None:
    order = on_its_way(world, "YT11")
    trail = a_trail(world, "YT11", State.ON_THE_WAY)
    report(world, replace(trail, alerts=("company corrected: yuantong to zhongtong",)))
    due = look(world, "YT11").due_at
    given_up = replace(trail, alerts=("tracking given up: nothing for 3 days",), aborted=True)
    for _ in range(2):
        report(world, given_up)
    told = [row.detail["words"] for row in world.rows(
        "select detail from event where order_id = :id and kind = 'carrier_alert' order by id", id=order)]  # fmt: skip
    assert told == ["company corrected: yuantong to zhongtong", "tracking given up: nothing for 3 days"]
    assert look(world, "YT11").due_at == world.clock() + timedelta(hours=1) < due
