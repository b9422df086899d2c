"""How Pinduoduo's lists are asked in time windows; the walking itself is the contract's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from connectors.contract import windows
from connectors.contract.manifest import Manifest
from connectors.contract.windows import Ask, Walk, bounds_of
from connectors.marketplaces.pinduoduo.client import Pop
from connectors.marketplaces.pinduoduo.reading import Json, rows, whole

#: Naive times are China's, which has no daylight saving.
CHINA = timezone(timedelta(hours=8))
#: The platform does not say how deep a list may be paged; a window that holds more rows is cut in halves.
DEEPEST_ROW = 10_000
#: The fields of the cursors that shops kept of older releases.
FORMER_CURSOR = ("start", "end", "page", "top", "part", "limit")


@dataclass(frozen=True, slots=True)
class Listing:
    """A list call: its method and root, its two time parameters, where rows stand, what is always asked.

    Each window is read once for every one of `parts`, for what the platform cannot list in one go.
    """

    method: str
    root: str
    since: str
    until: str
    rows: str
    asked: Mapping[str, object]
    parts: tuple[Mapping[str, object], ...] = ({},)
    knows_has_next: bool = True


def walk_of(pop: Pop, listing: Listing, manifest: Manifest) -> Walk[Json]:
    """A walk that reads each window once for every part of the list."""
    lists = [
        windows.Listing(
            _asking(pop, listing, part, count=True), DEEPEST_ROW, turn=_asking(pop, listing, part, count=False)
        )
        for part in listing.parts
    ]
    return Walk(lists, bounds_of(manifest, CHINA, FORMER_CURSOR), pop.clock())


def _asking(pop: Pop, listing: Listing, part: Mapping[str, object], *, count: bool) -> Ask[Json]:
    """Counting costs the platform much, so pages that are turned ask only whether another one follows."""

    def ask(start: datetime, end: datetime, page: int, size: int) -> tuple[int, Sequence[Json]]:
        params: dict[str, Any] = {
            listing.since: int(start.timestamp()),
            listing.until: int(end.timestamp()),
            "page": page,
            "page_size": size,
            **listing.asked,
            **part,
        }
        if listing.knows_has_next:
            params["use_has_next"] = not count
        answer = pop.read(listing.method, listing.root, **params)
        follows = page * size + 1 if answer.get("has_next") is True and not count else 0
        return max(whole(answer, "total_count"), follows), rows(answer, listing.rows)

    return ask
