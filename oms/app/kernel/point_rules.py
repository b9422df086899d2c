"""What keeps stock points from some orders: where they deliver, and how many fulfilments a day they can do.

Only points that have areas or a capacity are in here, so that all others cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, text

from oms.domain.areas import Area, Coverage, Place


@dataclass(frozen=True, slots=True)
class PointRules:
    """Of points that have them: coverage; time zone of those with a daily capacity; those that are full today."""

    coverage: dict[int, Coverage] = field(default_factory=dict)
    zones: dict[int, str] = field(default_factory=dict)
    full: frozenset[int] = frozenset()
    #: Points of which a receiver's division does not always tell whether they deliver there.
    placed: frozenset[int] = frozenset()

    @property
    def longest_code(self) -> int:
        """How many figures of a division code matter."""
        return max((coverage.longest_code for coverage in self.coverage.values()), default=0)

    def may_serve(self, point_id: int, division: str) -> bool:
        """Whether a point delivers to a division, or might: that is looked at again where a place is known."""
        coverage = self.coverage.get(point_id)
        return coverage is None or coverage.covers(division) is not False

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
CAPACITIES = text("""
select p.id, p.timezone, coalesce(c.used, 0) >= p.daily_capacity from stock_point p
left join stock_capacity c on c.stock_point_id = p.id
  and c.day = (cast(:now as timestamptz) at time zone p.timezone)::date
where p.daily_capacity is not null and p.state <> 'closed'""")


def read_point_rules(connection: Connection, now: datetime) -> PointRules:
    """Areas and capacities as of this transaction."""
    areas: dict[int, list[Area]] = {}
    centres: dict[int, Place | None] = {}
    for point_id, kind, value, code, shape, metres, is_excluded, lat, lon in connection.execute(AREAS):
        corners = tuple((float(corner[0]), float(corner[1])) for corner in shape or ())
        areas.setdefault(point_id, []).append(Area(kind, value, code, corners, metres, is_excluded))
        centres[point_id] = (lat, lon) if lat is not None and lon is not None else None
    coverage = {point_id: Coverage(tuple(own), centres[point_id]) for point_id, own in areas.items()}
    zones, full = {}, set()
    for point_id, zone, is_full in connection.execute(CAPACITIES, {"now": now}):
        zones[point_id] = zone
        if is_full:
            full.add(point_id)
    placed = frozenset(point_id for point_id, own in coverage.items() if own.needs_place)
    return PointRules(coverage, zones, frozenset(full), placed)
