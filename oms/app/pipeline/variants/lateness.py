"""When a parcel that is planned at a moment would leave a stock point: by its hours, closed days and cut-off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.domain.opening_hours import leaves_on, opens

POINTS = "select id, timezone, hours, cut_off from stock_point"
CLOSED = "select stock_point_id, closed_on from stock_closure"


@dataclass(slots=True)
class Leaving:
    """The calendars of all stock points."""

    points: Mapping[int, tuple[str, Mapping[str, Any], str]]
    closed: Mapping[int, frozenset[date]]
    known: dict[tuple[int, int], datetime] = field(default_factory=dict)

    def leaves_at(self, point_id: int, at: datetime) -> datetime:
        """When goods planned at a moment leave: at the end of the day's work; at once where no hours are kept."""
        zone, hours, cut_off = self.points.get(point_id, ("Asia/Shanghai", {}, ""))
        closed = self.closed.get(point_id, frozenset())
        if not hours and not cut_off and not closed:
            return at
        key = (point_id, int(at.timestamp()) // 60)
        if key not in self.known:
            self.known[key] = _end_of_work(at, zone, hours, cut_off, closed)
        return self.known[key]


def _end_of_work(at: datetime, zone: str, hours: Mapping[str, Any], cut_off: str, closed: frozenset[date]) -> datetime:
    day = leaves_on(at, zone, hours, cut_off, closed)
    if day is None:
        return at + timedelta(days=365)
    span = opens(hours, day, closed) or (time.min, time.max)
    last = min(span[1], time.fromisoformat(cut_off)) if cut_off else span[1]
    return max(at, datetime.combine(day, last, ZoneInfo(zone)))


def read_calendars(connection: Connection) -> Leaving:
    """Calendars as of this transaction."""
    points = {row[0]: (row[1], row[2] or {}, row[3]) for row in fetch(connection, POINTS)}
    closed: dict[int, set[date]] = {}
    for point_id, day in fetch(connection, CLOSED):
        closed.setdefault(point_id, set()).add(day)
    return Leaving(points, {id_: frozenset(days) for id_, days in closed.items()})
