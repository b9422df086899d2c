"""A typed order that is paid later, and one that its platform brings after all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oms.app.capture.entered.entering import enter_order
from oms.app.capture.entered.settling import mark_paid
from oms.app.intercept.orders import cancel_order
from oms.app.kernel.holds import lift
from oms.domain.errors import Invalid, NotFound, NotPossible, WrongState
from tests.app.entered.kit import a_row, as_csv, bring, told
from tests.app.entered.test_entering import typed
from tests.factories import START, World, a_document, an_order, raw, settle, take


def unpaid(world: World) -> int:
    return enter_order(world.hub, typed("H1", paid_at=""), "user:7", [world.shop])


def brought(world: World, no: str) -> int:
    """An order that the platform brings; answers its id."""
    assert take(world, raw(a_document(no))).new == 1
    return int(world.one("select id from orders where origin = 'platform' and external_no = :no", no=no))


def pay(world: World, order: int, **changes: Any) -> None:
    given: dict[str, Any] = {"amount": 1000, "paid_at": START, "reference": "TR-9"} | changes
    mark_paid(world.hub, order, **given, actor="user:7")


def test_an_order_marked_paid_goes_the_way_of_all_orders(world: World) -> None:
    order = unpaid(world)
    settle(world)
    assert world.phase(order) == "unpaid"
    pay(world, order)
    settle(world)
    assert world.phase(order) == "at_warehouse"
    assert world.rows("select state, paid_at, reference from payment") == [("paid", START, "TR-9")]
    assert world.rows("select paid_at, ship_by from orders") == [(START, START + timedelta(hours=24))]
    assert world.rows("select actor, detail ->> 'reference' from event where kind = 'pay'") == [("user:7", "TR-9")]


def test_the_same_file_again_adds_nothing_to_a_paid_order(world: World) -> None:
    file = as_csv([a_row("N1", paid_at="")])
    bring(world, file)
    pay(world, int(world.one("select id from orders")))
    assert told(bring(world, file)) == (0, 1, 0, 0)
    assert world.one("select status from orders") == "open"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": 999}, "amount"),
        ({"paid_at": START + timedelta(hours=1)}, "paid_at"),
        ({"paid_at": START - timedelta(days=30)}, "paid_at"),
        ({"reference": " "}, "reference"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(world: World, changes: dict[str, Any], field: str) -> None:
    order = unpaid(world)
    with pytest.raises(Invalid) as caught:
        pay(world, order, **changes)
    assert caught.value.field == field
    assert world.one("select status from orders") == "unpaid"


def test_only_an_unpaid_order_of_people_is_marked_paid(world: World) -> None:
    order = unpaid(world)
    pay(world, order)
    with pytest.raises(WrongState):
        pay(world, order)
    with pytest.raises(NotPossible, match="platform"):
        pay(world, an_order(world, state="unpaid"))
    with pytest.raises(NotFound):
        pay(world, 77)


def test_a_platforms_order_with_the_number_of_a_manual_one_is_held(world: World) -> None:
    enter_order(world.hub, typed("H1"), "user:7", [world.shop])
    twin, other = brought(world, "H1"), brought(world, "H2")
    settle(world)
    assert world.holds(twin) == {"possible_duplicate"}
    assert world.one("select seen ->> 'typed' from hold") == "H1"
    assert world.fulfilments(twin) == []
    assert world.phase(other) == "at_warehouse"


def test_a_person_who_finds_two_orders_lets_both_go(world: World) -> None:
    enter_order(world.hub, typed("H1"), "user:7", [world.shop])
    twin = brought(world, "H1")
    settle(world)
    lift(world.hub, int(world.one("select id from hold")), "user:7", "two buyers, one number")
    settle(world)
    assert world.holds(twin) == set()
    assert world.phase(twin) == "at_warehouse"


def test_a_cancelled_manual_order_is_no_duplicate(world: World) -> None:
    typed_in = enter_order(world.hub, typed("H1"), "user:7", [world.shop])
    cancel_order(world.hub, typed_in, "user:7", "the platform brings it")
    twin = brought(world, "H1")
    settle(world)
    assert world.phase(twin) == "at_warehouse"
