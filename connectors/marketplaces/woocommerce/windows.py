"""Walks a list of WooCommerce in time windows, oldest page first, so that rows that move are read twice, not never.

Lists are asked newest first and read from the last page to the first. A row changed while we read leaves the
window and pulls older rows one place forward, into pages not read yet; nothing can enter a window that is past.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.manifest import Manifest
from connectors.marketplaces.woocommerce.client import Listed, Woo
from connectors.marketplaces.woocommerce.reading import Json, moment_of

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list call: its path, its two time parameters, what it is sorted by, what else it wants."""

    path: str
    since: str
    until: str
    orderby: str
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """A page's rows and where the walk goes on; `window` is told by the step that opened one, its end excluded."""

    cursor: str
    more: bool
    rows: list[Json]
    window: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands; `page` 0 opens the window. Times are whole seconds of UTC, as text.

    `limit` is where a walk over a past window ends for good, empty for one that follows the clock.
    """

    start: str
    end: str = ""
    page: int = 0
    limit: str = ""

    def cursor(self) -> str:
        return orjson.dumps([self.start, self.end, self.page, self.limit]).decode()


def closed_window(since: datetime, until: datetime) -> str:
    """A cursor that walks one past window, its end excluded, and then ends."""
    return _Place(wire_time(since), limit=wire_time(_rounded_up(until))).cursor()


def wire_time(at: datetime) -> str:
    """A moment as WooCommerce takes it: UTC's clock, no zone. With a Z, WordPress would shift it to its own zone."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def outside_gap(at: str, zone: str) -> str:
    """The same time, or the one before the hour that the site's zone skips in spring.

    WordPress reads the naive text as its own zone's even when it means UTC, and moves a time that does not exist
    there an hour on, which would hide that hour's changes.
    """
    naive = datetime.fromisoformat(at)
    try:
        site = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return at
    told = naive.replace(tzinfo=site).astimezone(UTC).astimezone(site).replace(tzinfo=None)
    return (naive - abs(told - naive)).isoformat()


class Walk:
    """Reads one list for a shop, a page per step."""

    def __init__(self, woo: Woo, listing: Listing, manifest: Manifest, clock: Callable[[], datetime], zone: str) -> None:
        self._woo = woo
        self._listing = listing
        self._limits = manifest
        self._clock = clock
        self._zone = zone

    def step(self, cursor: str, since: str) -> Step:
        """The next page; an empty cursor starts at `since` (ISO, naive means UTC), empty means one window ago."""
        place = _read_cursor(cursor) if cursor else _Place(self._first(since))
        if not place.page:
            return self._open(place)
        return self._turn(place, self._ask(place, place.page))

    def count(self, since: datetime, until: datetime) -> int:
        """How many rows a window holds, without reading them."""
        return self._total(self._ask(_Place(wire_time(since), wire_time(_rounded_up(until))), 1, per_page=1))

    def everything(self, since: datetime, until: datetime) -> list[Json]:
        """All rows of one past window, for lists that are short."""
        found: list[Json] = []
        cursor, more = closed_window(since, until), True
        while more:
            step = self.step(cursor, "")
            cursor, more = step.cursor, step.more
            found += step.rows
        return found

    def _first(self, since: str) -> str:
        if not since:
            return wire_time(self._clock() - self._limits.widest_window)
        try:
            start = datetime.fromisoformat(since)
        except ValueError:
            raise BadRecord("write the start as 2026-01-15 or 2026-01-15T09:30:00+08:00", field="since") from None
        return wire_time(start if start.tzinfo else start.replace(tzinfo=UTC))

    def _open(self, place: _Place) -> Step:
        """Count the window; one page is read by that very call, more are walked from the last."""
        edge = self._clock() - self._limits.lag
        if place.limit:
            edge = min(edge, moment_of(place.limit))
        place = replace(place, end=wire_time(min(moment_of(place.start) + self._limits.widest_window, edge)))
        if place.end <= place.start:
            return Step(_Place(place.start, limit=place.limit).cursor(), False, [])
        listed = self._ask(place, 1)
        if len(listed.rows) < self._limits.page_size and not (listed.total and listed.total > len(listed.rows)):
            return self._opened(replace(place, page=1), listed)
        last = max(-(-self._total(listed) // self._limits.page_size), 1)
        place = replace(place, page=last)
        return self._opened(place, listed if last == 1 else self._ask(place, last))

    def _opened(self, place: _Place, listed: Listed) -> Step:
        return replace(self._turn(place, listed), window=(moment_of(place.start), moment_of(place.end)))

    def _turn(self, place: _Place, listed: Listed) -> Step:
        if place.page > 1:
            return Step(replace(place, page=place.page - 1).cursor(), True, listed.rows)
        start, end = moment_of(place.start), moment_of(place.end)
        # Only a window that ended at the edge of now is shorter than the widest.
        reached = end - start < self._limits.widest_window
        begin = end if place.limit else max(end - self._limits.overlap, start)
        return Step(_Place(wire_time(begin), limit=place.limit).cursor(), not reached, listed.rows)

    def _ask(self, place: _Place, page: int, *, per_page: int = 0) -> Listed:
        listing = self._listing
        # Both bounds are exclusive; ours include the start.
        after = wire_time(moment_of(outside_gap(place.start, self._zone)) - _SECOND)
        params = {
            listing.since: outside_gap(after, self._zone),
            listing.until: place.end,
            "dates_are_gmt": "true",
            "orderby": listing.orderby,
            "order": "desc",
            "per_page": per_page or self._limits.page_size,
            "page": page,
        }
        return self._woo.page(listing.path, **params, **listing.extra)

    def _total(self, listed: Listed) -> int:
        if listed.total is None and listed.rows:
            raise Refused("a proxy keeps the header X-WP-Total back; let it through", code="no-total")
        return listed.total or 0


def _rounded_up(at: datetime) -> datetime:
    return at if not at.microsecond else at.replace(microsecond=0) + _SECOND


def _read_cursor(cursor: str) -> _Place:
    try:
        start, end, page, limit = orjson.loads(cursor)
        moment_of(start)
        return _Place(start, end, page, limit)
    except (orjson.JSONDecodeError, ValueError, TypeError, IndexError):
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor") from None
