"""Walks lists of Saleor's orders by their stamps, oldest first, so that rows that move are read twice, not never.

After each page the next one starts at the last stamp seen, not behind it: an order that changes meanwhile only moves
on to later pages. The platform's own cursor is used only while one stamp fills more than a page, as after a bulk
import. A stream that reached the end starts again `overlap` before it began: stamps are set before their transaction
is committed. Saleor bounds no window, so the widest one is never wanted.

Saleor moves an order's stamp with its status and its money alone. A further parcel of a part, another waybill, a note
and a further return only leave an event. So a stream by change ends with the orders that have new events and an old
stamp; releases before 3.22 cannot be asked for those.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from connectors.contract.errors import BadRecord, Retryable
from connectors.contract.manifest import Account, Manifest
from connectors.marketplaces.saleor.client import Api
from connectors.marketplaces.saleor.reading import Json, inner, nodes, stamp, text, time_text


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of orders: its document, and the field of its stamp with the filter over it."""

    document: str
    stamp: str
    filter: str
    #: Before 3.22 creation is filtered by whole days.
    by_days: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands: `start` is the sweep's, `at` the last stamp seen; all are texts as `time_text` writes them."""

    start: str
    at: str = ""
    after: str = ""
    began: str = ""
    until: str = ""
    #: Not empty while the orders with new events and an old stamp are read.
    quiet: str = ""

    def cursor(self) -> str:
        return orjson.dumps([self.start, self.at, self.after, self.began, self.until, self.quiet]).decode()


@dataclass(frozen=True, slots=True)
class Step:
    """A page of rows and where to go on."""

    rows: list[Json]
    cursor: str
    more: bool


def closed_window(since: datetime, until: datetime) -> str:
    """A cursor that walks one past window and then ends."""
    return _Place(time_text(since), until=time_text(until)).cursor()


class Walk:
    """Reads a list of a shop, a page per step."""

    def __init__(self, api: Api, listing: Listing, manifest: Manifest, account: Account) -> None:
        self._api = api
        self._listing = listing
        self._limits = manifest
        self._account = account
        self._knows_events = listing.filter == "updatedAt" and account.settings.get("list_filter") != "filter"

    def step(self, cursor: str) -> Step:
        """The next page; an empty cursor starts at the account's `since`, else one overlap ago."""
        place = _read_cursor(cursor) if cursor else _Place(self._first())
        if not place.began:
            place = replace(place, began=time_text(self._api.clock()))
        answer = self._ask(place)
        rows = nodes(answer)
        turned = inner(answer, "pageInfo")
        if turned.get("hasNextPage") is True:
            onward = self._onward(place, rows, text(turned, "endCursor"))
            return Step(self._within(place, rows), onward.cursor(), True)
        if self._knows_events and not place.until and not place.quiet:
            return Step(rows, replace(place, at="", after="", quiet="yes").cursor(), True)
        return Step(self._within(place, rows), self._anew(place).cursor(), False)

    def _first(self) -> str:
        since = self._account.settings.get("since", "")
        if not since:
            return time_text(self._api.clock() - self._limits.overlap)
        try:
            start = datetime.fromisoformat(since)
        except ValueError:
            raise BadRecord("write the start as 2026-01-15 or 2026-01-15T09:30:00+08:00", field="since") from None
        return time_text(start if start.tzinfo else start.replace(tzinfo=ZoneInfo(self._account.timezone)))

    def _filter(self, place: _Place) -> dict[str, object]:
        if place.quiet:
            return {self._listing.filter: {"lte": place.start}, "events": [{"date": {"gte": place.start}}]}
        span = {"gte": place.at or place.start}
        if place.until:
            span["lte"] = place.until
        if self._listing.by_days:
            span = {bound: at[:10] for bound, at in span.items()}
        return {self._listing.filter: span}

    def _ask(self, place: _Place) -> Json:
        return self._api.read(
            self._listing.document,
            "orders",
            first=self._limits.page_size,
            after=place.after or None,
            filter=self._filter(place),
            channel=self._account.settings.get("channel") or None,
        )

    def _within(self, place: _Place, rows: list[Json]) -> list[Json]:
        """Rows of the window: a filter by days lets its edges through."""
        if not self._listing.by_days:
            return rows
        stamps = [stamp(row, self._listing.stamp) for row in rows]
        return [
            row
            for row, at in zip(rows, stamps, strict=True)
            if at is None or (place.start <= time_text(at) and (not place.until or time_text(at) <= place.until))
        ]

    def _onward(self, place: _Place, rows: list[Json], end: str) -> _Place:
        by_stamp = rows and not self._listing.by_days and not place.quiet
        last = stamp(rows[-1], self._listing.stamp) if by_stamp else None
        if last is not None and time_text(last) > (place.at or place.start):
            return replace(place, at=time_text(last), after="")
        if not end or end == place.after:
            raise Retryable("the list says that it goes on, but not where", code="no-cursor")
        return replace(place, after=end)

    def _anew(self, place: _Place) -> _Place:
        if place.until:
            return _Place(place.until, until=place.until)
        began = datetime.fromisoformat(place.began)
        return _Place(max(time_text(began - self._limits.overlap), place.start))


def _read_cursor(cursor: str) -> _Place:
    try:
        # Cursors kept by earlier releases have one part less.
        start, at, after, began, until, *quiet = orjson.loads(cursor)
        return _Place(str(start), str(at), str(after), str(began), str(until), *map(str, quiet[:1]))
    except (orjson.JSONDecodeError, ValueError, TypeError):
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor") from None
