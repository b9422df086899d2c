"""Walks a list of Pinduoduo in time windows, last page to first, so that rows that move are read twice, not never.

A row changed while we read leaves the window and pulls later rows one place forward, into pages not read yet.
Windows end `lag` before now, as the platform wants, so nothing can enter one that is being read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Manifest
from connectors.marketplaces.pinduoduo.client import Pop
from connectors.marketplaces.pinduoduo.reading import Json, rows, whole

#: Naive times are China's, which has no daylight saving.
CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Listing:
    """A list call: its method and root, its two time parameters, where rows stand, what is always asked.

    Each window is read once for every one of `parts`, for what the platform cannot list in one go.
    """

    method: str
    root: str
    since: str
    until: str
    rows: str
    asked: Mapping[str, object]
    parts: tuple[Mapping[str, object], ...] = ({},)
    knows_has_next: bool = True


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands, in Unix seconds; `page` 0 opens the window.

    `limit` is where a walk over a past window ends for good, 0 for one that follows the clock.
    """

    start: int
    end: int = 0
    page: int = 0
    top: int = 0
    part: int = 0
    limit: int = 0

    def cursor(self) -> str:
        return orjson.dumps([self.start, self.end, self.page, self.top, self.part, self.limit]).decode()


@dataclass(frozen=True, slots=True)
class Step:
    """One page of rows; the cursor and whether to go on at once are the hub's."""

    cursor: str
    more: bool
    rows: tuple[Json, ...] = ()


def closed_window(since: datetime, until: datetime) -> str:
    """A cursor that walks one past window and then ends."""
    return _Place(_seconds(since), limit=-int(-until.timestamp() // 1)).cursor()


class Walk:
    """Reads one list for a shop, a page of rows per step."""

    def __init__(self, pop: Pop, listing: Listing, manifest: Manifest) -> None:
        self._pop = pop
        self._listing = listing
        self._size = manifest.page_size
        self._widest = int(manifest.widest_window.total_seconds())
        self._overlap = int(manifest.overlap.total_seconds())
        self._lag = manifest.lag
        self._clock: Callable[[], datetime] = pop.clock

    def step(self, cursor: str, since: str) -> Step:
        """The next page; an empty cursor starts at `since` (ISO, naive means China), empty means one window ago."""
        place = _read_cursor(cursor, len(self._listing.parts)) if cursor else _Place(self._first(since))
        return self._turn(place) if place.page else self._open(place)

    def count(self, since: datetime, until: datetime) -> int:
        """How many rows a past window holds, without reading them; windows too wide are asked for in pieces."""
        start, end, total = _seconds(since), min(_seconds(until), self._edge()), 0
        while start < end:
            stop = min(start + self._widest, end)
            for number in range(len(self._listing.parts)):
                total += whole(self._ask(_Place(start, stop, part=number), 1, count=True), "total_count")
            start = stop
        return total

    def _edge(self) -> int:
        return _seconds(self._clock() - self._lag)

    def _first(self, since: str) -> int:
        if not since:
            return self._edge() - self._widest
        try:
            start = datetime.fromisoformat(since)
        except ValueError:
            raise BadRecord("write the start as 2026-01-15 or 2026-01-15T09:30:00+08:00", field="since") from None
        return _seconds(start if start.tzinfo else start.replace(tzinfo=CHINA))

    def _open(self, place: _Place) -> Step:
        """Count the window; one page is read by that very call, more are walked from the last."""
        edge = min(self._edge(), place.limit) if place.limit else self._edge()
        end = place.end or min(place.start + self._widest, edge)
        if end <= place.start:
            return Step(_Place(place.start, limit=place.limit).cursor(), more=False)
        place = replace(place, end=end)
        answer = self._ask(place, 1, count=True)
        total, found = whole(answer, "total_count"), self._rows(answer)
        if len(found) >= total:
            return self._finished(place, found)
        last = -(-total // self._size)
        return self._turn(replace(place, page=last, top=last))

    def _turn(self, place: _Place) -> Step:
        answer = self._ask(place, place.page, count=False)
        found = self._rows(answer)
        grown = answer.get("has_next") is True or whole(answer, "total_count") > place.page * self._size
        if place.page == place.top and grown:
            # The list has grown since it was counted: go on to its true end first.
            return Step(replace(place, page=place.page + 1, top=place.top + 1).cursor(), True, found)
        if place.page > 1:
            return Step(replace(place, page=place.page - 1).cursor(), True, found)
        return self._finished(place, found)

    def _finished(self, place: _Place, found: tuple[Json, ...]) -> Step:
        """The next part of this window, else the next window; that overlaps this one, for rows that come late."""
        if place.part + 1 < len(self._listing.parts):
            following = _Place(place.start, place.end, part=place.part + 1, limit=place.limit)
            return Step(following.cursor(), True, found)
        # Only a window that ended at the edge of now is shorter than the widest.
        reached = place.end - place.start < self._widest
        begin = place.end if place.limit else max(place.end - self._overlap, place.start)
        return Step(_Place(begin, limit=place.limit).cursor(), not reached, found)

    def _ask(self, place: _Place, page: int, *, count: bool) -> Json:
        listing = self._listing
        params: dict[str, Any] = {
            listing.since: place.start,
            listing.until: place.end,
            "page": page,
            "page_size": self._size,
            **listing.asked,
            **listing.parts[place.part],
        }
        if listing.knows_has_next:
            params["use_has_next"] = not count
        return self._pop.read(listing.method, listing.root, **params)

    def _rows(self, answer: Json) -> tuple[Json, ...]:
        return tuple(rows(answer, self._listing.rows))


def _read_cursor(cursor: str, parts: int) -> _Place:
    try:
        place = _Place(*orjson.loads(cursor))
    except (orjson.JSONDecodeError, TypeError):
        place = _Place(-1)
    fields = (place.start, place.end, place.page, place.top, place.part, place.limit)
    if not all(type(value) is int and value >= 0 for value in fields) or place.part >= parts:
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor")
    return place


def _seconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp())
