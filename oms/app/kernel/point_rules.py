"""What keeps stock points from some orders: where they deliver, which have a daily capacity, when goods leave them.

Only points that have areas or a capacity are in here, so that all others cost nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from oms.domain.areas import Area, Coverage, Place
from oms.domain.opening_hours import FARTHEST, leaves_on, opens
from oms.domain.polygons import from_json


@dataclass(frozen=True, slots=True)
class PointRules:
    """Of points that have them: coverage, and the time zone of those with a daily capacity."""

    coverage: dict[int, Coverage] = field(default_factory=dict)
    zones: dict[int, str] = field(default_factory=dict)
    #: Points of which a receiver's division does not always tell whether they deliver there.
    placed: frozenset[int] = frozenset()
    #: Pool → account of the geocoder that knows where its receivers are; only read when `placed` is not empty.
    geocoders: dict[int, int] = field(default_factory=dict)
    #: Of points with hours, closed days or a cut-off: the day on which goods planned now leave, and hours until that day.
    leaves: Mapping[int, date] = field(default_factory=dict)
    waits: Mapping[int, int] = field(default_factory=dict)
    #: And of those that do not work today any more: when they open again.
    opens: Mapping[int, datetime] = field(default_factory=dict)
    #: What the areas were when they were read, so that they are read again only when they have changed.
    stamp: tuple[int, ...] = ()

    @property
    def longest_code(self) -> int:
        """How many figures of a division code matter."""
        return max((coverage.longest_code for coverage in self.coverage.values()), default=0)

    def may_serve(self, point_id: int, division: str) -> bool:
        """Whether a point delivers to a division, or might: that is looked at again where a place is known."""
        coverage = self.coverage.get(point_id)
        return coverage is None or coverage.covers(division) is not False

    def is_unsure(self, point_id: int, division: str) -> bool:
        """Whether it cannot be told by the division alone if a point delivers there."""
        return point_id in self.placed and self.coverage[point_id].covers(division) is None

    def covers(self, point_id: int, division: str, place: Place | None = None, address: str = "") -> bool:
        """Whether a point delivers to a receiver; where that cannot be told it does not."""
        coverage = self.coverage.get(point_id)
        return coverage is None or bool(coverage.covers(division, place, address))


NO_RULES = PointRules()
AREAS = text("""
select a.stock_point_id, a.kind, a.value, a.division_code, a.shape, coalesce(a.metres, 0), a.is_excluded,
       p.latitude, p.longitude
from stock_area a join stock_point p on p.id = a.stock_point_id where p.state <> 'closed'
order by a.stock_point_id, a.id""")
CAPACITIES = text("select id, timezone from stock_point where daily_capacity is not null and state <> 'closed'")
STAMP = text("""
select a.count, a.sum, p.sum from (select count(*), coalesce(sum(id), 0)::bigint as sum from stock_area) a,
  (select coalesce(sum(hashtext(concat_ws('|', id, state = 'closed', latitude, longitude))::bigint), 0)::bigint as sum
   from stock_point) p""")
CALENDARS = text("""
select p.id, p.timezone, p.hours, p.cut_off, array(select c.closed_on from stock_closure c where c.stock_point_id = p.id
  and c.closed_on >= cast(:now as timestamptz)::date - 1)
from stock_point p where p.state <> 'closed' and (p.cut_off <> '' or p.hours <> '{}'
  or exists (select from stock_closure c where c.stock_point_id = p.id))""")
GEOCODERS = text("select pool_id, geocoder_account_id from pool_places")


def read_point_rules(connection: Connection, now: datetime, before: PointRules = NO_RULES) -> PointRules:
    """Areas, capacities and calendars as of this transaction; areas that are as they were are not read again."""
    zones = {row[0]: row[1] for row in connection.execute(CAPACITIES)}
    leaves, waits, opening = _read_leaving(connection, now)
    count, *sums = connection.execute(STAMP).one()
    if not count:
        return PointRules({}, zones, leaves=leaves, waits=waits, opens=opening)
    stamp = (count, *sums)
    is_same = stamp == before.stamp
    coverage = before.coverage if is_same else _read_coverage(connection)
    placed = before.placed if is_same else frozenset([id_ for id_, own in coverage.items() if own.needs_place])
    geocoders = {row[0]: row[1] for row in connection.execute(GEOCODERS)} if placed else {}
    return PointRules(coverage, zones, placed, geocoders, leaves, waits, opening, stamp)


def _read_leaving(connection: Connection, now: datetime) -> tuple[dict[int, date], dict[int, int], dict[int, datetime]]:
    leaves, waits, opening = {}, {}, {}
    for point_id, zone, hours, cut_off, closed in connection.execute(CALENDARS, {"now": now}):
        today = now.astimezone(ZoneInfo(zone)).date()
        day = leaves_on(now, zone, hours or {}, cut_off, closed) or today + timedelta(days=FARTHEST)
        leaves[point_id], waits[point_id] = day, 24 * (day - today).days
        if day > today:
            begins = (opens(hours or {}, day, ()) or (time.min,))[0]
            opening[point_id] = datetime.combine(day, begins, ZoneInfo(zone))
    return leaves, waits, opening


def _read_coverage(connection: Connection) -> dict[int, Coverage]:
    areas: dict[int, list[Area]] = {}
    centres: dict[int, Place | None] = {}
    for point_id, kind, value, code, shape, metres, is_excluded, lat, lon in connection.execute(AREAS):
        corners, holes = from_json(shape or ())
        areas.setdefault(point_id, []).append(Area(kind, value, code, corners, metres, is_excluded, holes))
        centres[point_id] = (lat, lon) if lat is not None and lon is not None else None
    return {point_id: Coverage(tuple(own), centres[point_id]) for point_id, own in areas.items()}
