"""Scans are looked for only under the months a parcel can have scans in, and are kept once all the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from connectors.contract import notices as n
from oms.domain.months import months_between
from tests.app.shipping import ship_all, waybills
from tests.factories import World, an_order, report, settle

CHINA = timezone(timedelta(hours=8))


def a_scan(waybill: str, at: datetime) -> n.TrackReport:
    event = n.TrackEvent(at, n.ParcelState.ON_THE_WAY, "on its way", "1")
    return n.TrackReport("ZTO", waybill, n.ParcelState.ON_THE_WAY, (event,))


def followed(world: World) -> str:
    """The waybill of a parcel that left in November."""
    id_ = an_order(world)
    settle(world)
    ship_all(world, id_)
    (waybill,) = waybills(world, id_)
    return waybill


def test_a_scan_of_another_month_and_zone_is_kept_once(world: World) -> None:
    waybill = followed(world)
    at = datetime(2026, 12, 1, 3, 0, tzinfo=CHINA)
    world.clock.now = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
    report(world, a_scan(waybill, at))
    world.clock.now = datetime(2027, 1, 2, tzinfo=UTC)
    report(world, a_scan(waybill, at))
    assert world.rows("select month from parcel_event") == [(date(2026, 11, 1),)]


def test_months_before_the_parcel_left_are_not_read(world: World) -> None:
    waybill = followed(world)
    parcel = world.one("select id from parcel")
    at = world.clock.now
    world.run(
        """insert into parcel_event (month, parcel_id, id, at, state, code, words)
           values ('2020-01-01', :parcel, 1, :at, 'on_the_way', '1', 'on its way')""",
        parcel=parcel, at=at,
    )  # fmt: skip
    report(world, a_scan(waybill, at))
    assert world.one("select count(*) from parcel_event where month = '2026-11-01'") == 1


def test_months_run_over_the_end_of_a_year() -> None:
    first, last = datetime(2026, 11, 30, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    assert months_between(first, last) == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert months_between(last, last) == [date(2027, 1, 1)]
