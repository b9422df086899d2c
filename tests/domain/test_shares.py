"""Shares add up to the cent, follow their weights, and keep their sign."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.domain.shares import split

amounts = st.integers(-(10**12), 10**12)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


@given(amounts, weights)
def test_parts_add_up(amount: int, given_weights: list[int]) -> None:
    assert sum(split(amount, given_weights)) == amount


@given(amounts, weights)
def test_parts_have_the_sign_of_the_whole(amount: int, given_weights: list[int]) -> None:
    assert all(part * amount >= 0 for part in split(amount, given_weights))


@given(amounts, weights)
def test_no_part_is_a_cent_off_its_exact_share(amount: int, given_weights: list[int]) -> None:
    total = sum(given_weights) or len(given_weights)
    even = not any(given_weights)
    for part, weight in zip(split(amount, given_weights), given_weights, strict=True):
        assert abs(part * total - amount * (1 if even else weight)) < total


@given(st.integers(0, 10**9), weights)
def test_a_heavier_one_never_gets_less(amount: int, given_weights: list[int]) -> None:
    parts = split(amount, given_weights)
    pairs = sorted(zip(given_weights, parts, strict=True))
    assert all(a[1] <= b[1] for a, b in pairwise(pairs) if a[0] < b[0])


@given(st.integers(1, 10**9), weights)
def test_who_weighs_nothing_gets_nothing(amount: int, given_weights: list[int]) -> None:
    if any(given_weights):
        assert all(part == 0 for part, w in zip(split(amount, given_weights), given_weights, strict=True) if w == 0)


def test_ties_go_to_the_first() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(-100, [1, 1, 1]) == [-34, -33, -33]
    assert split(1, [0, 0]) == [1, 0]


def test_nobody_can_only_share_nothing() -> None:
    assert split(0, []) == []
    with pytest.raises(ValueError, match="among nobody"):
        split(1, [])
