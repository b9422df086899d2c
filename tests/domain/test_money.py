"""What a buyer has paid, or will have, before somebody stands at the door."""

from __future__ import annotations

import pytest

from oms.domain.money import prepaid


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        ([], 0),
        ([("online", "paid", 500)], 500),
        ([("online", "due", 500)], 0),
        ([("online", "refunded", 500), ("deposit", "paid", 20)], 20),
        ([("cod", "due", 400), ("gift_card", "due", 100)], 100),
        ([("cod", "paid", 400), ("deposit", "paid", 100)], 100),
        ([("cod", "refunded", 400), ("deposit", "due", 100)], 0),
    ],
)
def test_what_is_paid_otherwise_than_at_the_door(payments: list[tuple[str, str, int]], expected: int) -> None:
    assert prepaid(payments) == expected
