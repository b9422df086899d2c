"""Shifts: whether a time is within one, and when it ends; minutes of the wall clock of the shift's own zone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Shift:
    """On these days of the week (1 is Monday) from one minute after midnight to another.

    An end that is not after the start is on the next day.
    """

    weekdays: Collection[int]
    starts_min: int
    ends_min: int
    timezone: str

    def ends_at(self, now: datetime) -> datetime | None:
        """When the shift that runs at a moment ends; None when none runs."""
        zone = ZoneInfo(self.timezone)
        today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        for midnight in (today, today - timedelta(days=1)):  # One that began yesterday may still run.
            if midnight.isoweekday() not in self.weekdays:
                continue
            length = self.ends_min - self.starts_min
            starts = _moment(midnight + timedelta(minutes=self.starts_min), zone)
            ends = _moment(
                midnight + timedelta(minutes=self.starts_min + (length if length > 0 else length + 1440)), zone
            )
            if starts <= now < ends:
                return ends
        return None


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clocks of a zone show this."""
    return wall.replace(tzinfo=zone).astimezone(UTC)
