"""How JD's lists are walked in time windows, oldest row first; the walking itself is the contract's.

Lists that cannot be asked by change time are read again some days back, every half hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.contract.manifest import Manifest
from connectors.contract.windows import Ask, Listing, Walk, bounds_of
from connectors.marketplaces.jd.client import CHINA, jd_time
from connectors.marketplaces.jd.lists import ListCall
from connectors.marketplaces.jd.reading import Json

#: The fields of the cursors that shops kept of older releases.
FORMER_CURSOR = ("start", "limit", "looked", "end", "part", "low", "high", "page", "top")


def walk_of(
    calls: Sequence[ListCall], manifest: Manifest, now: datetime, look_back: timedelta = timedelta(0)
) -> Walk[Json]:
    """A walk that reads each window once by every call, as far back as the first of them can be asked."""
    listings = [
        Listing(
            _asking(call),
            deepest=call.page_size * call.most_pages,
            size=call.page_size,
            looks_back=look_back if call.looks_back else timedelta(0),
        )
        for call in calls
    ]
    return Walk(listings, replace(bounds_of(manifest, CHINA, FORMER_CURSOR), reaches_back=calls[0].reach), now)


def _asking(call: ListCall) -> Ask[Json]:
    def ask(start: datetime, end: datetime, page: int, size: int) -> tuple[int, Sequence[Json]]:
        return call.ask(jd_time(start), jd_time(end), page)

    return ask
