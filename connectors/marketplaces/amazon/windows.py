"""Searches orders in time windows. One call reads 100 orders and one call comes back in three minutes, so none is wasted.

Pages follow Amazon's token, which keeps the search as it was when the window was opened: a row that changes while we
read is in the next window, since a window ends two minutes before now. The window before is read again by an overlap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from connectors.contract.errors import BadRecord, Retryable
from connectors.marketplaces.amazon.client import Selling, time_text
from connectors.marketplaces.amazon.reading import Json, moment_of, part, rows, text
from connectors.marketplaces.amazon.settings import MANIFEST, marketplaces_of, whole_setting

SEARCH = "/orders/2026-01-01/orders"
#: A token lives a day; one that is nearly so old is not tried any more.
TOKEN_LIVES = timedelta(hours=23)


class Listing(NamedTuple):
    """By which times a search goes, and what it is to include."""

    after: str
    before: str
    included: str


class Step(NamedTuple):
    """One page."""

    cursor: str
    more: bool
    rows: list[Json]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands: all before `start` is read; `end`, `token` and `opened` belong to a window being read."""

    start: str
    end: str = ""
    token: str = ""
    opened: str = ""
    limit: str = ""

    def cursor(self) -> str:
        return orjson.dumps([self.start, self.end, self.token, self.opened, self.limit]).decode()


def closed_window(since: datetime, until: datetime) -> str:
    """A cursor that walks one past window and then ends."""
    return _Place(_written(since), limit=_written(until)).cursor()


def starting(since: str, timezone: str, now: datetime) -> datetime:
    """The start a person gave, a naive one on the shop's clock; empty is now."""
    if not since:
        return now
    try:
        start = datetime.fromisoformat(since)
        return (start if start.tzinfo else start.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)
    except (ValueError, ZoneInfoNotFoundError):
        raise BadRecord("write the start as 2026-01-15 or 2026-01-15T09:30:00+01:00", field="since") from None


class Walk:
    """Reads one search of a seller, a page per step."""

    def __init__(self, selling: Selling, listing: Listing) -> None:
        self._selling = selling
        self._listing = listing
        self._edge = selling.clock() - MANIFEST.lag

    def step(self, cursor: str) -> Step:
        """The next page; without a call while the window would be shorter than Amazon's rate allows calls for."""
        place = read_cursor(cursor) if cursor else self._first()
        if place.token and self._selling.clock() - moment_of(place.opened) > TOKEN_LIVES:
            place = replace(place, end="", token="", opened="")
        if not place.end:
            opened = self._opened(place)
            if opened is None:
                return Step(place.cursor(), False, [])
            place = opened
        found = self._ask(place)
        token = text(part(found, "pagination"), "nextToken")
        if token and token == place.token:
            raise Retryable("Amazon gave the same page token twice", code="same-token")
        following = replace(place, token=token) if token else self._finished(place, found)
        return Step(following.cursor(), bool(token) or self._has_more(place, following), rows(found, "orders"))

    def _first(self) -> _Place:
        account = self._selling.account
        start = starting(account.settings.get("since", ""), account.timezone, self._edge)
        return _Place(_written(min(start, self._edge)))

    def _opened(self, place: _Place) -> _Place | None:
        start, limit = moment_of(place.start), moment_of(place.limit) if place.limit else None
        end = min(start + MANIFEST.widest_window, self._edge, limit or self._edge)
        least = 1 if limit else whole_setting(self._selling.account, "poll_seconds", 1, 86_400)
        if end - start < timedelta(seconds=least):
            return None
        return replace(place, end=_written(end), opened=_written(self._selling.clock()))

    def _ask(self, place: _Place) -> Json:
        after = moment_of(place.start)
        params = {
            self._listing.after: _written(after if place.limit else after - MANIFEST.overlap),
            self._listing.before: place.end,
            "maxResultsPerPage": str(MANIFEST.page_size),
        }
        account = self._selling.account
        if marketplaces_of(account):
            params["marketplaceIds"] = ",".join(marketplaces_of(account))
        if self._listing.included:
            params["includedData"] = self._listing.included
        if place.token:
            params["paginationToken"] = place.token
        return self._selling.read("searchOrders", SEARCH, params)

    def _finished(self, place: _Place, found: Json) -> _Place:
        """Behind the window, or where Amazon says that its answer ended, if that is earlier."""
        echoed = text(found, self._listing.before)
        end = place.end
        try:
            if echoed and place.start < _written(moment_of(echoed)) < end:
                end = _written(moment_of(echoed))
        except ValueError:
            raise Retryable("Amazon did not say when its answer ends", code="not-an-answer") from None
        return _Place(end, limit=place.limit)

    def _has_more(self, place: _Place, following: _Place) -> bool:
        """A walk over the past goes on to its limit; else only a window cut at the widest has another one after it."""
        if place.limit:
            return following.start < min(place.limit, _written(self._edge))
        return moment_of(place.end) - moment_of(place.start) >= MANIFEST.widest_window


def read_cursor(cursor: str) -> _Place:
    """The place a cursor stands for; BadRecord when it is not one of ours."""
    try:
        place = _Place(*(str(each) for each in orjson.loads(cursor)))
        moment_of(place.start)
        for told in (place.end, place.opened, place.limit):
            if told:
                moment_of(told)
    except (orjson.JSONDecodeError, ValueError, TypeError):
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor") from None
    return place


def _written(at: datetime) -> str:
    return time_text(at.astimezone(UTC))
