"""Stock points keep to where they deliver, how much they can do a day and when they are out; the ledger is proved."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import orjson
import pytest

from oms.app.kernel.capacity import capacity_left
from oms.app.pipeline.advance import advance_batch
from oms.app.pipeline.replanning.pump import replan_next
from oms.app.stock.points import save_pool, set_state
from oms.app.stock.proving import prove, prove_nightly
from oms.app.stock.reopening import reopen_points
from oms.app.stock.waking import wake_short
from tests.app.routes import again, candidates, empty, held, plan, route_by, taken
from tests.app.stocking import moved
from tests.factories import START, World, a_document, a_line, advance, an_order, drain, raw, settle, take


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


def test_when_all_points_are_full_an_order_waits_for_tomorrow_and_says_why(world: World) -> None:
    world.run("update stock_point set daily_capacity = 0 where id = 1")
    world.run("update stock_point set daily_capacity = 1 where id = 2")
    assert planned(world) == 2
    id_ = an_order(world)
    advance(world)
    assert (point_of(world, id_), held(world, id_)) == (None, {"capacity_full": {"full": ["WH1", "WH2"]}})
    world.run("update stock_point set daily_capacity = 5 where id = 1")
    again(world, id_)
    assert (point_of(world, id_), world.holds(id_)) == (1, set())


def test_an_order_that_waits_for_capacity_goes_on_by_itself_the_next_day(world: World) -> None:
    world.run("update stock_point set daily_capacity = 1")
    assert [planned(world), planned(world)] == [1, 2]
    world.clock.forward(13 * 3600 + 2700)  # A quarter to midnight in China.
    id_ = an_order(world)
    advance(world)
    assert world.one("select ready_at from orders where id = :id", id=id_) <= world.clock() + timedelta(minutes=30)
    world.clock.forward(1800)
    advance(world)
    assert (point_of(world, id_), world.holds(id_)) == (1, set())


def test_what_lacks_for_another_reason_is_not_blamed_on_capacity(world: World) -> None:
    world.run("update stock_point set daily_capacity = 0 where id = 1")
    world.run("update stock_level set safety = on_hand where sku_id = 100")
    id_ = an_order(world)
    advance(world)
    assert world.holds(id_) == {"short_of_stock"}


def test_two_workers_never_plan_more_than_a_day_can_hold(make_world: Callable[..., World]) -> None:
    world = make_world(stock=1000)
    world.run("update stock_point set daily_capacity = 25 where id = 1")
    world.run("update stock_point set daily_capacity = 10 where id = 2")
    ids = [an_order(world) for _ in range(60)]
    start = Barrier(2)

    def work() -> None:
        start.wait()
        while advance_batch(world.hub, 4):
            pass

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: work(), range(2)))
    planned_at = [row[0] for row in world.rows("select stock_point_id from fulfilment where status <> 'cancelled'")]
    assert (planned_at.count(1), planned_at.count(2)) == (25, 10)
    assert world.rows("select stock_point_id, used from stock_capacity order by 1") == [(1, 25), (2, 10)]
    waiting = [id_ for id_ in ids if world.holds(id_) == {"capacity_full"}]
    assert len(waiting) == 25


def test_an_outage_ends_by_itself(world: World) -> None:
    world.run("update stock_point set state = 'outage', outage_until = :at where id = 1", at=START + timedelta(hours=1))
    assert (reopen_points(world.hub), planned(world)) == (0, 2)
    world.clock.forward(3601)
    assert (reopen_points(world.hub), planned(world)) == (1, 1)


@pytest.mark.parametrize("way", ["time", "person", "pool"])
def test_what_lies_at_a_point_that_comes_back_is_for_those_who_waited(make_world: Callable[..., World], way: str) -> None:
    world = make_world(stock=10)
    world.run("update stock_level set safety = on_hand where stock_point_id = 2")
    world.run("update stock_point set state = 'outage', outage_until = :at where id = 1", at=START + timedelta(hours=1))
    if way == "pool":
        world.run("delete from pool_member where stock_point_id = 1")
        world.run("update stock_point set state = 'open' where id = 1")
    first = an_order(world, [a_line(units=10)])
    world.hub.masters.forget()
    advance(world)
    assert world.fulfilments(first) == []
    world.clock.forward(3601)
    if way == "time":
        assert reopen_points(world.hub) == 1
    elif way == "person":
        set_state(world.hub, 1, "open", None, "", "user:1")
    else:
        save_pool(world.hub, 1, "main", "main", "whole_first", None, [(1, 1), (2, 2)], "user:1")
    world.run("update orders set ready_at = :at where id = :id", at=START + timedelta(hours=2), id=first)
    later = an_order(world)
    advance(world)
    assert world.fulfilments(later) == []
    drain(wake_short, world)
    advance(world)
    assert len(world.fulfilments(first)) == 1


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


def test_a_point_past_its_cut_off_is_late_by_the_days_until_it_works_again(world: World) -> None:
    world.run("update stock_point set cut_off = '09:00' where id = 1")  # It is ten o'clock in China, a Saturday.
    world.run("insert into stock_closure (stock_point_id, closed_on) values (1, '2026-11-22')")
    due = (START + timedelta(days=3)).isoformat()
    first = an_order(world, ship_by=due)
    advance(world)
    assert point_of(world, first) == 1, "nobody has said what an hour weighs, and it is in time"
    detail = world.one("select detail from event where order_id = :id and kind = 'planned'", id=first)
    assert detail["leaves_on"] == "2026-11-23"
    world.run("insert into sourcing_setting (scope, scope_id, policy, hour_amount) values ('shop', 1, 'cheapest', 10)")
    order_id = an_order(world, ship_by=due)
    advance(world)
    assert point_of(world, order_id) == 2
    kept = world.one("select choices from decision where order_id = :id and stage = 'route'", id=order_id)
    ways = {way[0][0]: way for way in tell_ways(kept)}
    assert ways[1][3][4] - ways[2][3][4] == 48 * 10


def closed_for(world: World, point: int, days: int) -> None:
    for day in range(days):
        world.run(
            "insert into stock_closure (stock_point_id, closed_on) values (:point, :day)",
            point=point, day=START.date() + timedelta(days=day),
        )  # fmt: skip


@pytest.mark.parametrize("policy", ["whole_first", "cheapest", "main_first"])
def test_a_point_that_can_only_leave_after_the_deadline_comes_behind_those_that_keep_it(
    world: World, policy: str
) -> None:
    closed_for(world, 1, 8)
    world.run("insert into sourcing_setting (scope, scope_id, policy, points) values ('pool', 1, :it, '{1}')", it=policy)
    due = START + timedelta(days=2)
    order_id = an_order(world, ship_by=due.isoformat())
    advance(world)
    assert point_of(world, order_id) == 2
    told = {one.points[0].id: (one.reason, one.is_chosen) for one in candidates(world, order_id)}
    assert told == {1: ("late", False), 2: ("", True)}
    dues = (START + timedelta(days=9), START - timedelta(days=1))
    others = [an_order(world, ship_by=each.isoformat()) for each in dues]
    advance(world)
    assert [point_of(world, id_) for id_ in others] == [1, 1], "in time, and late from everywhere"
    closed_for(world, 2, 5)
    order_id = an_order(world, ship_by=due.isoformat())
    advance(world)
    assert point_of(world, order_id) == 2, "it is the less late of the two"


def test_a_deadline_makes_no_second_parcel_and_a_preference_without_a_price_goes_before_it(world: World) -> None:
    closed_for(world, 1, 8)
    due = (START + timedelta(days=2)).isoformat()
    empty(world, 2, "B")
    both = taken(world, a_line("1", "A"), a_line("2", "B"), ship_by=due)
    assert [point for point, _ in plan(world, both)] == [1]
    route_by(world, ("prefer_point", {"point": "WH1"}))
    assert point_of(world, taken(world, a_line("1", "A"), ship_by=due)) == 1


def test_looking_again_at_plans_goes_to_no_point_that_leaves_too_late(make_world: Any) -> None:
    world = make_world(stock=1, window=3600)
    world.run("insert into replan_setting (pool_id, is_on, due_at) values (1, true, :now)", now=world.clock())
    empty(world, 1, "A")
    empty(world, 2, "B")
    due = (START + timedelta(days=2)).isoformat()
    id_ = taken(world, a_line("1", "A"), a_line("2", "B"), ship_by=due)
    assert sorted(point for point, _ in plan(world, id_)) == [1, 2]
    closed_for(world, 1, 8)
    world.run("update stock_level set safety = 0 where stock_point_id = 1")
    world.clock.forward(600)
    replan_next(world.hub)
    assert sorted(point for point, _ in plan(world, id_)) == [1, 2]


def tell_ways(kept: bytes) -> list[Any]:
    found = orjson.loads(kept)
    return list(found["ways"] if isinstance(found, dict) else found)
