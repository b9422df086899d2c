"""What may come instead of what is expected: of few units a plan says what the last of them is likely to be worth."""

from __future__ import annotations

import pytest

from oms.app.stock.planning.menu import Menu
from oms.app.stock.planning.solving import Programme
from oms.domain.sourcing.methods import Way
from oms.domain.sourcing.plan import Key, Plan

GOODS = ((1, 1),)
NEAR, FAR = ((1, GOODS),), ((2, GOODS),)
KIND: Key = ("x", GOODS)
PLENTY = 10**9


def a_plan(expected: float, there: int, told_from: float = 0.0) -> Plan:
    """Orders for one unit, 300 cheaper from near."""
    programme = Programme(Menu({KIND: [Way(100, NEAR), Way(400, FAR)]}))
    programme.solve({KIND: expected}, {(1, 1): there, (2, 1): PLENTY})
    return programme.plan(told_from)


@pytest.mark.parametrize(
    ("expected", "there", "least", "most"),
    [
        (5.0, 5, 30, 270),  # Nobody knows whether the last one will be wanted.
        (4.0, 5, 15, 200),
        (7.0, 5, 150, 299),
        (2.0, 40, 0, 0),  # What nobody will want is worth nothing.
        (1_000.0, 900, 300, 300),  # Of many orders chance evens out: what is expected comes.
        (1_000.0, 1_100, 0, 0),
    ],
)
def test_a_unit_is_worth_what_it_is_likely_to_save(expected: float, there: int, least: int, most: int) -> None:
    plan = a_plan(expected, there)
    assert least <= plan.prices.get((1, 1), 0) <= most
    assert plan.kinds[KIND].expected == expected


def test_a_way_is_rated_with_what_it_uses_up_and_shares_are_of_all_orders() -> None:
    plan = a_plan(5.0, 3)
    price = plan.prices[1, 1]
    methods = {method.parts: method for method in plan.kinds[KIND].methods}
    assert abs(methods[NEAR].rated - 100 - price) <= 1
    assert methods[FAR].rated == 400
    assert sum(method.share for method in methods.values()) == pytest.approx(1)
    assert 0.3 < methods[NEAR].share < 0.9


def test_a_mix_told_from_few_orders_is_less_certain() -> None:
    certain, guessed = a_plan(20.0, 30), a_plan(20.0, 30, told_from=0.1)
    assert certain.prices.get((1, 1), 0) < guessed.prices[1, 1] < 300


def test_the_same_programme_makes_the_same_plan() -> None:
    assert a_plan(5.0, 4) == a_plan(5.0, 4)
