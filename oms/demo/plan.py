"""What a scripted run consists of: how many orders of each kind, which of them are refunded or edited, and when. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

WHOLE: Final = 200
#: Orders of each kind in a run of 200; what is left is plain. `merge_pairs` counts pairs. Of six damaged orders one
#: has an unknown status, which is taken in and held; the other five cannot be read.
KINDS: Final = {
    "cod": 20, "presale_paid": 10, "presale_unpaid": 5, "merge_pairs": 11, "split": 10, "bundle": 10, "bad": 6,
}  # fmt: skip
#: When a refund is asked, and how many of a run of 200 at each moment.
MOMENTS: Final = ("planned", "sent", "accepted", "packing", "just_shipped", "unknown")
REFUNDS_AT_EACH: Final = 4
EDITS: Final = {"edit_address": 4, "edit_quantity": 3, "edit_memo": 3}
MENDED_OF_FIVE: Final = 3
#: These moments are reached while the order waits for a person, so it must be one that a person reviews.
REVIEWED: Final = ("planned", "unknown")


@dataclass(frozen=True, slots=True)
class Part:
    """One order's part in the script: a refund at a moment (of one line when `oid` is set), or an edit."""

    tid: str
    act: str
    moment: str = ""
    oid: str = ""


class TooFew(Exception):
    """The drawn orders do not fit the script; another seed draws others."""


def scaled(count: int, orders: int) -> int:
    """The count of a run of 200 for another number of orders: at least one."""
    return max(1, round(count * orders / WHOLE))


def kinds_for(orders: int) -> dict[str, int]:
    """How many trades of each kind to create; plain ones make up the number. TooFew names the least number."""
    if _plain(orders) < _parts(orders):
        least = next(number for number in range(orders + 1, WHOLE + 1) if _plain(number) >= _parts(number))
        raise TooFew(f"{orders} orders are too few for every part of the script; take at least {least}")
    return {kind: scaled(count, orders) for kind, count in KINDS.items()} | {"plain": _plain(orders)}


def _plain(orders: int) -> int:
    """What the special kinds leave; a merge pair is two orders."""
    return orders - sum(scaled(count, orders) * (1 + (kind == "merge_pairs")) for kind, count in KINDS.items())


def _parts(orders: int) -> int:
    """How many plain orders the script needs."""
    return len(MOMENTS) * scaled(REFUNDS_AT_EACH, orders) + sum(scaled(count, orders) for count in EDITS.values())


def review_limit(trades: Sequence[Mapping[str, Any]], orders: int, usual_fen: int) -> int:
    """The amount from which people look: the usual one, or less when too few plain orders reach it."""
    amounts = sorted((_fen(trade["payment"]) for trade in trades if trade["kind"] == "plain"), reverse=True)
    return min(usual_fen, amounts[scaled(REFUNDS_AT_EACH, orders) * len(REVIEWED) - 1])


def cast(trades: Sequence[Mapping[str, Any]], orders: int, limit_fen: int, seed: int) -> list[Part]:
    """Give plain orders their parts: `trades` is the platform's ledger, `limit_fen` what sends one to review."""
    rng = random.Random(f"cast:{seed}")
    plain = [trade for trade in trades if trade["kind"] == "plain"]
    rng.shuffle(plain)
    rich = [trade for trade in plain if _fen(trade["payment"]) >= limit_fen]
    poor = [trade for trade in plain if _fen(trade["payment"]) < limit_fen]
    each = scaled(REFUNDS_AT_EACH, orders)
    parts: list[Part] = []
    for moment in MOMENTS:
        chosen = _take(rich if moment in REVIEWED else poor, each)
        parts.extend(_refund(trade, moment, number) for number, trade in enumerate(chosen))
    for verb, count in EDITS.items():
        parts.extend(Part(trade["tid"], verb) for trade in _take(poor, scaled(count, orders)))
    return parts


def tids_of(created: Any) -> list[str]:
    """All order numbers in whatever shape the twin lists a kind."""
    if isinstance(created, str):
        return [created]
    parts: Iterable[Any] = created.values() if isinstance(created, Mapping) else created
    return [tid for part in parts for tid in tids_of(part)]


def _refund(trade: Mapping[str, Any], moment: str, number: int) -> Part:
    """Every second refund is of one line only, where there are several."""
    lines = trade["lines"]
    oid = lines[0]["oid"] if number % 2 and len(lines) > 1 else ""
    return Part(trade["tid"], "refund", moment, oid)


def _take(trades: list[Mapping[str, Any]], count: int) -> list[Mapping[str, Any]]:
    if len(trades) < count:
        raise TooFew(f"{count} orders are wanted for one part of the script, {len(trades)} are left")
    taken, trades[:count] = trades[:count], []
    return taken


def _fen(yuan: str) -> int:
    whole, _, rest = yuan.partition(".")
    return int(whole) * 100 + int((rest + "00")[:2])
