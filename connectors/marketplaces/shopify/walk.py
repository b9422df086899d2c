"""Walks lists of Shopify by their stamps, oldest first, so that rows that move are read twice, not never.

After each page the next one starts at the last stamp seen, not behind it: a row that changes meanwhile only moves on
to later pages. The platform's own cursor is used only while one stamp fills more than a page. A stream that reached
the end starts again `overlap` before it began, because the lists come from an index that lags behind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from connectors.contract.errors import BadRecord, Refused, Retryable
from connectors.contract.manifest import Account, Manifest
from connectors.contract.records import Page, Reference
from connectors.marketplaces.shopify import documents
from connectors.marketplaces.shopify.client import Admin
from connectors.marketplaces.shopify.reading import Json, inner, moment, nodes, required, text, time_text


@dataclass(frozen=True, slots=True)
class Listing:
    """A list call: its document, root, the filter and field of its stamp, and what a row refers to."""

    document: str
    root: str
    filter: str
    stamp: str
    refers: Callable[[Json], list[str]]


def _itself(row: Json) -> list[str]:
    return [required(row, "id")]


def _its_order(row: Json) -> list[str]:
    return [required(inner(row, "order"), "id", "order.id")]


def _its_cases(row: Json) -> list[str]:
    """Returns, and refunds that belong to none: those of a return are told by it."""
    found = [required(case, "id") for case in nodes(row, "returns")]
    return found + [required(case, "id") for case in nodes(row, "refunds") if case.get("return") is None]


CHANGED = Listing(documents.ORDERS, "orders", "updated_at", "updatedAt", _itself)
#: Holds do not move an order's own stamp, so the goods waiting to be shipped are walked too.
WAITING = Listing(documents.FULFILLMENT_ORDERS, "fulfillmentOrders", "updated_at", "updatedAt", _its_order)
CREATED = Listing(documents.ORDERS_CREATED, "orders", "created_at", "createdAt", _itself)
CASES = Listing(documents.ORDERS_CASES, "orders", "updated_at", "updatedAt", _its_cases)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands: `start` is the sweep's, `at` the last stamp seen in the list that `part` numbers.

    `began` is when the sweep did, `until` bounds a past window; all are texts as Shopify writes times.
    """

    start: str
    at: str = ""
    part: int = 0
    after: str = ""
    began: str = ""
    until: str = ""

    def cursor(self) -> str:
        return orjson.dumps([self.start, self.at, self.part, self.after, self.began, self.until]).decode()


def closed_window(since: datetime, until: datetime) -> str:
    """A cursor that walks one past window and then ends."""
    return _Place(time_text(since), until=time_text(until)).cursor()


class Walk:
    """Reads one or more lists of a shop after each other, a page of references per step."""

    def __init__(self, admin: Admin, listings: tuple[Listing, ...], manifest: Manifest, account: Account) -> None:
        self._admin = admin
        self._listings = listings
        self._limits = manifest
        self._account = account

    def step(self, cursor: str) -> Page:
        """The next page; an empty cursor starts at the account's `since`, else one overlap ago."""
        return self.step_rows(cursor)[0]

    def step_rows(self, cursor: str) -> tuple[Page, list[Json]]:
        """The next page with the rows behind its references."""
        place = _read_cursor(cursor) if cursor else _Place(self._first())
        if not place.began:
            place = replace(place, began=time_text(self._admin.clock()))
        listing = self._listings[min(place.part, len(self._listings) - 1)]
        answer = self._ask(listing, place)
        rows = nodes(answer, "nodes")
        found = tuple(Reference(number, moment(row, listing.stamp)) for row in rows for number in listing.refers(row))
        turned = inner(answer, "pageInfo")
        if turned.get("hasNextPage") is True:
            onward = self._onward(listing, place, rows, text(turned, "endCursor"))
            return Page(onward.cursor(), True, references=found), rows
        if place.part + 1 < len(self._listings):
            onward = replace(place, at="", part=place.part + 1, after="")
            return Page(onward.cursor(), True, references=found), rows
        return Page(self._anew(place).cursor(), False, references=found), rows

    def _first(self) -> str:
        since = self._account.settings.get("since", "")
        if not since:
            return time_text(self._admin.clock() - self._limits.overlap)
        try:
            start = datetime.fromisoformat(since)
        except ValueError:
            raise BadRecord("write the start as 2026-01-15 or 2026-01-15T09:30:00+08:00", field="since") from None
        return time_text(start if start.tzinfo else start.replace(tzinfo=ZoneInfo(self._account.timezone)))

    def _ask(self, listing: Listing, place: _Place) -> Json:
        query = f"{listing.filter}:>='{place.at or place.start}'"
        if place.until:
            query += f" {listing.filter}:<='{place.until}'"
        try:
            return self._admin.read(
                listing.document,
                listing.root,
                first=self._limits.page_size,
                after=place.after or None,
                query=query,
            )
        except Refused as refusal:
            if listing is WAITING and refusal.code == "ACCESS_DENIED":
                # An app without the scope of fulfilment orders still captures its orders.
                return {}
            raise

    def _onward(self, listing: Listing, place: _Place, rows: list[Json], end: str) -> _Place:
        last = moment(rows[-1], listing.stamp) if rows else None
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
        start, at, part, after, began, until = orjson.loads(cursor)
        return _Place(str(start), str(at), int(part), str(after), str(began), str(until))
    except (orjson.JSONDecodeError, ValueError, TypeError):
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor") from None
