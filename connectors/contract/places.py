"""Where a walk over a list stands, and the cursor that remembers it; how a list is walked is in `windows`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from connectors.contract.errors import BadRecord

SECOND = timedelta(seconds=1)
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = ("start", "end", "limit", "low", "high", "looked")
_NUMBERS = ("part", "page", "top")


@dataclass(frozen=True, slots=True)
class Place:
    """All before `start` is read; `end` is set while the window behind it is being read.

    `limit` ends a walk over a past window for good. List number `part` is read from `low` to `high`, which is less
    than the window when that holds too many rows; `page` 0 opens it, `top` is its last page known. `looked` is when
    the walk last looked back.
    """

    start: datetime
    end: datetime | None = None
    limit: datetime | None = None
    part: int = 0
    low: datetime | None = None
    high: datetime | None = None
    page: int = 0
    top: int = 0
    looked: datetime | None = None

    def cursor(self) -> str:
        """The place as text."""
        return orjson.dumps(
            {name: value for name, value in asdict(self).items() if value}, option=orjson.OPT_UTC_Z
        ).decode()


def closed_window(since: datetime, until: datetime, tick: timedelta = SECOND) -> str:
    """A cursor that walks one past window, `until` rounded up to the platform's `tick`, and then ends."""
    return Place(floored(since, tick), limit=ceiled(until, tick)).cursor()


def floored(at: datetime, tick: timedelta = SECOND) -> datetime:
    """A moment in UTC, cut down to whole ticks."""
    at = at.astimezone(UTC)
    return at - (at - _ZERO) % tick


def ceiled(at: datetime, tick: timedelta = SECOND) -> datetime:
    """A moment in UTC, rounded up to whole ticks."""
    whole = floored(at, tick)
    return whole if whole == at else whole + tick


def starting(since: str, zone: tzinfo | str, otherwise: datetime) -> datetime:
    """The start a person gave, a naive one on the clock of `zone`; empty is `otherwise`."""
    if not since:
        return otherwise
    try:
        start = datetime.fromisoformat(since)
        return (start if start.tzinfo else start.replace(tzinfo=_zone_of(zone))).astimezone(UTC)
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        raise BadRecord("write the start as 2026-01-15 or 2026-01-15T09:30:00+08:00", field="since") from None


def place_of(cursor: str, former: Sequence[str] = (), zone: tzinfo | str = UTC) -> Place:
    """The place a cursor stands for; BadRecord when it is none.

    Cursors once were lists: `former` names their fields in order, of which the last may be missing. Their naive
    times are on the clock of `zone`, their numbers for times Unix seconds.
    """
    try:
        told = orjson.loads(cursor)
        if isinstance(told, list) and len(told) in (len(former), len(former) - 1):
            told = dict(zip(former, told, strict=False))
        return _placed(told, _zone_of(zone))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError):
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor") from None


def _zone_of(zone: tzinfo | str) -> tzinfo:
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def _placed(told: Mapping[str, Any], zone: tzinfo) -> Place:
    times: dict[str, Any] = {name: _time(told[name], zone) for name in _TIMES if told.get(name)}
    numbers = {name: told.get(name, 0) for name in _NUMBERS}
    if any(type(number) is not int or number < 0 for number in numbers.values()):
        raise ValueError("pages and parts are counted from zero")
    place = Place(start=times.pop("start"), **times, **numbers)
    if place.page and not place.end:
        raise ValueError("a page is of a window")
    return place


def _time(value: Any, zone: tzinfo) -> datetime:
    if type(value) is int and value > 0:
        return datetime.fromtimestamp(value, UTC)
    at = datetime.fromisoformat(value)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
