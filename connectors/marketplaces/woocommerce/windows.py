"""How WooCommerce's lists are asked in time windows, newest row first; the walking itself is the contract's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.contract import windows
from connectors.contract.errors import Refused
from connectors.contract.manifest import Manifest
from connectors.contract.places import closed_window
from connectors.contract.windows import Ask, Walk, bounds_of
from connectors.marketplaces.woocommerce.client import Woo
from connectors.marketplaces.woocommerce.reading import Json

_SECOND = timedelta(seconds=1)
#: The fields of the cursors that shops kept of older releases; their times are UTC's.
FORMER_CURSOR = ("start", "end", "page", "limit")


@dataclass(frozen=True, slots=True)
class Listing:
    """A list call: its path, its two time parameters, what it is sorted by, what else it wants."""

    path: str
    since: str
    until: str
    orderby: str
    extra: Mapping[str, str] = field(default_factory=dict)


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


def walk_of(woo: Woo, listing: Listing, manifest: Manifest, clock: Callable[[], datetime], zone: str) -> Walk[Json]:
    """A walk over one list of a shop, whose site lives in `zone`."""
    return Walk([windows.Listing(_asking(woo, listing, zone))], bounds_of(manifest, UTC, FORMER_CURSOR), clock())


def everything(walk: Walk[Json], since: datetime, until: datetime) -> list[Json]:
    """All rows of one past window, for lists that are short."""
    found: list[Json] = []
    cursor, more = closed_window(since, until), True
    while more:
        step = walk.step(cursor, "")
        cursor, more = step.cursor, step.more
        found += step.rows
    return found


def _asking(woo: Woo, listing: Listing, zone: str) -> Ask[Json]:
    def ask(start: datetime, end: datetime, page: int, size: int) -> tuple[int, list[Json]]:
        # Both bounds are exclusive; ours include the start.
        after = wire_time(datetime.fromisoformat(outside_gap(wire_time(start), zone)).replace(tzinfo=UTC) - _SECOND)
        params = {
            listing.since: outside_gap(after, zone),
            listing.until: wire_time(end),
            "dates_are_gmt": "true",
            "orderby": listing.orderby,
            "order": "desc",
            "per_page": size,
            "page": page,
        }
        listed = woo.page(listing.path, **params, **listing.extra)
        if listed.total is None and page == 1 and len(listed.rows) >= size:
            raise Refused("a proxy keeps the header X-WP-Total back; let it through", code="no-total")
        return listed.total if listed.total is not None else len(listed.rows), listed.rows

    return ask
