"""When something is done that takes so many minutes of open time: a store prepares goods only while it is open."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oms.domain.opening_hours import FARTHEST, opens

ONE_DAY = timedelta(days=1)


def done_after(
    now: datetime, minutes: int, zone: str, hours: Mapping[str, Any], closed: Collection[date] = ()
) -> datetime | None:
    """The moment by which so many open minutes have passed, in now's own zone; None when it opens on no day to come."""
    left = timedelta(minutes=minutes)
    local = now.astimezone(ZoneInfo(zone))
    for opened_at, closes_at in _spans(local.date(), zone, hours, closed):
        begins_at = max(opened_at, local)
        if closes_at <= begins_at:
            continue
        if closes_at - begins_at >= left:
            return (begins_at + left).astimezone(now.tzinfo)
        left -= closes_at - begins_at
    return None


def _spans(
    day: date, zone: str, hours: Mapping[str, Any], closed: Collection[date]
) -> Iterator[tuple[datetime, datetime]]:
    """Open times from the day before on; closing before opening means after midnight."""
    tz = ZoneInfo(zone)
    for number in range(-1, FARTHEST):
        current = day + ONE_DAY * number
        span = opens(hours, current, closed)
        if span is None:
            continue
        opened_at = datetime.combine(current, span[0], tz)
        is_next_day = span[1] <= span[0] or span[1] == time.max
        ends_at = time.min if span[1] == time.max else span[1]
        # Compared and added as moments: a day may have 23 or 25 hours.
        closes_at = datetime.combine(current + ONE_DAY if is_next_day else current, ends_at, tz)
        utc = ZoneInfo("UTC")
        yield opened_at.astimezone(utc), closes_at.astimezone(utc)
