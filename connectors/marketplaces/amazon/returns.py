"""The stream of returns. Amazon has no list of them for goods we ship, only a report by the day they were asked for.

So one report at a time is ordered, awaited and read. It looks back some weeks, since what becomes of a return does not
move its day; rows that were read before and are the same are left out by their digests, which the cursor keeps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson

from connectors.contract.errors import BadRecord, Refused, Retryable
from connectors.contract.records import Page, RawDocument
from connectors.marketplaces.amazon.client import Json, Selling, time_text
from connectors.marketplaces.amazon.reading import moment_of, part, rows, text
from connectors.marketplaces.amazon.reports import order_report, read_table, report_state
from connectors.marketplaces.amazon.settings import whole_setting
from connectors.marketplaces.amazon.shipments import read_order
from connectors.marketplaces.amazon.windows import starting

KIND = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
WIDEST = timedelta(days=60)
#: Each return's order is asked for its items, and Amazon gives one such call in two seconds.
CASES_A_PAGE = 10
_DIGEST = 8
#: A report that failed is ordered again after this time.
_FAILED_RESTS = timedelta(hours=1)
_WAITING = frozenset({"IN_QUEUE", "IN_PROGRESS"})

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Place:
    """All asked for before `until` was read; `report` and `document` belong to the one under way, up to `end`."""

    until: str
    end: str = ""
    asked: str = ""
    report: str = ""
    document: str = ""
    seen: str = ""

    def cursor(self) -> str:
        told = [self.until, self.end, self.asked, self.report, self.document, self.seen]
        return orjson.dumps(told).decode()


class Returns:
    """Reads returns of a seller; a document that takes several pages is fetched once."""

    def __init__(self, selling: Selling) -> None:
        self._selling = selling
        self._tables: dict[str, list[Row]] = {}

    def step(self, cursor: str) -> Page:
        """The next page. Between reports, and while one is made, there is none and no more for now."""
        place = _read_cursor(cursor) if cursor else _Place(time_text(self._since()))
        if place.document:
            return self._cases(place)
        if place.report:
            return self._await(place)
        return self._order(place)

    def _since(self) -> datetime:
        account, now = self._selling.account, self._selling.clock()
        return min(starting(account.settings.get("since", ""), account.timezone, now), now)

    def _order(self, place: _Place) -> Page:
        account, now, until = self._selling.account, self._selling.clock(), moment_of(place.until)
        pause = timedelta(minutes=whole_setting(account, "returns_minutes", 5, 10_080))
        if now - until < pause:
            return Page(place.cursor(), False)
        begin = until - timedelta(days=whole_setting(account, "returns_days", 0, 45))
        end = min(begin + WIDEST, now)
        number = order_report(self._selling, KIND, begin, end)
        asked = replace(place, end=time_text(end), asked=time_text(now), report=number)
        return Page(asked.cursor(), False)

    def _await(self, place: _Place) -> Page:
        try:
            status, document = report_state(self._selling, place.report)
        except Refused:
            # Reports are kept for some weeks only; a stream that rested longer orders a new one.
            status, document = "FATAL", ""
        if status in _WAITING:
            return Page(place.cursor(), False)
        if status == "CANCELLED":
            # Amazon cancels a report itself when there is nothing to tell.
            return self._done(place, "")
        if status == "DONE" and document:
            return Page(replace(place, document=document).cursor(), True)
        if self._selling.clock() - moment_of(place.asked) > _FAILED_RESTS:
            return Page(_Place(place.until, seen=place.seen).cursor(), False)
        raise Retryable(f"Amazon could not make the returns report ({status:.20}); it is ordered again in an hour")

    def _cases(self, place: _Place) -> Page:
        try:
            if place.document not in self._tables:
                self._tables = {place.document: read_table(self._selling, place.document)}
        except Refused:
            # The document is gone; what was read of it stays known, and the window is asked for again.
            return Page(_Place(place.until, seen=place.seen).cursor(), False)
        groups = _grouped(self._tables[place.document])
        known = _digests(place.seen)
        fresh = {number: found for number, found in groups.items() if _digest(found) not in known}
        page = list(fresh.items())[:CASES_A_PAGE]
        documents = tuple(self._document(number, found) for number, found in page)
        if len(fresh) > len(page):
            seen = place.seen + "".join(_digest(found) for _, found in page)
            return Page(replace(place, seen=seen).cursor(), True, documents)
        self._tables = {}
        done = self._done(place, "".join(sorted({_digest(found) for found in groups.values()})))
        return Page(done.cursor, done.more, documents)

    def _done(self, place: _Place, seen: str) -> Page:
        """Behind this report; one that was cut at the widest has another one after it."""
        is_behind = self._selling.clock() - moment_of(place.end) >= timedelta(days=1)
        return Page(_Place(place.end, seen=seen).cursor(), is_behind)

    def _document(self, number: str, found: list[Row]) -> RawDocument:
        """A return's rows, with the items of its order: the report names goods by SKU only."""
        order = found[0].get("Order ID", "")
        body = {"caseNo": number, "rows": found, "items": self._items(order) if order else []}
        return RawDocument("case", number, orjson.dumps(body), self._selling.clock())

    def _items(self, order: str) -> list[dict[str, str]]:
        try:
            items = rows(read_order(self._selling, order), "orderItems")
        except (Refused, BadRecord):
            return []
        return [_item(item) for item in items]


def _item(item: Json) -> dict[str, str]:
    product = part(item, "product")
    return {"id": text(item, "orderItemId"), "sku": text(product, "sellerSku"), "asin": text(product, "asin")}


def _grouped(found: list[Row]) -> dict[str, list[Row]]:
    """Rows by return: an order and its RMA. Rows without an order belong to nothing we know."""
    if found and not any("Order ID" in row for row in found):
        raise BadRecord("the returns report lacks this column; set its language to English", field="Order ID")
    groups: dict[str, list[Row]] = {}
    for row in found:
        order = row.get("Order ID", "")
        if order:
            rma = row.get("Amazon RMA ID") or row.get("Merchant RMA ID") or row.get("Return request date", "")
            groups.setdefault(f"{order}/{rma}", []).append(row)
    return groups


def _digest(found: list[Row]) -> str:
    return hashlib.sha256(orjson.dumps(found, option=orjson.OPT_SORT_KEYS)).hexdigest()[:_DIGEST]


def _digests(seen: str) -> frozenset[str]:
    return frozenset(seen[start : start + _DIGEST] for start in range(0, len(seen), _DIGEST))


def _read_cursor(cursor: str) -> _Place:
    try:
        place = _Place(*(str(each) for each in orjson.loads(cursor)))
        for told in (place.until, *filter(None, (place.end, place.asked))):
            moment_of(told)
    except (orjson.JSONDecodeError, ValueError, TypeError):
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor") from None
    return place
