"""Walks lists of Vendure's orders by their stamps, oldest first, so that rows that move are read twice, not never.

Pages are counted by offset, so each one starts at the last stamp seen, at the offset nought: an order that changes
meanwhile only moves on to later pages. An offset is used only while one stamp fills more than a page, and then goes
back a quarter of a page each time. A stream that reached the end starts again `overlap` before it began.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Account, Manifest
from connectors.marketplaces.vendure.client import Admin
from connectors.marketplaces.vendure.reading import Json, moment, rows, text, time_text, whole

#: Vendure keeps microseconds and tells milliseconds; its `after` leaves the moment itself out.
_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands: `start` is the sweep's, `at` the last stamp seen; all are texts as `time_text` writes them."""

    start: str
    at: str = ""
    skip: int = 0
    began: str = ""
    until: str = ""

    def cursor(self) -> str:
        return orjson.dumps([self.start, self.at, self.skip, self.began, self.until]).decode()


@dataclass(frozen=True, slots=True)
class Step:
    """A page of rows and where to go on."""

    rows: list[Json]
    cursor: str
    more: bool


def closed_window(since: datetime, until: datetime) -> str:
    """A cursor that walks one past window and then ends."""
    return _Place(time_text(since), until=time_text(until)).cursor()


def bounds_of(cursor: str) -> tuple[str, str]:
    """The start and the end of a walk's cursor; a walk that goes on for ever has no end."""
    place = _read_cursor(cursor)
    return place.start, place.until


def placed_filter() -> dict[str, object]:
    """Leaves carts and drafts out."""
    return {"active": {"eq": False}, "orderPlacedAt": {"isNull": False}}


class Walk:
    """Reads a list of a store by one of its stamps, a page per step."""

    def __init__(
        self,
        admin: Admin,
        document: str,
        stamp: str,
        manifest: Manifest,
        account: Account,
        only: Mapping[str, object] | None = None,
    ) -> None:
        self._admin = admin
        self._document = document
        self._stamp = stamp
        self._only = dict(only or {})
        self._limits = manifest
        self._account = account
        skipped = account.settings.get("skip_types", "Aggregate").split(",")
        self._skipped = frozenset(kind.strip() for kind in skipped)

    def step(self, cursor: str) -> Step:
        """The next page; an empty cursor starts at `first`."""
        place = _read_cursor(cursor) if cursor else _Place(self.first())
        if not place.began:
            place = replace(place, began=time_text(self._admin.clock()))
        answer = self._admin.read(self._document, "orders", options=self._options(place))
        found = rows(answer, "items")
        wanted = [row for row in found if text(row, "type") not in self._skipped]
        if found and place.skip + len(found) < whole(answer, "totalItems"):
            return Step(wanted, self._onward(place, found).cursor(), True)
        return Step(wanted, self._anew(place).cursor(), False)

    def first(self) -> str:
        """Where a stream starts: at the account's `since`, else one overlap ago."""
        since = self._account.settings.get("since", "")
        if not since:
            return time_text(self._admin.clock() - self._limits.overlap)
        try:
            start = datetime.fromisoformat(since)
        except ValueError:
            raise BadRecord("write the start as 2026-01-15 or 2026-01-15T09:30:00+08:00", field="since") from None
        return time_text(start if start.tzinfo else start.replace(tzinfo=ZoneInfo(self._account.timezone)))

    def _options(self, place: _Place) -> dict[str, object]:
        before = time_text(datetime.fromisoformat(place.at or place.start) - _TICK)
        span: dict[str, object] = {"after": before}
        if place.until:
            # The whole last millisecond belongs to the window.
            until = datetime.fromisoformat(place.until) + _TICK
            span = {"between": {"start": before, "end": time_text(until)}}
        return {
            "take": self._limits.page_size,
            "skip": place.skip,
            "sort": {self._stamp: "ASC"},
            "filter": placed_filter() | self._only | {self._stamp: span},
        }

    def _onward(self, place: _Place, found: list[Json]) -> _Place:
        last = moment(found[-1], self._stamp)
        if last is not None and time_text(last) > (place.at or place.start):
            return replace(place, at=time_text(last), skip=0)
        return replace(place, skip=place.skip + max(len(found) * 3 // 4, 1))

    def _anew(self, place: _Place) -> _Place:
        if place.until:
            return _Place(place.until, until=place.until)
        began = datetime.fromisoformat(place.began)
        return _Place(max(time_text(began - self._limits.overlap), place.start))


def _read_cursor(cursor: str) -> _Place:
    try:
        start, at, skip, began, until = orjson.loads(cursor)
        place = _Place(str(start), str(at), int(skip), str(began), str(until))
        datetime.fromisoformat(place.at or place.start)
    except (orjson.JSONDecodeError, ValueError, TypeError):
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor") from None
    return place
