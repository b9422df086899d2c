"""Walks JD's lists in time windows, last page to first, so that rows that move are read twice, not never.

A stream may read several lists over one window (`stages`), one after another. Where rows are sorted newest first, one
that changes while we read leaves the window and pulls older rows forward, into pages not read yet. Windows end `lag`
before now, so nothing can enter one that is being read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Manifest
from connectors.marketplaces.jd.client import CHINA, jd_time
from connectors.marketplaces.jd.reading import Json

#: Lists that cannot be asked by change time are read again this far back, and no oftener than this.
LOOK_BACK_EVERY = timedelta(minutes=30)
#: What has more rows than a list can page through is halved down to this.
SHORTEST_PART = timedelta(seconds=2)


class Stage(Protocol):
    """A list of the platform; times are whole seconds of China's clock, as text."""

    @property
    def page_size(self) -> int:
        """Rows a page."""

    @property
    def most_pages(self) -> int:
        """Pages the platform gives of one window."""

    @property
    def looks_back(self) -> bool:
        """Whether rows change without moving in this list, so that it is read again."""

    @property
    def reach(self) -> timedelta | None:
        """How far back the list can be asked."""

    def ask(self, start: str, end: str, page: int) -> tuple[int, list[Json]]:
        """How many rows the window has, and those of one page."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a walk: the rows, and the number of the stage they come from."""

    cursor: str
    more: bool
    stage: int = 0
    rows: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands; `page` 0 opens what lies from `low` to `high`, a part of the stage's window or all of it.

    `limit` is where a walk over a past window ends for good, empty for one that follows the clock; `looked` is when
    it last looked back.
    """

    start: str
    limit: str = ""
    looked: str = ""
    end: str = ""
    stage: int = 0
    low: str = ""
    high: str = ""
    page: int = 0
    top: int = 0

    def cursor(self) -> str:
        return orjson.dumps(astuple(self)).decode()


def closed_window(since: datetime, until: datetime) -> str:
    """A cursor that walks one past window and then ends."""
    return _Place(jd_time(since), jd_time(until), jd_time(until)).cursor()


class Walk:
    """Reads the lists of one stream, a page per step."""

    def __init__(
        self,
        stages: Sequence[Stage],
        limits: Manifest,
        clock: Callable[[], datetime],
        look_back: timedelta = timedelta(0),
    ) -> None:
        self._stages = stages
        self._limits = limits
        self._clock = clock
        self._look_back = look_back

    def step(self, cursor: str, since: str) -> Step:
        """The next page; an empty cursor starts at `since` (ISO, naive means China), empty means one window ago."""
        place = _read_cursor(cursor) if cursor else self._first(since)
        if place.stage >= len(self._stages):
            raise BadRecord("this cursor is of another stream; start this one anew", field="cursor")
        return self._turn(place) if place.page else self._open(place)

    def _first(self, since: str) -> _Place:
        if not since:
            start = self._clock() - self._limits.widest_window
        else:
            try:
                start = datetime.fromisoformat(since)
            except ValueError:
                raise BadRecord("write it as 2026-01-15 or 2026-01-15T09:30:00+08:00", field="since") from None
            start = start if start.tzinfo else start.replace(tzinfo=CHINA)
        return _Place(jd_time(start), looked=jd_time(start))

    def _open(self, place: _Place) -> Step:
        """Count; one page is read by that very call, more are walked from the last, too many are halved."""
        place = self._with_end(place)
        if place.end <= place.start:
            return Step(_Place(place.start, place.limit, place.looked).cursor(), more=False)
        if not place.high:
            place = replace(place, low=self._low(place), high=place.end)
        stage = self._stages[place.stage]
        total, found = stage.ask(place.low, place.high, 1)
        if len(found) >= total:
            return self._finished(place, found)
        last = -(-total // stage.page_size)
        if last > stage.most_pages:
            low, high = _moment(place.low), _moment(place.high)
            if high - low > SHORTEST_PART:
                return Step(replace(place, high=jd_time(low + (high - low) / 2)).cursor(), True, place.stage)
            last = stage.most_pages
        return self._turn(replace(place, page=last, top=last))

    def _with_end(self, place: _Place) -> _Place:
        """All stages of one window end together, so only the first one looks at the clock."""
        if place.end:
            return place
        edge = self._clock() - self._limits.lag
        if place.limit:
            edge = min(edge, _moment(place.limit))
        start, reach = _moment(place.start), self._stages[0].reach
        if reach is not None:
            start = max(start, self._clock() - reach)
        end = min(start + self._limits.widest_window, edge)
        return replace(place, start=jd_time(start), end=jd_time(end))

    def _looks_back(self, place: _Place) -> bool:
        """Only the window that ends at the edge of now looks back; while catching up, the next ones see it all anyway."""
        start, end = _moment(place.start), _moment(place.end)
        is_last = not place.limit and end - start < self._limits.widest_window
        return is_last and bool(self._look_back) and end - _moment(place.looked) >= LOOK_BACK_EVERY

    def _low(self, place: _Place) -> str:
        if self._stages[place.stage].looks_back and self._looks_back(place):
            return jd_time(_moment(place.start) - self._look_back)
        return place.start

    def _turn(self, place: _Place) -> Step:
        stage = self._stages[place.stage]
        total, found = stage.ask(place.low, place.high, place.page)
        if place.page == place.top and place.top < min(-(-total // stage.page_size), stage.most_pages):
            # The list has grown since it was counted: go on to its true end first.
            onward = replace(place, page=place.page + 1, top=place.top + 1)
            return Step(onward.cursor(), True, place.stage, tuple(found))
        if place.page > 1:
            return Step(replace(place, page=place.page - 1).cursor(), True, place.stage, tuple(found))
        return self._finished(place, found)

    def _finished(self, place: _Place, found: list[Json]) -> Step:
        """The rest of the stage's window, then the next stage, then the next window."""
        rows = tuple(found)
        if place.high < place.end:
            onward = replace(place, low=place.high, high=place.end, page=0, top=0)
            return Step(onward.cursor(), True, place.stage, rows)
        if place.stage + 1 < len(self._stages):
            onward = replace(place, stage=place.stage + 1, low="", high="", page=0, top=0)
            return Step(onward.cursor(), True, place.stage, rows)
        if place.limit:
            onward = _Place(place.end, place.limit, place.looked)
            return Step(onward.cursor(), place.end < place.limit, place.stage, rows)
        start, end = _moment(place.start), _moment(place.end)
        # Windows overlap, the hub knows what it has; only one that ended at the edge of now is shorter than the widest.
        onward = _Place(jd_time(max(end - self._limits.overlap, start)), looked=self._looked(place))
        return Step(onward.cursor(), end - start >= self._limits.widest_window, place.stage, rows)

    def _looked(self, place: _Place) -> str:
        return place.end if self._looks_back(place) else place.looked


def _read_cursor(cursor: str) -> _Place:
    try:
        place = _Place(*orjson.loads(cursor))
        for text in (place.start, place.looked):
            _moment(text)
    except (orjson.JSONDecodeError, ValueError, TypeError):
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor") from None
    return place


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA).astimezone(UTC)
