"""Scans with impossible times are kept, under a month that has a partition."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connectors.contract import notices as n
from tests.app.shipping import ship_all, waybills
from tests.factories import World, an_order, report, settle


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
