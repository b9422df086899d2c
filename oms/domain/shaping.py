"""What rules want of sourcing: points and carriers left out, preferred ones, and goods that leave apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from oms.domain.sourcing import Need
from oms.domain.sourcing.terms import UNPRICED

#: The bonus of a preference that names no price: dearer than any parcel.
ANY_PRICE: Final = 10**12


@dataclass(frozen=True, slots=True)
class Shape:
    """Ids left out, and preferred ones with the amount by which they may be dearer; equal shapes share their quotes."""

    points_out: frozenset[int] = frozenset()
    carriers_out: frozenset[int] = frozenset()
    points_liked: frozenset[tuple[int, int]] = frozenset()
    carriers_liked: frozenset[tuple[int, int]] = frozenset()


#: (cost, rank, id) of a carrier; no cost where it has no price.
Offer = tuple[int | None, int, int]


def pick(offers: Iterable[Offer], liked: Mapping[int, int]) -> tuple[int, int] | None:
    """(carrier, cost) of the cheapest offer, where a preferred carrier may be dearer; None when there is none.

    Those without a price come behind all others, unless one is preferred whatever it costs; their cost is told as 0.
    """
    rated = [
        ((UNPRICED if cost is None else cost) - liked.get(id_, 0), id_ not in liked, rank, id_, cost or 0)
        for cost, rank, id_ in offers
    ]
    best = min(rated, default=None)
    return (best[3], best[4]) if best else None


def split_needs(needs: Sequence[Need], kind_of: Callable[[Need], object]) -> list[list[Need]]:
    """Needs of one kind together, kinds in the order of the needs; what is bound together goes with its first need."""
    bound: dict[str, object] = {}
    groups: dict[object, list[Need]] = {}
    for need in needs:
        kind = bound.setdefault(need.group, kind_of(need)) if need.group else kind_of(need)
        groups.setdefault(kind, []).append(need)
    return list(groups.values())
