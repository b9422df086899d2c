"""Scans with impossible times are kept, under a month that has a partition."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import notices as n
from tests.app.shipping import ship_all, waybills
from tests.factories import World, an_order, report, settle

S = n.ParcelState


@pytest.mark.parametrize("year", [1970, 2026, 2062])
def test_a_scan_of_a_wrong_year_is_kept_under_a_month_it_can_be_of(world: World, year: int) -> None:
    id_ = an_order(world)
    settle(world)
    ship_all(world, id_)
    (waybill,) = waybills(world, id_)
    at = datetime(year, 11, 21, 3, tzinfo=UTC)
    event = n.TrackEvent(at, n.ParcelState.COLLECTED, "collected", "1")
    world.clock.forward(7200)
    report(world, n.TrackReport("ZTO", waybill, n.ParcelState.COLLECTED, (event,)))
    assert world.rows("select month, at from parcel_event") == [(date(2026, 11, 1), at)]


def trail(*scans: tuple[datetime, n.ParcelState], waybill: str) -> n.TrackReport:
    """Scans told newest first."""
    events = tuple(n.TrackEvent(at, state, state.value, state.value) for at, state in scans)
    return n.TrackReport("ZTO", waybill, events[0].state, events)


def parcel(world: World) -> Any:
    return world.rows("select state, last_event_at, delivered_at from parcel")[0]


def on_its_way(world: World) -> str:
    id_ = an_order(world)
    settle(world)
    ship_all(world, id_)
    world.clock.forward(7200)
    (waybill,) = waybills(world, id_)
    return waybill


def test_of_scans_of_one_second_the_one_told_first_is_the_newest(world: World) -> None:
    waybill = on_its_way(world)
    at = world.clock() - timedelta(minutes=1)
    report(world, trail((at, S.OUT_FOR_DELIVERY), (at, S.ON_THE_WAY), waybill=waybill))
    assert parcel(world).state == "out_for_delivery"


def test_a_scan_of_the_future_does_not_stop_the_true_ones_after_it(world: World) -> None:
    waybill = on_its_way(world)
    ahead = (world.clock() + timedelta(hours=8), S.ON_THE_WAY)
    report(world, trail(ahead, waybill=waybill))
    assert (parcel(world).state, parcel(world).last_event_at) == ("on_the_way", world.clock())
    world.clock.forward(3600)
    out = (world.clock() - timedelta(minutes=10), S.OUT_FOR_DELIVERY)
    report(world, trail(ahead, out, waybill=waybill))
    assert (parcel(world).state, parcel(world).last_event_at) == ("out_for_delivery", out[0])
    world.clock.forward(8 * 3600)
    report(world, trail((world.clock(), S.DELIVERED), ahead, out, waybill=waybill))
    assert (parcel(world).state, world.one("select count(*) from parcel_event")) == ("delivered", 3)


def test_nothing_is_signed_for_in_the_future(world: World) -> None:
    waybill = on_its_way(world)
    report(world, trail((world.clock() + timedelta(days=365), S.DELIVERED), waybill=waybill))
    assert parcel(world).delivered_at == world.clock()
