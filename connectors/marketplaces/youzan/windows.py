"""Walks a list in time windows, last page to first, so that rows that move are read twice, not never.

A row changed while we read leaves the window and pulls later rows one place forward, into pages not read yet.
Windows end `lag` before now, so nothing can enter one that is being read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Manifest
from connectors.marketplaces.youzan.reading import CHINA, Json

#: No platform lets a caller page for ever; a window that holds more rows is cut in halves.
DEEPEST_ROW = 10_000
#: Asks for one page of a window (start, end, page, size): how many rows the window has, and the page's.
Ask = Callable[[datetime, datetime, int, int], tuple[int, list[Json]]]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands, in Unix seconds; `page` 0 opens the window, `top` is the last page known.

    `limit` is where a walk over a past window ends for good, 0 for one that follows the clock; `width` is that of a
    window cut because it holds too many rows, 0 for the widest.
    """

    start: int
    end: int = 0
    page: int = 0
    top: int = 0
    limit: int = 0
    width: int = 0

    def cursor(self) -> str:
        return orjson.dumps([self.start, self.end, self.page, self.top, self.limit, self.width]).decode()


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
    """Reads one list for a shop, a page of rows per step."""

    def __init__(self, ask: Ask, manifest: Manifest, now: datetime, deepest: int = DEEPEST_ROW) -> None:
        self._ask_for = ask
        self._deepest = deepest
        self._size = manifest.page_size
        self._widest = int(manifest.widest_window.total_seconds())
        self._overlap = int(manifest.overlap.total_seconds())
        self._edge = int((now - manifest.lag).timestamp())

    def step(self, cursor: str, since: str) -> Step:
        """The next page; an empty cursor starts at `since` (ISO, naive means China), empty means one window ago."""
        place = _read_cursor(cursor) if cursor else _Place(self._first(since))
        return self._turn(place) if place.page else self._open(place)

    def _first(self, since: str) -> int:
        if not since:
            return self._edge - self._widest
        try:
            start = datetime.fromisoformat(since)
        except ValueError:
            raise BadRecord("write the start as 2026-01-15 or 2026-01-15T09:30:00+08:00", field="since") from None
        return int((start if start.tzinfo else start.replace(tzinfo=CHINA)).timestamp())

    def _open(self, place: _Place) -> Step:
        """Count the window; one page is read by that very call, more are walked from the last."""
        edge = min(self._edge, place.limit) if place.limit else self._edge
        end = min(place.start + (place.width or self._widest), edge)
        if end <= place.start:
            return Step(_Place(place.start, limit=place.limit).cursor(), more=False)
        place = replace(place, end=end)
        total, found = self._ask(place, 1)
        if total > self._deepest and end - place.start > 1:
            half = _Place(place.start, limit=place.limit, width=(end - place.start) // 2)
            return Step(half.cursor(), more=True)
        if total <= self._size:
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
        """The next window; it overlaps this one, for rows that come late."""
        # Only a window that ended at the edge of now is shorter than it might have been.
        reached = place.end - place.start < (place.width or self._widest)
        # A window that was cut lies in the past, where nothing comes late; an overlap as wide as it would not get on.
        begin = place.end if place.limit or place.width else max(place.end - self._overlap, place.start)
        return Step(_Place(begin, limit=place.limit).cursor(), not reached, tuple(found))

    def _ask(self, place: _Place, page: int) -> tuple[int, list[Json]]:
        return self._ask_for(_time(place.start), _time(place.end), page, self._size)


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _read_cursor(cursor: str) -> _Place:
    try:
        start, end, page, top, limit, width = map(int, orjson.loads(cursor))
    except (ValueError, TypeError):
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor") from None
    return _Place(start, end, page, top, limit, width)
