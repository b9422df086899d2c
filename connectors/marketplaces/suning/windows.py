"""How deep, how far back and how finely Suning lets its lists be walked; the walking itself is the contract's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.contract.manifest import Manifest
from connectors.contract.windows import Ask, Listing, Walk, bounds_of
from connectors.marketplaces.suning.client import CHINA, Sop, sop_time
from connectors.marketplaces.suning.lists import ListCall
from connectors.marketplaces.suning.reading import Json

#: The platform refuses pages smaller than this.
SMALLEST_PAGE = 10
#: The platform does not say how deep a list may be paged; a window that holds more rows is cut in halves.
DEEPEST_ROW = 10_000
#: The platform refuses to look back further than three months; a stream that starts earlier starts here.
REACHES_BACK = timedelta(days=89)
#: The fields of the cursors that shops kept of older releases.
FORMER_CURSOR = ("start", "end", "page", "top", "part", "limit")


def walk_of(sop: Sop, calls: Sequence[ListCall], manifest: Manifest) -> Walk[Json]:
    """A walk that reads each window once by every call of `calls`."""
    bounds = replace(
        bounds_of(manifest, CHINA, FORMER_CURSOR),
        widest=min(call.widest for call in calls),
        reaches_back=REACHES_BACK + manifest.lag,
    )
    return Walk([Listing(_asking(sop, call), DEEPEST_ROW) for call in calls], bounds, sop.clock())


def _asking(sop: Sop, call: ListCall) -> Ask[Json]:
    def ask(start: datetime, end: datetime, page: int, size: int) -> tuple[int, Sequence[Json]]:
        return call.ask(sop, sop_time(start), sop_time(end), page, size)

    return ask
