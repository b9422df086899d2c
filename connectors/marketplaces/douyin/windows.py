"""Walks a list of Doudian oldest change first, by keyset, so that rows that move are read twice, not never.

A row that changes while we read leaves the window and pulls later rows forward, into pages that count as read. So
a full page is followed by a window that starts at its last row's time, again from the first page; pages are only
turned within one second, and when rows left meanwhile that second is begun anew. Windows end `lag` before now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson

from connectors.contract.errors import BadRecord, Retryable
from connectors.contract.manifest import Manifest
from connectors.marketplaces.douyin.client import Doudian
from connectors.marketplaces.douyin.reading import Json, rows, whole

CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Listing:
    """A list call: its path, time parameters and order, where rows stand and which object of a row has its stamp."""

    path: str
    since: str
    until: str
    order: tuple[tuple[str, object], ...]
    rows: str
    stamp: str
    holder: str = ""

    def record(self, row: Json) -> Json:
        """The object of a row that holds its number and times."""
        found = row.get(self.holder) if self.holder else row
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands, in unix seconds; `end` 0 opens a window, `limit` ends a walk over a past one for good."""

    start: int
    end: int = 0
    page: int = 0
    total: int = 0
    limit: int = 0

    def cursor(self) -> str:
        return orjson.dumps([self.start, self.end, self.page, self.total, self.limit]).decode()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of one page, and the cursor behind them."""

    cursor: str
    more: bool
    rows: tuple[Json, ...] = ()


def closed_window(since: datetime, until: datetime) -> str:
    """A cursor that walks one past window and then ends."""
    return _Place(int(since.timestamp()), limit=int(until.timestamp())).cursor()


class Walk:
    """Reads one list for a shop, a page a step."""

    def __init__(self, doudian: Doudian, listing: Listing, manifest: Manifest, clock: Callable[[], datetime]) -> None:
        self._doudian = doudian
        self._listing = listing
        self._limits = manifest
        self._clock = clock

    def step(self, cursor: str, since: str) -> Stretch:
        """The next page; an empty cursor starts at `since` (ISO, naive means China), empty means one window ago."""
        place = _read_cursor(cursor) if cursor else _Place(self._first(since))
        if not place.end:
            edge = int((self._clock() - self._limits.lag).timestamp())
            edge = min(edge, place.limit) if place.limit else edge
            place = replace(place, end=min(place.start + self._widest, edge))
            if place.end <= place.start:
                return Stretch(replace(place, end=0).cursor(), more=False)
        return self._turn(place)

    def count(self, since: datetime, until: datetime) -> int:
        """How many rows a window holds, without reading them all."""
        return whole(self._ask(_Place(int(since.timestamp()), int(until.timestamp())), 1), "total")

    @property
    def _widest(self) -> int:
        return int(self._limits.widest_window.total_seconds())

    def _first(self, since: str) -> int:
        if not since:
            return int((self._clock() - self._limits.widest_window).timestamp())
        try:
            start = datetime.fromisoformat(since)
        except ValueError:
            raise BadRecord("write the start as 2026-01-15 or 2026-01-15T09:30:00+08:00", field="since") from None
        return int((start if start.tzinfo else start.replace(tzinfo=CHINA)).astimezone(UTC).timestamp())

    def _turn(self, place: _Place) -> Stretch:
        size = self._limits.page_size
        answer = self._ask(place, size)
        found, total = tuple(rows(answer, self._listing.rows)), whole(answer, "total")
        if place.page and total < place.total:
            # Rows left while pages were turned, so others moved into pages already read.
            return Stretch(replace(place, page=0, total=0).cursor(), True, found)
        if place.page * size + len(found) >= total or not found:
            return self._finished(place, found)
        latest = self._latest(found)
        if latest > place.start:
            return Stretch(replace(place, start=latest, page=0, total=0).cursor(), True, found)
        return Stretch(replace(place, page=place.page + 1, total=total).cursor(), True, found)

    def _latest(self, found: tuple[Json, ...]) -> int:
        """The last row's time where the rows come oldest first; 0 when the platform sorted them otherwise."""
        times = [whole(self._listing.record(row), self._listing.stamp) for row in found]
        return times[-1] if times == sorted(times) else 0

    def _finished(self, place: _Place, found: tuple[Json, ...]) -> Stretch:
        """The next window overlaps this one; the hub knows by number and change time what it has."""
        overlap = int(self._limits.overlap.total_seconds())
        edge = int((self._clock() - self._limits.lag).timestamp())
        if place.limit and place.limit <= edge:
            # One second is read again: whether the platform counts the ends of a window in is not published.
            more = place.end < place.limit
            return Stretch(_Place(place.end - (1 if more else 0), limit=place.limit).cursor(), more, found)
        more = place.end + overlap < edge
        return Stretch(_Place(place.end - overlap, limit=place.limit).cursor(), more, found)

    def _ask(self, place: _Place, size: int) -> Json:
        listing = self._listing
        window: dict[str, Any] = {listing.since: place.start, listing.until: place.end}
        answer = self._doudian.read(listing.path, page=place.page, size=size, **window, **dict(listing.order))
        if listing.rows not in answer and not isinstance(answer.get("total"), int):
            raise Retryable("the platform answered without the list", code="not-an-answer")
        return answer


def _read_cursor(cursor: str) -> _Place:
    try:
        parts = orjson.loads(cursor)
        if len(parts) == 5 and all(type(number) is int for number in parts):
            return _Place(*parts)
    except (orjson.JSONDecodeError, TypeError):
        pass
    raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor")
