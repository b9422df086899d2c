"""Walks a platform's lists in time windows, last page to first, so that rows that move are read twice, not never.

A row changed while we read leaves the window and pulls others one place forward, into pages not read yet. Windows
end `lag` before now, so nothing can enter one that is being read. Where a walk stands is in `places`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Generic, TypeVar

from connectors.contract.manifest import Manifest
from connectors.contract.places import SECOND, Place, ceiled, floored, place_of, starting

Row = TypeVar("Row")

#: Asks for one page of a window (start, end, page, size): how many rows the window has, and those of the page.
Ask = Callable[[datetime, datetime, int, int], tuple[int, Sequence[Row]]]

#: Lists whose rows change without moving are read again no oftener than this.
LOOK_BACK_EVERY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """A list call of a platform, with what the platform lets it be asked.

    A window with more rows than `deepest` is cut in halves; 0 is no bound. `turn` reads the pages of a window that is
    counted already, where counting costs the platform much; it tells at least whether rows follow its page. `size`
    is rows a page, 0 the manifest's. `looks_back` is how far back rows change without moving in this list.
    """

    ask: Ask[Row]
    deepest: int = 0
    turn: Ask[Row] | None = None
    size: int = 0
    looks_back: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Step(Generic[Row]):
    """One page of rows and the list they come from; the cursor and whether to go on at once are the hub's.

    `window` is what is being read, None when there was nothing to ask for; `opens` says that the window begins here.
    """

    cursor: str
    more: bool
    rows: Sequence[Row] = ()
    part: int = 0
    window: tuple[datetime, datetime] | None = None
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a walk keeps to: the manifest's numbers, how finely the platform tells times, how far back it can be asked.

    `reaches_back` None is for ever. `zone` is the clock of naive times; `former` reads old cursors (`place_of`).
    """

    size: int
    widest: timedelta
    overlap: timedelta
    lag: timedelta
    zone: tzinfo | str = UTC
    former: Sequence[str] = ()
    tick: timedelta = SECOND
    reaches_back: timedelta | None = None


def bounds_of(manifest: Manifest, zone: tzinfo | str = UTC, former: Sequence[str] = ()) -> Bounds:
    """The bounds a manifest states."""
    return Bounds(manifest.page_size, manifest.widest_window, manifest.overlap, manifest.lag, zone, former)


class Walk(Generic[Row]):
    """Reads one or more lists over the same windows, a page per step, oldest window first."""

    def __init__(self, listings: Sequence[Listing[Row]], bounds: Bounds, now: datetime) -> None:
        self._listings = listings
        self._bounds = bounds
        self._now = now
        self._edge = floored(now - bounds.lag, bounds.tick)

    def step(self, cursor: str, since: str) -> Step[Row]:
        """The next page; an empty cursor starts at `since` (ISO, naive in the bounds' zone), empty is one window ago."""
        if cursor:
            return self._go_on(place_of(cursor, self._bounds.former, self._bounds.zone))
        return self._go_on(Place(starting(since, self._bounds.zone, self._edge - self._bounds.widest)))

    def _go_on(self, place: Place) -> Step[Row]:
        if place.part >= len(self._listings):
            # What makes the lists, a setting, has changed since: the window is read once more.
            place = Place(place.start, limit=place.limit, looked=place.looked)
        opens = place.end is None
        window = self._window(place)
        if window is None:
            return Step(Place(place.start, limit=place.limit, looked=place.looked).cursor(), more=False)
        start, end = window
        low, high = (place.low or self._low(place, start, end)), (place.high or end)
        part = _Part(replace(place, start=start, end=end, low=low, high=high), start, end, low, high)
        turned = self._turn(part) if place.page else self._open(part)
        return replace(turned, part=place.part, window=window, opens=opens)

    def count(self, since: datetime, until: datetime, *, size: int = 1, pieces: bool = False, apart: bool = False) -> int:
        """How many rows a past window holds, without reading them; in `pieces` where it may be too wide to ask for.

        Pieces share no tick when they are `apart`, for platforms whose windows have both ends inside.
        """
        tick, total = self._bounds.tick, 0
        start, end = floored(since, tick), min(ceiled(until, tick), self._edge)
        while start < end:
            stop = min(start + self._bounds.widest, end) if pieces else end
            last = stop - tick if apart and stop < end else stop
            total += sum(listing.ask(start, last, 1, size)[0] for listing in self._listings)
            start = stop
        return total

    def _window(self, place: Place) -> tuple[datetime, datetime] | None:
        """All lists of one window end together, so only the first one looks at the clock."""
        start = floored(place.start, self._bounds.tick)
        if place.end:
            return start, place.end
        if self._bounds.reaches_back is not None and not place.limit:
            start = max(start, floored(self._now - self._bounds.reaches_back, self._bounds.tick))
        edge = min(self._edge, place.limit) if place.limit else self._edge
        end = min(start + self._bounds.widest, edge)
        return (start, end) if start < end else None

    def _low(self, place: Place, start: datetime, end: datetime) -> datetime:
        """Only the window at the edge of now looks back; while catching up, the ones that follow see it all anyway."""
        back = self._listings[place.part].looks_back
        return start - back if back and self._is_time_to_look(place, start, end) else start

    def _is_time_to_look(self, place: Place, start: datetime, end: datetime) -> bool:
        is_last = not place.limit and end - start < self._bounds.widest
        return is_last and end - (place.looked or start) >= LOOK_BACK_EVERY

    def _open(self, part: _Part) -> Step[Row]:
        """Count; one page is read by that very call, more are walked from the last, too many are halved."""
        listing, size = self._listings[part.place.part], self._size(part)
        total, found = listing.ask(part.low, part.high, 1, size)
        if len(found) >= total:
            return self._finished(part, found)
        width = part.high - part.low
        if listing.deepest and total > listing.deepest and width > self._bounds.tick:
            half = max(width // 2 // self._bounds.tick, 1) * self._bounds.tick
            return Step(replace(part.place, high=part.low + half).cursor(), more=True)
        last = -(-total // size)
        return self._turn(replace(part, place=replace(part.place, page=last, top=last)))

    def _turn(self, part: _Part) -> Step[Row]:
        listing, size, place = self._listings[part.place.part], self._size(part), part.place
        total, found = (listing.turn or listing.ask)(part.low, part.high, place.page, size)
        if place.page == place.top and total > place.page * size:
            return Step(self._grown(part, listing, size).cursor(), True, found)
        if place.page > 1:
            return Step(replace(place, page=place.page - 1).cursor(), True, found)
        return self._finished(part, found)

    def _grown(self, part: _Part, listing: Listing[Row], size: int) -> Place:
        """The list has grown since it was counted: on to its true end first, or counted anew where that is too deep."""
        place, can_be_cut = part.place, part.high - part.low > self._bounds.tick
        if listing.deepest and place.page * size >= listing.deepest and can_be_cut:
            return replace(place, page=0, top=0)
        return replace(place, page=place.page + 1, top=place.top + 1)

    def _finished(self, part: _Part, found: Sequence[Row]) -> Step[Row]:
        """The rest of a window that was cut, then the next list, then the next window."""
        place = part.place
        if part.high < part.end:
            # What follows is likely as dense: twice as wide finds the way back to whole windows.
            high = min(part.high + 2 * (part.high - part.low), part.end)
            return Step(replace(place, low=part.high, high=high, page=0, top=0).cursor(), True, found)
        if place.part + 1 < len(self._listings):
            onward = replace(place, part=place.part + 1, low=None, high=None, page=0, top=0)
            return Step(onward.cursor(), True, found)
        if place.limit:
            onward = Place(part.end, limit=place.limit, looked=place.looked)
            return Step(onward.cursor(), self._is_behind(part, place.limit), found)
        # Windows overlap, for rows that come late.
        begin = max(part.end - self._bounds.overlap, part.start)
        onward = Place(begin, looked=self._looked(part))
        return Step(onward.cursor(), self._is_behind(part, None), found)

    def _is_behind(self, part: _Part, limit: datetime | None) -> bool:
        """Whether more is there to be read at once.

        A window shorter than the widest ended at the edge of now, which has moved on since: to follow it never ends.
        """
        if limit and limit <= self._edge:
            return part.end < limit
        return part.end - part.start >= self._bounds.widest and part.end < self._edge

    def _looked(self, part: _Part) -> datetime | None:
        if not any(listing.looks_back for listing in self._listings):
            return None
        is_now = self._is_time_to_look(part.place, part.start, part.end)
        return part.end if is_now else part.place.looked or part.start

    def _size(self, part: _Part) -> int:
        return self._listings[part.place.part].size or self._bounds.size


@dataclass(frozen=True, slots=True)
class _Part:
    """A place whose window is known."""

    place: Place
    start: datetime
    end: datetime
    low: datetime
    high: datetime
