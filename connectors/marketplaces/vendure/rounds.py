"""Pulls orders round by round: those changed, those placed, and now and then those still open or placed lately.

A stamp of change does not tell all on Vendure: with a new state the server first saves the order, then saves it again
with the stamp it had before. So paying for a cart, holding, shipping, settling and many an edit leave `updatedAt` as it
was (seen on 3.7.3), and such orders are found by when they were placed, or by reading what is still open again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import orjson

from connectors.contract.errors import BadRecord
from connectors.marketplaces.vendure.reading import time_text
from connectors.marketplaces.vendure.walk import Step, bounds_of, closed_window

#: How often all that is still open, and all that was placed lately, is read again.
OPEN_EVERY = timedelta(minutes=10)
ALL_EVERY = timedelta(hours=1)
#: Orders in these states wait for nothing that a warehouse would have to know at once.
QUIET = ("Shipped", "Delivered", "Cancelled")
STILL_OPEN: dict[str, object] = {"state": {"notIn": list(QUIET)}}

#: One step over a list: a cursor in, rows and the next cursor out.
Stepping = Callable[[str], Step]


@dataclass(frozen=True, slots=True)
class _Round:
    """Where a stream stands: the list it is at, each list's cursor, and when the wider ones were read last."""

    at: str = "changed"
    first: str = ""
    changed: str = ""
    placed: str = ""
    wide: str = ""
    opened_at: str = ""
    all_at: str = ""
    ends: bool = False

    def cursor(self) -> str:
        return orjson.dumps(asdict(self)).decode()


def pull(cursor: str, first: str, now: datetime, lately: timedelta, lists: Mapping[str, Stepping]) -> Step:
    """The next page of a round; `lately` of nought reads nothing again, and windows of the past end after one round.

    `lists` has a step for each of changed, placed, open and all; `first` is where a stream without a cursor starts.
    """
    place = _read(cursor) if cursor else _Round(first=first, changed=open_start(first), placed=open_start(first))
    step = lists[place.at](getattr(place, place.at, place.wide))
    place = _moved(place, step.cursor)
    more = step.more
    if not more:
        place = _onward(place, now, lately)
        more = place.at != "changed"
    return Step(step.rows, place.cursor(), more)


def open_start(first: str) -> str:
    """A walk's cursor that starts at a moment and never ends."""
    return orjson.dumps([first, "", 0, "", ""]).decode()


def _moved(place: _Round, cursor: str) -> _Round:
    if place.at == "changed":
        return replace(place, changed=cursor)
    return replace(place, placed=cursor) if place.at == "placed" else replace(place, wide=cursor)


def _onward(place: _Round, now: datetime, lately: timedelta) -> _Round:
    if place.at == "changed":
        return replace(place, at="placed")
    if place.at == "placed" and lately and not place.ends:
        if not place.all_at:
            # The first round has just read everything there is.
            return replace(place, at="changed", opened_at=time_text(now), all_at=time_text(now))
        wide = closed_window(max(now - lately, datetime.fromisoformat(place.first)), now)
        if now - datetime.fromisoformat(place.all_at) >= ALL_EVERY:
            return replace(place, at="all", wide=wide, opened_at=time_text(now), all_at=time_text(now))
        if now - datetime.fromisoformat(place.opened_at) >= OPEN_EVERY:
            return replace(place, at="open", wide=wide, opened_at=time_text(now))
    return replace(place, at="changed", wide="")


def _read(cursor: str) -> _Round:
    """A round's own cursor, or a walk's: that of a past window, or of a stream from before there were rounds."""
    try:
        if cursor.startswith("["):
            start, until = bounds_of(cursor)
            again = cursor if until else open_start(start)
            return _Round(first=start, changed=cursor, placed=again, ends=bool(until))
        place = _Round(**orjson.loads(cursor))
        for text in (place.first, place.opened_at or place.first, place.all_at or place.first):
            datetime.fromisoformat(text)
        if place.at in ("changed", "placed", "open", "all") and type(place.ends) is bool:
            return place
    except (orjson.JSONDecodeError, TypeError, ValueError):
        pass
    raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor")
