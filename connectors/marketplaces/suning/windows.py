"""Walks a list of Suning in time windows, last page to first, so that rows that move are read twice, not never.

A row changed while we read leaves the window and pulls later rows one place forward, into pages not read yet.
Windows end `lag` before now, so nothing can enter one that is being read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Manifest
from connectors.marketplaces.suning.client import CHINA, Sop, sop_time
from connectors.marketplaces.suning.lists import ListCall
from connectors.marketplaces.suning.reading import Json

#: The platform refuses pages smaller than this.
SMALLEST_PAGE = 10
#: The platform refuses to look back further than three months; a stream that starts earlier starts here.
REACH_SECONDS = 89 * 86_400


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands, in Unix seconds; `page` 0 opens the window, `part` is which of the calls reads it.

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
    return _Place(int(since.timestamp()), limit=-int(-until.timestamp() // 1)).cursor()


class Walk:
    """Reads one list for a shop, a page of rows per step; each window is read once by every call of `calls`."""

    def __init__(self, sop: Sop, calls: Sequence[ListCall], manifest: Manifest) -> None:
        self._sop = sop
        self._calls = calls
        self._size = manifest.page_size
        self._widest = int(min(call.widest for call in calls).total_seconds())
        self._overlap = int(manifest.overlap.total_seconds())
        self._lag = manifest.lag

    def step(self, cursor: str, since: str) -> Step:
        """The next page; an empty cursor starts at `since` (ISO, naive means China), empty means one window ago."""
        place = _read_cursor(cursor, len(self._calls)) if cursor else _Place(self._first(since))
        return self._turn(place) if place.page else self._open(place)

    def count(self, since: datetime, until: datetime) -> int:
        """How many rows a past window holds, without reading them; windows too wide are asked for in pieces."""
        start, end, total = int(since.timestamp()), min(int(until.timestamp()), self._edge()), 0
        while start < end:
            stop = min(start + self._widest, end)
            # Both ends of a window are inside it, so pieces must not share a second.
            last = stop if stop == end else stop - 1
            total += sum(call.ask(self._sop, _text(start), _text(last), 1, SMALLEST_PAGE)[0] for call in self._calls)
            start = stop
        return total

    def _edge(self) -> int:
        return int((self._sop.clock() - self._lag).timestamp())

    def _first(self, since: str) -> int:
        if not since:
            return self._edge() - self._widest
        try:
            start = datetime.fromisoformat(since)
        except ValueError:
            raise BadRecord("write the start as 2026-01-15 or 2026-01-15T09:30:00+08:00", field="since") from None
        return int((start if start.tzinfo else start.replace(tzinfo=CHINA)).timestamp())

    def _open(self, place: _Place) -> Step:
        """Count the window; one page is read by that very call, more are walked from the last."""
        edge = min(self._edge(), place.limit) if place.limit else self._edge()
        if not place.limit:
            place = replace(place, start=max(place.start, edge - REACH_SECONDS))
        end = place.end or min(place.start + self._widest, edge)
        if end <= place.start:
            return Step(_Place(place.start, limit=place.limit).cursor(), more=False)
        place = replace(place, end=end)
        total, found = self._ask(place, 1)
        if len(found) >= total:
            return self._finished(place, found)
        last = -(-total // self._size)
        return self._turn(replace(place, page=last, top=last))

    def _turn(self, place: _Place) -> Step:
        total, found = self._ask(place, place.page)
        if place.page == place.top and total > place.page * self._size:
            # The list has grown since it was counted: go on to its true end first.
            return Step(replace(place, page=place.page + 1, top=place.top + 1).cursor(), True, tuple(found))
        if place.page > 1:
            return Step(replace(place, page=place.page - 1).cursor(), True, tuple(found))
        return self._finished(place, found)

    def _finished(self, place: _Place, found: Sequence[Json]) -> Step:
        """The next call over this window, else the next window; that overlaps this one, for rows that come late."""
        if place.part + 1 < len(self._calls):
            following = _Place(place.start, place.end, part=place.part + 1, limit=place.limit)
            return Step(following.cursor(), True, tuple(found))
        # Only a window that ended at the edge of now is shorter than the widest.
        reached = place.end - place.start < self._widest
        begin = place.end if place.limit else max(place.end - self._overlap, place.start)
        return Step(_Place(begin, limit=place.limit).cursor(), not reached, tuple(found))

    def _ask(self, place: _Place, page: int) -> tuple[int, list[Json]]:
        return self._calls[place.part].ask(self._sop, _text(place.start), _text(place.end), page, self._size)


def _text(seconds: int) -> str:
    return sop_time(datetime.fromtimestamp(seconds, UTC))


def _read_cursor(cursor: str, parts: int) -> _Place:
    try:
        start, end, page, top, part, limit = orjson.loads(cursor)
        place = _Place(*map(int, (start, end, page, top, part, limit)))
    except (ValueError, TypeError):
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor") from None
    # The setting that makes the parts may have become shorter since: the window is then read once more.
    return place if place.part < parts else _Place(place.start, limit=place.limit)
