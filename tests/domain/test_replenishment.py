"""What to buy: a rate that a promotion does not lift, days of cover, units in the supplier's multiples."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms.domain.replenishment import (
    NO_END,
    Parameters,
    Position,
    Rate,
    daily_rate,
    days_left,
    proposed_units,
)


@pytest.mark.parametrize(
    ("days", "milli", "capped"),
    [
        ([0] * 28, 0, 0),
        ([10] * 28, 10_000, 0),
        ([10] * 27 + [500], 10_107, 1),  # The day of the promotion counts as 13.
        ([5, 0, 0, 0, 0, 0, 0] * 4, 714, 0),
        ([0] * 26 + [2, 90], 3285, 0),
        ([0] * 27 + [40], 1428, 0),
        ([9, 11, 10, 12] * 7, 10_500, 0),
    ],
)
def test_the_rate_of_a_day_is_that_of_usual_days(days: list[int], milli: int, capped: int) -> None:
    rate = daily_rate(days)
    assert (rate.milli, rate.capped_days) == (milli, capped)


@pytest.mark.parametrize(
    ("position", "milli", "left", "units"),
    [
        (Position(100, 0, 0), 5000, 20, 0),
        (Position(30, 0, 0), 5000, 6, 84),  # 21 days take 105, so 75 and up to a multiple of 12.
        (Position(30, 0, 40), 5000, 14, 0),
        (Position(0, 9, 0), 0, 0, 12),
        (Position(0, 0, 0), 0, NO_END, 0),
        (Position(0, 0, 0), 100, 0, 12),
    ],
)
def test_what_lasts_shorter_than_new_goods_take_to_come_is_proposed(
    position: Position, milli: int, left: int, units: int
) -> None:
    rate, wanted = Rate(milli, 0, 0), Parameters(7, 14, 12, 6)
    assert (days_left(position, rate), proposed_units(position, rate, wanted)) == (left, units)


@given(
    st.integers(0, 500),
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 9000),
    st.integers(1, 20),
    st.integers(1, 9),
)
@settings(max_examples=50)
def test_what_is_proposed_is_enough_for_lead_time_and_cover_and_no_multiple_too_many(
    free: int, backlog: int, incoming: int, milli: int, lead: int, multiple: int
) -> None:
    position, rate, wanted = Position(free, backlog, incoming), Rate(milli, 0, 0), Parameters(lead, 14, multiple)
    units = proposed_units(position, rate, wanted)
    assert units % multiple == 0
    if units:
        target = milli * (lead + 14) / 1000
        assert position.net + units >= target
        assert units == multiple or position.net + units - multiple < target + 1
        assert proposed_units(Position(free, backlog, incoming + units), rate, wanted) == 0
