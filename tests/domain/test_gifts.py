"""What buyers earn never passes its bounds, grows with what they buy, and discounts add up to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.domain.gifts import basis_points_of, earned, earned_by_tier, percent_of, take_off

counts = st.integers(0, 10**6)
amounts = st.integers(-(10**6), 10**9)
percents = st.decimals(0, 100, places=2)
tiers = st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 100)), max_size=5)


@given(counts, st.integers(1, 1000), st.integers(0, 50))
def test_every_full_step_earns_the_same(had: int, per: int, units: int) -> None:
    assert earned(had, per, units) == (had // per) * units
    assert earned(had + per, per, units) == earned(had, per, units) + units


@given(counts, st.integers(-5, 1000), st.integers(0, 50), st.integers(0, 20))
def test_never_more_than_the_most(had: int, per: int, units: int, most: int) -> None:
    assert 0 <= earned(had, per, units, most) <= most


@given(counts, tiers)
def test_the_highest_tier_that_was_reached_counts_alone(had: int, given_tiers: list[tuple[int, int]]) -> None:
    reached = [tier for tier in given_tiers if tier[0] <= had]
    highest = max([amount for amount, _ in reached], default=None)
    found = earned_by_tier(had, given_tiers)
    assert found == max([units for amount, units in reached if amount == highest], default=0)


@given(st.integers(0, 10**9), percents)
def test_a_percentage_is_within_half_a_cent(amount: int, percent: Decimal) -> None:
    taken = percent_of(amount, percent)
    assert 0 <= taken <= amount
    assert abs(Decimal(taken) * 100 - amount * percent) <= 50


@given(st.integers(0, 10**9), st.integers(0, 10_000))
def test_basis_points_are_hundredths_of_a_percent(amount: int, points: int) -> None:
    assert basis_points_of(amount, points) == percent_of(amount, Decimal(points) / 100)


@given(amounts, st.lists(amounts, max_size=12))
def test_a_discount_adds_up_and_leaves_no_line_below_zero(amount: int, paid: list[int]) -> None:
    parts = take_off(amount, paid)
    assert sum(parts) == min(max(0, amount), sum(max(0, line) for line in paid))
    assert all(0 <= part <= max(0, line) for part, line in zip(parts, paid, strict=True))


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=6), st.lists(percents, min_size=1, max_size=4))
def test_discounts_one_after_the_other_never_take_more_than_there_is(paid: list[int], off: list[Decimal]) -> None:
    left = list(paid)
    for percent in off:
        parts = take_off(percent_of(sum(left), percent), left)
        left = [line - part for line, part in zip(left, parts, strict=True)]
    assert all(line >= 0 for line in left)
    assert sum(left) <= sum(paid)


@pytest.mark.parametrize(("amount", "percent", "taken"), [(999, "12.5", 125), (1, "50", 1), (100, "33.33", 33)])
def test_halves_go_up(amount: int, percent: str, taken: int) -> None:
    assert percent_of(amount, Decimal(percent)) == taken
