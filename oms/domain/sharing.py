"""Pools that share stock points: what one may give away without taking what is kept for an order of another.

Every order that something is kept for must still find it at the points of its own pool. That is so when for every set of
pools what is kept for them is at most what lies at all their points together, so each set bounds what is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

#: So many pools are looked at in all their sets; of more, one by one, in pairs and together.
MOST_POOLS: Final = 6
Units = Mapping[int, int]  # point → units of one SKU


@dataclass(frozen=True, slots=True)
class Shared:
    """One SKU at the points of pools that share some: what lies where, and what is kept by pool for others."""

    points: Mapping[int, frozenset[int]]  # pool → its open points
    there: Units
    kept: Mapping[int, int]  # pool → units

    def free(self, pool_id: int) -> int:
        """Units that an order of this pool may take; never less than none."""
        return max(0, min(self._slack(pools) for pools in self._sets() if pool_id in pools))

    def limits(self, pool_id: int) -> list[tuple[frozenset[int], int]]:
        """What an order of this pool may take at points that are also others', set by set: (points, units)."""
        mine = self.points[pool_id]
        found = []
        for pools in self._sets():
            points = self._union(pools) & mine
            if pool_id not in pools and points and any(self.kept.get(pool, 0) for pool in pools):
                found.append((points, max(0, self._slack(pools))))
        return found

    def left_at(self, point: int) -> int:
        """Units that may be taken away from one point for whatever, so that all still find what is kept for them."""
        bounds = [self._slack(pools) for pools in self._sets() if point in self._union(pools)]
        return max(0, min([self.there.get(point, 0), *bounds]))

    def _sets(self) -> Iterable[tuple[int, ...]]:
        pools = sorted(self.points)
        sizes = range(1, len(pools) + 1) if len(pools) <= MOST_POOLS else (1, 2, len(pools))
        return (chosen for size in sizes for chosen in combinations(pools, size))

    def _union(self, pools: Iterable[int]) -> frozenset[int]:
        return frozenset().union(*[self.points[pool_id] for pool_id in pools])

    def _slack(self, pools: Sequence[int]) -> int:
        there = sum([max(0, self.there.get(point, 0)) for point in self._union(pools)])
        return there - sum([self.kept.get(pool_id, 0) for pool_id in pools])


def allowed(shared: Shared, pool_id: int, order: Sequence[int], free: int) -> dict[int, int]:
    """Point → units that an order of a pool may take there, `free` in all; what nobody else may take comes first."""
    limits = shared.limits(pool_id)
    left = [units for _, units in limits]
    others = {point for points, _ in limits for point in points}
    given: dict[int, int] = {}
    for point in sorted(order, key=lambda id_: id_ in others):
        mine = [index for index, (points, _) in enumerate(limits) if point in points]
        units = min([max(0, shared.there.get(point, 0)), free, *[left[index] for index in mine]])
        for index in mine:
            left[index] -= units
        given[point], free = units, free - units
    return given
