"""How Medusa's lists are asked in time windows, and what their rows stand for; the walking itself is the contract's.

Within a window rows are ordered by id, which alone is unique. A stream may walk several lists: an order's own stamp
does not move when money is captured, its payment's does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connectors.contract import places, windows
from connectors.contract.errors import Refused
from connectors.contract.manifest import Manifest
from connectors.contract.records import Page, RawDocument, Reference
from connectors.contract.windows import Ask, Step, Walk, bounds_of
from connectors.marketplaces.medusa.client import Admin
from connectors.marketplaces.medusa.reading import Json, needed, rows, units

#: How an address that is not there is refused, by Medusa itself or by what stands before it.
_MISSING = frozenset({"not_found", "http-404"})
_MILLISECOND = timedelta(milliseconds=1)
#: The fields of the cursors that shops kept of older releases.
FORMER_CURSOR = ("start", "end", "part", "page", "limit")

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


def closed_window(since: datetime, until: datetime) -> str:
    """A cursor that walks one past window and then ends."""
    return places.closed_window(since, until, _MILLISECOND)


def written(at: datetime) -> str:
    """A moment as Medusa writes it, in milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def next_page(
    admin: Admin, listings: tuple[Listing, ...], limits: Manifest, now: datetime, cursor: str, start: datetime
) -> Page:
    """The next page of several lists; an empty cursor begins at `start`, but not later than one overlap ago."""
    bounds = replace(bounds_of(limits, UTC, FORMER_CURSOR), tick=_MILLISECOND)
    walk = Walk([windows.Listing(_asking(admin, listing)) for listing in listings], bounds, now)
    return _page(walk.step(cursor, written(min(start, now - limits.overlap))), listings, now)


def _page(step: Step[Json], listings: tuple[Listing, ...], now: datetime) -> Page:
    if step.window is None:
        return Page(step.cursor, step.more)
    start, turn = step.window[0], listings[step.part].turn
    turned = [turn(row, now, start) for row in step.rows]
    return Page(
        step.cursor,
        step.more,
        documents=tuple(row for row in turned if isinstance(row, RawDocument)),
        references=tuple(dict.fromkeys(row for row in turned if isinstance(row, Reference))),
    )


def _asking(admin: Admin, listing: Listing) -> Ask[Json]:
    def ask(start: datetime, end: datetime, page: int, size: int) -> tuple[int, list[Json]]:
        params = dict(listing.filters) | {
            f"{listing.stamp}[$gte]": written(start),
            f"{listing.stamp}[$lt]": written(end),
            "fields": listing.fields,
            "order": "id",
            "limit": str(size),
            "offset": str((page - 1) * size),
        }
        try:
            answer = admin.query(listing.path, params)
        except Refused as refusal:
            if not (listing.optional and refusal.code in _MISSING):
                raise
            return 0, []
        return units(answer, "count"), rows(answer, listing.rows)

    return ask


def stamped(row: Json, number: str) -> Reference:
    """A reference to what a row stands for, with the row's own stamp."""
    return Reference(number, needed(row, "updated_at"))
