"""预占: who is promised what of a pool before a stock point is known, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oms.app.kernel.holds import lift
from oms.app.stock.quotas import set_policy
from oms.app.stock.receipts import NewReceipt, create_receipt
from oms.app.stock.waking import wake_short
from tests.factories import START, World, a_document, a_line, advance, an_order, drain, order_id, raw, take

RESERVED = "select coalesce(sum(reserved), 0)::int from pool_level"


def reserved(world: World, id_: int) -> dict[str, int]:
    rows = world.rows(
        """select k.code, r.kind, r.units from demand_reservation r join sku k on k.id = r.sku_id
           where r.order_id = :id order by 1""",
        id=id_,
    )
    return {code if kind == "good" else f"{code} {kind}": units for code, kind, units in rows}


def taken(world: World, *lines: Any, **changes: Any) -> int:
    id_ = an_order(world, list(lines) or None, **changes)
    world.hub.masters.forget()
    advance(world)
    return id_


def is_planned(world: World, id_: int) -> bool:
    return [work.status for work in world.fulfilments(id_)] != []


def arrive(world: World, code: str, units: int) -> None:
    """Goods are counted at the first point by the hub's own way of changing stock."""
    from oms.app.kernel.batch import Batch
    from oms.app.kernel.flush import flush

    with world.hub.begin() as connection:
        batch = Batch(world.hub, connection, world.hub.masters.get(connection, world.clock()), world.clock())
        batch.move_stock((1, world.skus[code], "good"), on_hand=units, reason="count")
        flush(batch)


def expect(world: World, units: dict[str, int], hours: int = 24) -> int:
    """Goods are expected at the first point in so many hours; answers the receipt."""
    point = world.one("select code from stock_point where id = 1")
    receipt = NewReceipt(point, units, expected_at=world.clock() + timedelta(hours=hours))
    create_receipt(world.hub, receipt, "ann")
    drain(wake_short, world)
    return int(world.one("select max(id) from goods_receipt"))


@pytest.fixture
def scarce(make_world: Any) -> World:
    """Two of everything at each of the two points."""
    world: World = make_world(stock=2)
    return world


def test_an_order_that_is_planned_at_once_never_has_a_reservation(world: World) -> None:
    id_ = taken(world)
    assert is_planned(world, id_)
    assert world.one("select count(*) from demand_reservation") == 0


def test_an_order_that_cannot_be_served_keeps_its_place_and_nothing_else(scarce: World) -> None:
    big = taken(scarce, a_line(units=6))
    assert reserved(scarce, big) == {"A": 6}
    assert scarce.one(RESERVED) == 0
    small = taken(scarce)
    assert is_planned(scarce, small)
    arrive(scarce, "A", 3)
    drain(wake_short, scarce)
    assert scarce.one(RESERVED) == 6  # It is next, so that nobody comes between until it has its turn.
    assert not is_planned(scarce, taken(scarce))
    advance(scarce)
    assert is_planned(scarce, big)


def test_an_order_whose_goods_are_on_their_way_keeps_what_they_do_not_cover_for_its_time(scarce: World) -> None:
    expect(scarce, {"A": 4})
    big = taken(scarce, a_line(units=6))
    assert scarce.one(RESERVED) == 2  # Four of six will come; for the two others half of what is there is enough.
    small = taken(scarce, a_line(units=2))
    assert is_planned(scarce, small)
    assert not is_planned(scarce, taken(scarce, no="late"))
    scarce.clock.forward(73 * 3600)
    advance(scarce)
    assert reserved(scarce, big) == {}
    assert is_planned(scarce, order_id(scarce, "late"))


def test_what_arrives_goes_to_whoever_paid_first_without_waiting_for_the_next_look(scarce: World) -> None:
    first, second, third = (taken(scarce, a_line(units=units), no=f"N{units}") for units in (5, 6, 7))
    arrive(scarce, "A", 3)
    assert drain(wake_short, scarce) == 1
    advance(scarce)
    assert [is_planned(scarce, id_) for id_ in (first, second, third)] == [True, False, False]
    arrive(scarce, "A", 11)
    drain(wake_short, scarce)
    advance(scarce)
    assert [is_planned(scarce, id_) for id_ in (second, third)] == [True, True]
    assert scarce.one(RESERVED) == 0


def test_other_goods_of_a_short_order_are_kept_for_it_in_its_share_and_let_go_with_its_cancellation(
    scarce: World,
) -> None:
    set_policy(scarce.hub, 1, 0, {"keep_bp": 10_000}, "ann")
    expect(scarce, {"A": 1})
    first = taken(scarce, a_line("1", "A", 5), a_line("2", "B", 4), no="X1")
    other = taken(scarce, a_line("1", "B", 1))
    assert not is_planned(scarce, other)
    take(scarce, raw(a_document("X1", [a_line("1", "A", 5), a_line("2", "B", 4)], state="cancelled", at=9), 9))
    advance(scarce)
    assert reserved(scarce, first) == {}
    drain(wake_short, scarce)
    advance(scarce)
    assert is_planned(scarce, other)


def test_a_line_too_large_to_be_served_goes_to_people_who_may_have_its_goods_kept(scarce: World) -> None:
    giant = taken(scarce, a_line(units=100_000))
    assert scarce.holds(giant) == {"short_of_stock", "beyond_supply"}
    assert scarce.one(RESERVED) == 0
    assert is_planned(scarce, taken(scarce, a_line(units=2)))
    hold = scarce.one("select id from hold where kind = 'beyond_supply' and cleared_at is null")
    lift(scarce.hub, hold, "ann", "we are buying")
    advance(scarce)
    assert scarce.holds(giant) == {"short_of_stock"}
    assert scarce.one(RESERVED) == 100_000
    assert not is_planned(scarce, taken(scarce))


def test_an_unpaid_order_reserves_where_the_shop_says_so_and_only_for_a_time(make_world: Any) -> None:
    world: World = make_world(stock=2, reserve_at="order")
    unpaid = taken(world, a_line(units=3), state="unpaid", no="U1")
    bundle = taken(world, a_line("1", "SET", 1), state="unpaid")
    assert reserved(world, unpaid) == {"A": 3}
    assert reserved(world, bundle) == {"A": 1, "B": 2}
    paid = taken(world, a_line(units=1))
    assert not is_planned(world, paid)
    take(world, raw(a_document("U1", [a_line(units=3)], at=60), 60))
    advance(world)
    assert is_planned(world, unpaid)
    assert reserved(world, unpaid) == {}
    world.clock.forward(1900)
    from oms.app.stock.reserving_upkeep import let_expire

    assert let_expire(world.hub) == 2
    drain(wake_short, world)
    advance(world)
    assert is_planned(world, paid)


def test_a_refund_asked_lets_units_go_and_its_withdrawal_takes_the_old_place(scarce: World) -> None:
    lines = [a_line(units=5)]
    first = taken(scarce, *lines, no="R1")
    take(scarce, raw(a_document("R1", [a_line(units=5, refund="asked")], at=5), 5))
    advance(scarce)
    assert reserved(scarce, first) == {}
    second = taken(scarce, a_line(units=5), paid_at=(START + timedelta(minutes=5)).isoformat())
    take(scarce, raw(a_document("R1", lines, at=10), 10))
    advance(scarce)
    assert reserved(scarce, first) == {"A": 5}
    arrive(scarce, "A", 1)
    drain(wake_short, scarce)
    advance(scarce)
    assert [is_planned(scarce, id_) for id_ in (first, second)] == [True, False]
    assert order_id(scarce, "R1") == first
