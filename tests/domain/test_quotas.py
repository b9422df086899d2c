"""What shops are told: shares add up, the most exact quota counts, nothing beyond what is available is told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms.domain.quotas import Quota, Seller, Supply, Terms, allot, rank_sellers, tell, terms_of

UNITS = st.integers(0, 60)


@given(st.integers(-20, 60), st.lists(UNITS, max_size=5))
@settings(max_examples=50)
def test_exclusive_units_and_what_all_share_are_together_what_is_available(there: int, exclusive: list[int]) -> None:
    allotted, shared = allot(there, exclusive)
    assert sum(allotted) + shared == max(0, there)
    assert all(0 <= mine <= wanted for mine, wanted in zip(allotted, exclusive, strict=True))
    assert shared == 0 or allotted == exclusive


@given(UNITS, UNITS, st.lists(UNITS, max_size=3), st.integers(0, 10_000), UNITS, UNITS, UNITS, UNITS)
@settings(max_examples=50)
def test_nobody_is_told_more_than_is_available_and_allowed_beyond(
    there: int, promised: int, exclusive: list[int], ratio: int, edge: int, at_edge: int, kept: int, beyond: int
) -> None:
    supply = Supply(there, promised)
    allotted, shared = allot(supply.available, exclusive)
    terms = Terms(ratio, edge, at_edge)
    for own in (0, *allotted):
        told = tell(supply, terms, own=own, shared=shared, kept_back=kept, backorder=beyond)
        assert 0 <= told.units <= supply.available + max(0, beyond - supply.backlog)
        assert tell(supply, terms, own=own, shared=shared, kept_back=kept, backorder=beyond) == told


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], Terms()),
        ([Quota(1, "global", 0, 0, ratio_bp=5000)], Terms(5000)),
        ([Quota(1, "global", 0, 7, ratio_bp=5000), Quota(2, "channel", 3, 0, ratio_bp=4000)], Terms(4000)),
        ([Quota(1, "shop", 9, 0, ratio_bp=3000), Quota(2, "shop", 9, 7, ratio_bp=2000)], Terms(2000)),
        ([Quota(1, "shop", 9, 0, ratio_bp=3000), Quota(2, "global", 0, 0, threshold=5, threshold_units=1)],
         Terms(3000, 5, 1)),
        ([Quota(1, "shop", 8, 0, ratio_bp=1), Quota(2, "channel", 4, 0, ratio_bp=1), Quota(3, "shop", 9, 6, ratio_bp=1)],
         Terms()),
    ],
)  # fmt: skip
def test_the_most_exact_quota_counts_field_by_field(rows: list[Quota], expected: Terms) -> None:
    assert terms_of(rows, shop_id=9, channel_id=3, sku_id=7) == expected


@pytest.mark.parametrize(
    ("there", "units", "step"),
    [(12, 12, "exclusive"), (9, 3, "threshold"), (2, 2, "threshold"), (0, 0, "threshold")],
)
def test_below_its_threshold_a_shop_is_told_a_fixed_number_but_never_more_than_there_is(
    there: int, units: int, step: str
) -> None:
    told = tell(Supply(there), Terms(10_000, 10, 3), own=0, shared=there)
    assert (told.units, told.steps[-1][0]) == (units, step)


def test_the_last_units_go_where_one_more_sale_is_worth_most_after_the_fine_for_lateness() -> None:
    dear, risky, idle, tidy = (
        Seller(1, 10, 10_000, 10, 0, 0),
        Seller(2, 10, 12_000, 10, 8, 2000),
        Seller(3, 0, 0, 0, 0, 0),
        Seller(4, 10, 12_000, 10, 0, 600),
    )
    assert rank_sellers([idle, dear, risky, tidy], (400, "CNY")) == [(4, 780), (1, 600), (2, 200), (3, 0)]
    assert tell(Supply(3), Terms(), own=1, shared=2, is_for_better=True).units == 1


def test_sales_in_another_currency_than_the_cost_come_after_those_that_compare_with_it() -> None:
    home = Seller(1, 10, 35_000, 10, 0, 0, "CNY")
    abroad = Seller(2, 4, 8_000, 4, 0, 0, "JPY")
    far = Seller(3, 9, 5_000, 9, 0, 0, "USD")
    idle = Seller(4, 0, 0, 0, 0, 0, "CNY")
    assert rank_sellers([idle, abroad, far, home], (3_000, "CNY")) == [(1, 500), (3, None), (2, None), (4, 0)]
    assert rank_sellers([idle, abroad, home], (20, "USD"))[0] == (1, 3_500)
    assert rank_sellers([idle, abroad, far, home], None)[0] == (1, 3_500)
    assert rank_sellers([abroad], (3_000, "CNY")) == [(2, 2_000)]
