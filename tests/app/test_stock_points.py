"""Stock points keep to where they deliver, how much they can do a day and when they are out; the ledger is proved."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from oms.app.kernel.capacity import capacity_left
from oms.app.stock.proving import prove, prove_nightly
from oms.app.stock.reopening import reopen_points
from tests.app.stocking import moved
from tests.factories import START, World, a_document, advance, an_order, raw, settle, take


def point_of(world: World, order_id: int) -> int | None:
    found = world.fulfilments(order_id)
    return found[0].stock_point_id if found else None


def planned(world: World) -> int | None:
    order_id = an_order(world)
    advance(world)
    return point_of(world, order_id)


@pytest.mark.parametrize(
    ("area", "point"),
    [
        ("'division', '3301', null, false", 1),
        ("'division', '31', null, false", 2),
        ("'division', '330106', null, true", 2),
        ("'radius', '', 500, false", 2),
    ],
)
def test_goods_leave_from_a_point_that_delivers_there(world: World, area: str, point: int) -> None:
    assert planned(world) == 1, "the first point is preferred"
    world.run(f"""insert into stock_area (stock_point_id, kind, division_code, metres, is_excluded) values (1, {area})""")
    assert planned(world) == point


def test_a_point_that_is_full_today_leaves_orders_to_others_and_works_again_tomorrow(world: World) -> None:
    world.run("update stock_point set daily_capacity = 2 where id = 1")
    places = []
    for _ in range(4):
        world.hub.masters.forget()
        places.append(planned(world))
    assert places == [1, 1, 2, 2]
    with world.hub.engine.connect() as connection:
        assert capacity_left(connection, [1, 2], START.date()) == {1: 0, 2: None}
        assert capacity_left(connection, [1], START.date() + timedelta(days=1)) == {1: 2}
    world.clock.forward(86_400)
    world.hub.masters.forget()
    assert planned(world) == 1


def test_what_is_cancelled_gives_its_capacity_back(world: World) -> None:
    world.run("update stock_point set daily_capacity = 5 where id = 1")
    order_id = an_order(world)
    advance(world)
    assert world.one("select used from stock_capacity") == 1
    number = world.one("select external_no from orders where id = :id", id=order_id)
    world.clock.forward(60)
    take(world, raw(a_document(number, at=60, state="cancelled"), fetched=60))
    settle(world)
    assert world.one("select used from stock_capacity") == 0


def test_when_all_points_are_full_orders_are_planned_all_the_same(world: World) -> None:
    world.run("update stock_point set daily_capacity = 0")
    assert planned(world) == 1


def test_an_outage_ends_by_itself(world: World) -> None:
    world.run("update stock_point set state = 'outage', outage_until = :at where id = 1", at=START + timedelta(hours=1))
    assert (reopen_points(world.hub), planned(world)) == (0, 2)
    world.clock.forward(3601)
    assert (reopen_points(world.hub), planned(world)) == (1, 1)


def test_the_proof_finds_what_was_changed_beside_the_ledger(world: World) -> None:
    moved(world, -4, None)
    day = date(2026, 11, 21)
    assert prove(world.hub, day) == 0
    world.run("update stock_level set on_hand = on_hand + 3, reserved = 1 where stock_point_id = 1 and sku_id = 101")
    assert prove(world.hub, day) == 1
    rows = world.rows("select sku_id, on_hand, on_hand_ledger, reserved, reserved_ledger from stock_proof_line")
    assert [tuple(row) for row in rows] == [(101, 103, 100, 1, 0)]
    assert world.one("select count(*) from alert where kind = 'stock_proof'") == 1
    world.run("update stock_level set on_hand = on_hand - 3, reserved = 0 where stock_point_id = 1 and sku_id = 101")


def test_the_proof_runs_once_a_night(world: World) -> None:
    assert (prove_nightly(world.hub), prove_nightly(world.hub)) == (1, 0)
    world.clock.forward(86_400)
    assert prove_nightly(world.hub) == 1
    assert world.rows("select levels, movements, differing from stock_proof limit 1") == [(10, 10, 0)]
