"""Shifts: whether a time is within one, and when it ends; minutes of the wall clock of the shift's own zone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

#: A shift that runs every week comes again within so many days.
WEEK = 8


class Turn(NamedTuple):
    """One time that a shift runs."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Shift:
    """On these days of the week (1 is Monday) from one minute after midnight to another.

    An end that is not after the start is on the next day.
    """

    weekdays: Collection[int]
    starts_min: int
    ends_min: int
    timezone: str

    def turn(self, now: datetime) -> Turn | None:
        """The turn that runs at a moment, else the next one; None for a shift without days."""
        zone = ZoneInfo(self.timezone)
        today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        overnight = 0 if self.ends_min > self.starts_min else 1440
        for day in range(-1, WEEK):  # One that began yesterday may still run.
            midnight = today + timedelta(days=day)
            ends_at = _moment(midnight + timedelta(minutes=self.ends_min + overnight), zone)
            if midnight.isoweekday() in self.weekdays and now < ends_at:
                return Turn(_moment(midnight + timedelta(minutes=self.starts_min), zone), ends_at)
        return None


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clocks of a zone show this."""
    return wall.replace(tzinfo=zone).astimezone(UTC)
