"""The measured mix: seeded Taobao trade documents in chunks, a chunk being a page of one shop."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from connectors.sandbox.taobao.spoil import SPOILERS, as_shown
from connectors.sandbox.traffic import plan_merge_pair, plan_trade, trade_document

#: Documents of one page; what one batch of the pipeline takes, too.
PAGE: Final = 400
FIRST_TID: Final = 4_300_000_000_000_000_000
#: Trades of one place differ in the digits below this; a place holds one trade, or the two of a pair.
PLACE: Final = 10_000
MEMBER: Final = 1_000
#: An unknown status alone is no damage: the lines still say what the trade's state is.
BREAKAGES: Final = tuple(name for name in SPOILERS if name != "unknown_status")
FIRST_DAY: Final = datetime(2026, 1, 15, tzinfo=UTC)
STEP: Final = timedelta(milliseconds=250)


@dataclass(frozen=True, slots=True)
class Shares:
    """Parts of all orders in hundredths: in pairs that merge, seen by people, refund asked, unreadable."""

    paired: int = 8
    reviewed: int = 5
    refunding: int = 3
    bad: int = 1


@dataclass(frozen=True, slots=True)
class Counts:
    """How many orders of a chunk are of which sort; `paired` is even."""

    plain: int
    paired: int
    reviewed: int
    refunding: int
    bad: int

    @property
    def captured(self) -> int:
        """Orders that can be read."""
        return self.plain + self.paired + self.reviewed + self.refunding

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.plain + other.plain,
            self.paired + other.paired,
            self.reviewed + other.reviewed,
            self.refunding + other.refunding,
            self.bad + other.bad,
        )


@dataclass(frozen=True, slots=True)
class Document:
    """One trade as the platform's answer gives it, with its number and time of change."""

    tid: int
    changed_at: datetime
    body: bytes


def counts_of(size: int, shares: Shares | None = None) -> Counts:
    """The sorts of a chunk of this size, rounded to whole orders."""
    wanted = shares or Shares()
    paired, reviewed, refunding, bad = (
        (size * share + 50) // 100 for share in (wanted.paired, wanted.reviewed, wanted.refunding, wanted.bad)
    )
    paired -= paired % 2
    return Counts(size - paired - reviewed - refunding - bad, paired, reviewed, refunding, bad)


def sizes_of(orders: int) -> list[int]:
    """Orders cut into chunks of a page each, the last one smaller."""
    whole, rest = divmod(orders, PAGE)
    return [PAGE] * whole + ([rest] if rest else [])


def totals_of(orders: int) -> Counts:
    """The sorts of all chunks of so many orders."""
    return sum((counts_of(size) for size in sizes_of(orders)), Counts(0, 0, 0, 0, 0))


def chunk(seed: int, number: int, size: int = PAGE) -> list[Document]:
    """The documents of one chunk: the same for the same seed and number, the two of a pair side by side."""
    rng = random.Random(f"bench:{seed}:{number}")
    counts = counts_of(size)
    makers: list[Maker] = []
    makers += [_plain] * counts.plain + [_pair] * (counts.paired // 2)
    makers += [_reviewed] * counts.reviewed + [_refunding] * counts.refunding + [_bad] * counts.bad
    rng.shuffle(makers)
    places = range(number * PAGE, number * PAGE + len(makers))
    return [document for place, make in zip(places, makers, strict=True) for document in make(rng, place)]


Maker = Callable[[random.Random, int], Iterator[Document]]


def _tid(place: int, member: int = 0) -> int:
    return FIRST_TID + place * PLACE + member * MEMBER


def _at(place: int) -> datetime:
    return FIRST_DAY + place * STEP


def _plain(rng: random.Random, place: int) -> Iterator[Document]:
    yield _document(plan_trade(rng, tid=_tid(place), at=_at(place)), place)


def _pair(rng: random.Random, place: int) -> Iterator[Document]:
    for plan in plan_merge_pair(rng, tids=(_tid(place, 0), _tid(place, 1)), at=_at(place)):
        yield _document(plan, place)


def _reviewed(rng: random.Random, place: int) -> Iterator[Document]:
    """Cash on delivery, which the rules send to finance."""
    yield _document(plan_trade(rng, "cod", tid=_tid(place), at=_at(place)), place)


def _refunding(rng: random.Random, place: int) -> Iterator[Document]:
    """The buyer asks for the money of one line back before it has left."""
    plan = plan_trade(rng, tid=_tid(place), at=_at(place))
    trade = trade_document(plan)
    line = rng.choice(trade["orders"]["order"])
    line["refund_status"], line["refund_id"] = "WAIT_SELLER_AGREE", str(line["oid"] + 7)
    yield _sealed_up(trade, place)


def _bad(rng: random.Random, place: int) -> Iterator[Document]:
    trade = trade_document(plan_trade(rng, tid=_tid(place), at=_at(place)))
    yield _sealed_up(as_shown(trade, rng.choice(BREAKAGES)), place)


def _document(plan: dict[str, Any], place: int) -> Document:
    return _sealed_up(trade_document(plan), place)


def _sealed_up(trade: dict[str, Any], place: int) -> Document:
    """Exactly the body that trade.fullinfo.get answers."""
    body = orjson.dumps({"trade_fullinfo_get_response": {"trade": trade, "request_id": f"{place:x}"}})
    return Document(trade["tid"], _at(place), body)


def allowed_groups(tids: list[str]) -> list[list[str]]:
    """Which of these trades go to one person at one address: those of one place."""
    by_place: dict[int, list[str]] = {}
    for tid in tids:
        by_place.setdefault(int(tid) // PLACE, []).append(tid)
    return [members for members in by_place.values() if len(members) > 1]
