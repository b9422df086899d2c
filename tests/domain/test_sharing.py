"""Pools that share points: an order may take units exactly when all others still find theirs at their own points."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from oms.domain.sharing import Shared, allowed

POINTS = (1, 2, 3)
MEMBERS = st.fixed_dictionaries({pool: st.frozensets(st.sampled_from(POINTS), min_size=1) for pool in (7, 8, 9)})
THERE = st.fixed_dictionaries({point: st.integers(0, 4) for point in POINTS})
KEPT = st.fixed_dictionaries({pool: st.integers(0, 4) for pool in (7, 8, 9)})


def can_serve(members: dict[int, frozenset[int]], there: dict[int, int], wanted: dict[int, int]) -> bool:
    """Whether every pool finds its units, tried unit by unit over every way to take them."""
    pool = next((pool for pool, units in wanted.items() if units), None)
    if pool is None:
        return True
    points = sorted(members[pool])
    for taken in product(*[range(there[point] + 1) for point in points]):
        if sum(taken) == wanted[pool]:
            left = there | {point: there[point] - units for point, units in zip(points, taken, strict=True)}
            if can_serve(members, left, wanted | {pool: 0}):
                return True
    return False


@settings(max_examples=50)
@given(MEMBERS, THERE, KEPT, st.integers(1, 4))
def test_units_are_free_exactly_while_all_others_can_still_be_served(
    members: dict[int, frozenset[int]], there: dict[int, int], kept: dict[int, int], wanted: int
) -> None:
    if not can_serve(members, there, kept):
        return
    free = Shared(members, there, kept).free(7)
    assert (wanted <= free) == can_serve(members, there, kept | {7: kept[7] + wanted})


@settings(max_examples=50)
@given(MEMBERS, THERE, KEPT)
def test_what_is_allowed_at_the_points_leaves_to_others_what_is_theirs(
    members: dict[int, frozenset[int]], there: dict[int, int], kept: dict[int, int]
) -> None:
    if not can_serve(members, there, kept):
        return
    shared = Shared(members, there, kept)
    free = shared.free(7)
    given_ = allowed(shared, 7, sorted(members[7]), free)
    assert sum(given_.values()) <= free
    left = there | {point: there[point] - units for point, units in given_.items()}
    others = kept | {7: 0}
    assert can_serve(members, left, others)
    if not kept[7]:
        assert sum(given_.values()) == free


def test_a_pool_takes_first_what_nobody_shares() -> None:
    shared = Shared({1: frozenset({10, 11}), 2: frozenset({11})}, {10: 3, 11: 5}, {2: 4})
    assert shared.free(1) == 4
    assert allowed(shared, 1, [11, 10], 4) == {10: 3, 11: 1}
