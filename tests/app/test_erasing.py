"""Erasing a buyer: orders, their documents and their cases' documents cannot be opened any more."""

from __future__ import annotations

import pytest

from oms.app.kernel.erasing import Erased, erase_numbers, erase_orders
from oms.app.kernel.receivers import open_key
from oms.domain.errors import NotFound, NotPossible
from tests.app.test_deciding_cases import a_case, take
from tests.factories import World, an_order


def keys(world: World) -> set[int]:
    return {row[0] for row in world.rows("select id from data_key")}


def test_a_case_told_before_its_order_is_erased_with_it(world: World) -> None:
    case_id = take(world, a_case("C1"))
    assert keys(world) == {case_id}
    order_id, other = an_order(world, no="T1", state="completed"), an_order(world, no="T2")
    assert erase_orders(world.hub, [order_id], "user:7") == Erased(1, 1)
    assert keys(world) == {other}
    with world.hub.begin() as connection, pytest.raises(NotFound, match="erased"):
        open_key(world.hub, connection, order_id)
    assert world.one("select count(*) from receiver where phone_blind is not null") == 1
    assert world.rows("select actor from event where kind = 'buyer_erased'") == [("user:7",)]


def test_erasing_twice_is_harmless(world: World) -> None:
    order_id = an_order(world, no="T1", state="cancelled")
    take(world, a_case("C1"))
    assert erase_orders(world.hub, [order_id], "user:7") == Erased(1, 0)
    assert erase_orders(world.hub, [order_id], "user:7") == Erased(0, 0)


def test_orders_are_erased_by_their_numbers_all_or_none(world: World) -> None:
    made = {an_order(world, no="T1", state="completed"), an_order(world, no="T2", state="cancelled")}
    with pytest.raises(NotFound, match="no order T9"):
        erase_numbers(world.hub, "s1", ["T1", "T9"], "command")
    assert keys(world) == made
    assert erase_numbers(world.hub, "s1", ["T1", "T2"], "command") == Erased(2, 0)


@pytest.mark.parametrize("state", ["unpaid", "open", "shipped"])
def test_nothing_is_erased_while_one_of_the_orders_goes_on(world: World, state: str) -> None:
    made = {an_order(world, no="T1", state="completed"), an_order(world, no="T2", state=state)}
    with pytest.raises(NotPossible, match="order T2 goes on") as caught:
        erase_numbers(world.hub, "s1", ["T1", "T2"], "command")
    assert "cancel it" in caught.value.remedy
    assert keys(world) == made
    assert world.one("select count(*) from receiver where phone_blind is not null") == 2
    assert world.one("select count(*) from event where kind = 'buyer_erased'") == 0
