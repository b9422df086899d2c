"""When a stock point works: opening hours by weekday, closed days, a cut-off; on which day goods leave."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Nobody is closed for longer than this; a calendar that says so is a mistake and is not followed further.
FARTHEST: Final = 60
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def is_time(text: str) -> bool:
    """Whether a text is HH:MM."""
    return _TIME.fullmatch(text) is not None


def opens(hours: Mapping[str, Any], day: date, closed: Collection[date]) -> tuple[time, time] | None:
    """Opening hours of a day, None when it is closed. Without any hours every day is open all day."""
    if day in closed:
        return None
    if not hours:
        return time.min, time.max
    spans: Sequence[str] = hours.get(DAYS[day.weekday()]) or ()
    if len(spans) != 2:
        return None
    return time.fromisoformat(spans[0]), time.fromisoformat(spans[1])


def leaves_on(
    now: datetime, zone: str, hours: Mapping[str, Any], cut_off: str = "", closed: Collection[date] = ()
) -> date | None:
    """The day, in the point's own zone, on which goods planned now leave; None when it opens on no day to come.

    After the cut-off, or when the day's hours are over, it is the next day that is open.
    """
    local = now.astimezone(ZoneInfo(zone))
    day = local.date()
    for _ in range(FARTHEST):
        span = opens(hours, day, closed)
        if span is not None:
            last = min(span[1], time.fromisoformat(cut_off)) if cut_off else span[1]
            if day > local.date() or local.time() <= last:
                return day
        day += timedelta(days=1)
    return None
