"""How Taobao's lists are asked in time windows; the walking itself is the contract's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.contract import windows
from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Manifest
from connectors.contract.records import Reference
from connectors.contract.windows import Ask, Walk, bounds_of
from connectors.marketplaces.taobao.client import CHINA, Top, top_time
from connectors.marketplaces.taobao.reading import Json, moment, number_text, unwrapped, whole

#: The platform does not say how deep a list may be paged; a window that holds more rows is cut in halves.
DEEPEST_ROW = 10_000
#: The fields of the cursors that shops kept of older releases.
FORMER_CURSOR = ("start", "end", "page", "top", "limit")


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


def walk_of(top: Top, listing: Listing, manifest: Manifest, clock: Callable[[], datetime]) -> Walk[Reference]:
    """A walk over one list of a shop."""
    call = windows.Listing(_asking(top, listing, True), DEEPEST_ROW, turn=_asking(top, listing, False))
    return Walk([call], bounds_of(manifest, CHINA, FORMER_CURSOR), clock())


def _asking(top: Top, listing: Listing, count: bool) -> Ask[Reference]:
    """Counting costs the platform much, so pages that are turned ask only whether another one follows."""

    def ask(start: datetime, end: datetime, page: int, size: int) -> tuple[int, tuple[Reference, ...]]:
        params: dict[str, Any] = {listing.since: top_time(start), listing.until: top_time(end)}
        answer = top.read(
            listing.method,
            fields=listing.fields,
            type=listing.types,
            page_no=page,
            page_size=size,
            use_has_next=not count,
            **params,
        )
        follows = page * size + 1 if answer.get("has_next") is True else 0
        return whole(answer, "total_results") if count else follows, _references(listing, answer)

    return ask


def _references(listing: Listing, answer: Json) -> tuple[Reference, ...]:
    found = []
    for row in unwrapped(answer.get(listing.rows)):
        number = number_text(row, listing.number) if isinstance(row, dict) else ""
        if not number:
            raise BadRecord("a row of the list has no number", field=listing.number)
        found.append(Reference(number, moment(row, "modified")))
    return tuple(found)
