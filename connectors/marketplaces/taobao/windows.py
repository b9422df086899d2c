"""Walks a list of Taobao in time windows, last page to first, so that rows that move are read twice, not never.

Lists are newest first. A row changed while we read leaves the window and pulls later rows one place forward,
into pages not read yet. Windows end `lag` before now, so nothing can enter one that is being read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Manifest
from connectors.contract.records import Page, Reference
from connectors.marketplaces.taobao.client import CHINA, Top, top_time
from connectors.marketplaces.taobao.reading import Json, moment, number_text, unwrapped, whole


@dataclass(frozen=True, slots=True)
class Listing:
    """A list call: its method, its two time parameters, where rows stand and what names one."""

    method: str
    since: str
    until: str
    rows: str
    number: str
    fields: str
    types: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands; `page` 0 opens the window. Times are whole seconds of China's clock, as text.

    `limit` is where a walk over a past window ends for good, empty for one that follows the clock.
    """

    start: str
    end: str = ""
    page: int = 0
    top: int = 0
    limit: str = ""

    def cursor(self) -> str:
        return orjson.dumps([self.start, self.end, self.page, self.top, *([self.limit] if self.limit else [])]).decode()


def closed_window(since: datetime, until: datetime) -> str:
    """A cursor that walks one past window and then ends."""
    return _Place(top_time(since), limit=top_time(until)).cursor()


class Walk:
    """Reads one list for a shop, a page of references per step."""

    def __init__(self, top: Top, listing: Listing, manifest: Manifest, clock: Callable[[], datetime]) -> None:
        self._top = top
        self._listing = listing
        self._limits = manifest
        self._clock = clock

    def step(self, cursor: str, since: str) -> Page:
        """The next page; an empty cursor starts at `since` (ISO, naive means China), empty means one window ago."""
        place = _read_cursor(cursor) if cursor else _Place(self._first(since))
        if not place.page:
            return self._open(place)
        return self._turn(place)

    def count(self, since: datetime, until: datetime) -> int:
        """How many rows a window holds, without reading them."""
        return whole(self._ask(_Place(top_time(since), top_time(until)), 1, count=True), "total_results")

    def _first(self, since: str) -> str:
        if not since:
            return top_time(self._clock() - self._limits.widest_window)
        try:
            start = datetime.fromisoformat(since)
        except ValueError:
            raise BadRecord("write the start as 2026-01-15 or 2026-01-15T09:30:00+08:00", field="since") from None
        return top_time(start if start.tzinfo else start.replace(tzinfo=CHINA))

    def _open(self, place: _Place) -> Page:
        """Count the window; one page is read by that very call, more are walked from the last."""
        edge = self._clock() - self._limits.lag
        if place.limit:
            edge = min(edge, _moment(place.limit))
        start = _moment(place.start)
        end = min(start + self._limits.widest_window, edge)
        place = replace(place, end=top_time(end))
        if place.end <= place.start:
            return Page(_Place(place.start, limit=place.limit).cursor(), more=False)
        answer = self._ask(place, 1, count=True)
        total, found = whole(answer, "total_results"), self._references(answer)
        if len(found) >= total:
            return self._finished(place, found)
        last = -(-total // self._limits.page_size)
        return self._turn(replace(place, page=last, top=last))

    def _turn(self, place: _Place) -> Page:
        answer = self._ask(place, place.page, count=False)
        found = self._references(answer)
        if place.page == place.top and answer.get("has_next") is True:
            # The list has grown since it was counted: go on to its true end first.
            return Page(replace(place, page=place.page + 1, top=place.top + 1).cursor(), True, references=found)
        if place.page > 1:
            return Page(replace(place, page=place.page - 1).cursor(), True, references=found)
        return self._finished(place, found)

    def _finished(self, place: _Place, found: tuple[Reference, ...]) -> Page:
        """The next window overlaps this one; the hub knows by number and change time what it has."""
        start, end = _moment(place.start), _moment(place.end)
        # Only a window that ended at the edge of now is shorter than the widest.
        reached = end - start < self._limits.widest_window
        begin = end if place.limit else max(end - self._limits.overlap, start)
        return Page(_Place(top_time(begin), limit=place.limit).cursor(), not reached, references=found)

    def _ask(self, place: _Place, page: int, *, count: bool) -> Json:
        listing = self._listing
        params: dict[str, Any] = {listing.since: place.start, listing.until: place.end}
        return self._top.read(
            listing.method,
            fields=listing.fields,
            type=listing.types,
            page_no=page,
            page_size=self._limits.page_size,
            use_has_next=not count,
            **params,
        )

    def _references(self, answer: Json) -> tuple[Reference, ...]:
        found = []
        for row in unwrapped(answer.get(self._listing.rows)):
            number = number_text(row, self._listing.number) if isinstance(row, dict) else ""
            if not number:
                raise BadRecord("a row of the list has no number", field=self._listing.number)
            found.append(Reference(number, moment(row, "modified")))
        return tuple(found)


def _read_cursor(cursor: str) -> _Place:
    try:
        start, end, page, top, *limit = orjson.loads(cursor)
        return _Place(start, end, page, top, *limit)
    except (orjson.JSONDecodeError, ValueError, TypeError):
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor") from None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA).astimezone(UTC)
