"""Walks lists of Medusa in time windows, last page to first, so that rows that move are read twice, not never.

A window ends `lag` before now, so nothing can enter it; a row changed while we read leaves it and pulls later ones
forward, into pages not read yet. Within a window rows are ordered by id, which alone is unique. A stream may
walk several lists: an order's own stamp does not move when money is captured, its payment's does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.manifest import Manifest
from connectors.contract.records import Page, RawDocument, Reference
from connectors.marketplaces.medusa.client import Admin
from connectors.marketplaces.medusa.reading import Json, needed, rows, units

#: How an address that is not there is refused, by Medusa itself or by what stands before it.
_MISSING = frozenset({"not_found", "http-404"})

Row = RawDocument | Reference | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list call: its path and the name of its rows, its stamp, the fields wanted, and what a row stands for.

    `turn` gets a row, the time now and the start of the window. A store may lack an `optional` list.
    """

    path: str
    rows: str
    fields: str
    turn: Callable[[Json, datetime, datetime], Row]
    stamp: str = "updated_at"
    filters: tuple[tuple[str, str], ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands: in list `stage` of the window, `page` 0 opens it. `limit` ends a walk over the past."""

    start: str
    end: str = ""
    stage: int = 0
    page: int = 0
    limit: str = ""

    def cursor(self) -> str:
        return orjson.dumps([self.start, self.end, self.stage, self.page, self.limit]).decode()


def closed_window(since: datetime, until: datetime) -> str:
    """A cursor that walks one past window and then ends."""
    return _Place(written(since), limit=written(until)).cursor()


def written(at: datetime) -> str:
    """A moment as Medusa writes it, in milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def starting(since: str, now: datetime, timezone: str) -> datetime:
    """The start a person gave, a naive one on the shop's clock; empty is now."""
    if not since:
        return now
    try:
        start = datetime.fromisoformat(since)
        return start if start.tzinfo else start.replace(tzinfo=ZoneInfo(timezone))
    except (ValueError, ZoneInfoNotFoundError):
        raise BadRecord("write the start as 2026-01-15 or 2026-01-15T09:30:00+01:00", field="since") from None


class Walk:
    """Reads one or more lists of a store, a page per step."""

    def __init__(self, admin: Admin, listings: tuple[Listing, ...], limits: Manifest, now: datetime) -> None:
        self._admin = admin
        self._listings = listings
        self._limits = limits
        self._now = now

    def step(self, cursor: str, start: datetime) -> Page:
        """The next page; an empty cursor begins at `start`, but not later than one overlap ago."""
        begin = min(start, self._now - self._limits.overlap)
        place = _read_cursor(cursor, len(self._listings)) if cursor else _Place(written(begin))
        if not place.end:
            opened = self._opened(place)
            if opened is None:
                return Page(place.cursor(), more=False)
            place = opened
        return self._turn(place) if place.page else self._begin(place)

    def _opened(self, place: _Place) -> _Place | None:
        start, edge = _moment(place.start), self._now - self._limits.lag
        if place.limit:
            edge = min(edge, _moment(place.limit))
        end = written(min(start + self._limits.widest_window, edge))
        return replace(place, end=end) if end > place.start else None

    def _begin(self, place: _Place) -> Page:
        """Ask for the first page and the count; one page is read by that very call, more are walked from the last."""
        answer = self._ask(place, 1)
        found, count = rows(answer, self._listings[place.stage].rows), units(answer, "count")
        size = self._limits.page_size
        if len(found) >= count:
            return self._page(place, found, self._after(place))
        return self._turn(replace(place, page=-(-count // size)))

    def _turn(self, place: _Place) -> Page:
        found = rows(self._ask(place, place.page), self._listings[place.stage].rows)
        following = replace(place, page=place.page - 1) if place.page > 1 else self._after(place)
        return self._page(place, found, following)

    def _after(self, place: _Place) -> _Place:
        """The next list of this window, or the next window, which overlaps this one."""
        if place.stage + 1 < len(self._listings):
            return replace(place, stage=place.stage + 1, page=0)
        end = _moment(place.end)
        begin = end if place.limit else max(end - self._limits.overlap, _moment(place.start))
        return _Place(written(begin), limit=place.limit)

    def _page(self, place: _Place, found: list[Json], following: _Place) -> Page:
        start, turn = _moment(place.start), self._listings[place.stage].turn
        turned = [turn(row, self._now, start) for row in found]
        # Only a window that ended at the edge of now, or of the past asked for, is shorter than the widest.
        width = _moment(place.end) - start
        more = bool(following.end) or (width >= self._limits.widest_window and place.end != place.limit)
        return Page(
            following.cursor(),
            more,
            documents=tuple(row for row in turned if isinstance(row, RawDocument)),
            references=tuple(dict.fromkeys(row for row in turned if isinstance(row, Reference))),
        )

    def _ask(self, place: _Place, page: int) -> Json:
        listing, size = self._listings[place.stage], self._limits.page_size
        params = dict(listing.filters) | {
            f"{listing.stamp}[$gte]": place.start,
            f"{listing.stamp}[$lt]": place.end,
            "fields": listing.fields,
            "order": "id",
            "limit": str(size),
            "offset": str((page - 1) * size),
        }
        try:
            return self._admin.query(listing.path, params)
        except Refused as refusal:
            if not (listing.optional and refusal.code in _MISSING):
                raise
            return {listing.rows: [], "count": 0}


def stamped(row: Json, number: str) -> Reference:
    """A reference to what a row stands for, with the row's own stamp."""
    return Reference(number, needed(row, "updated_at"))


def _read_cursor(cursor: str, stages: int) -> _Place:
    try:
        start, end, stage, page, limit = orjson.loads(cursor)
        place = _Place(str(start), str(end), int(stage), int(page), str(limit))
        for told in (start, end, limit):
            if told:
                _moment(told)
    except (orjson.JSONDecodeError, ValueError, TypeError, AttributeError):
        place = None
    if place is None or not 0 <= place.stage < stages or not place.start:
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor")
    return place


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)
