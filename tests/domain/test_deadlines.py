"""Clocks that rest in pauses, and what being late is expected to cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.domain.sla import Fine, expected_fine, run_on, ship_deadline

NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(*numbers: float) -> tuple[datetime, ...]:
    return tuple(NOON + number * HOUR for number in numbers)


@pytest.mark.parametrize(
    ("pauses", "ends"),
    [
        ((), 24),
        (((6, 10),), 28),
        (((-5, 3),), 27),  # It has begun before.
        (((-9, -1),), 24),  # It was over before.
        (((30, 40),), 24),  # It begins after the deadline.
        (((23, 33), (33.5, 40)), 40.5),  # One moves the end into the next.
        (((6, 10), (8, 12)), 30),  # Overlapping ones count once.
    ],
)
def test_a_clock_rests_in_pauses(pauses: tuple[tuple[float, float], ...], ends: float) -> None:
    assert run_on(NOON, 24 * HOUR, [hours(*pause) for pause in pauses]) == NOON + ends * HOUR  # type: ignore[misc]


MINUTES = st.integers(-3000, 6000)


@given(st.lists(st.tuples(MINUTES, st.integers(1, 900)), max_size=6), st.integers(1, 3000))
def test_the_clock_runs_exactly_its_span_outside_of_all_pauses(drawn: list[tuple[int, int]], span: int) -> None:
    minute = timedelta(minutes=1)
    pauses = sorted((NOON + begins * minute, NOON + (begins + length) * minute) for begins, length in drawn)
    end = run_on(NOON, span * minute, pauses)
    ran = sum(
        not any(begins <= at < ends for begins, ends in pauses)
        for at in (NOON + number * minute for number in range(int((end - NOON) / minute)))
    )
    assert ran == span


def test_a_platforms_own_deadline_is_never_put_off() -> None:
    asked = {"ordered_at": NOON, "paid_at": NOON, "is_cod": False, "hours_paid": 24, "hours_cod": 30}
    pauses = [(NOON, NOON + 48 * HOUR)]
    assert ship_deadline(platform=NOON + HOUR, pauses=pauses, **asked) == NOON + HOUR  # type: ignore[arg-type]
    assert ship_deadline(platform=None, pauses=pauses, **asked) == NOON + 72 * HOUR  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fine", "paid", "costs"),
    [
        (Fine(), 10_000, 0),
        (Fine(300), 10_000, 300),
        (Fine(bp=500, least=100, most=5_000), 1_000, 100),
        (Fine(bp=500, least=100, most=5_000), 30_010, 1_501),
        (Fine(bp=500, least=100, most=5_000), 900_000, 5_000),
    ],
)
def test_a_fine_stays_within_its_bounds(fine: Fine, paid: int, costs: int) -> None:
    assert fine.of(paid) == costs


def test_less_time_never_makes_a_fine_less_likely() -> None:
    told = [expected_fine(900, number * HOUR, 6 * HOUR) for number in range(-3, 40)]
    assert told == sorted(told, reverse=True)
    assert (told[0], expected_fine(900, 6 * HOUR, 6 * HOUR), expected_fine(900, 18 * HOUR, 6 * HOUR)) == (900, 900, 100)
