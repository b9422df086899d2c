"""The batch planner: stock that only some orders need is kept for them; policies and refusals as shops set them."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract.errors import Refused
from oms.app.kernel.masters import read_masters
from oms.app.kernel.sourcing_plans import pack_plan, unpack_plan
from oms.app.stock.planning import renewing
from oms.app.stock.planning.mix import smoothed
from oms.app.stock.planning.renewing import renew_next
from oms.domain.sourcing.plan import Kind, Plan
from oms.domain.sourcing.terms import Method
from tests.app.routes import candidates
from tests.factories import World, a_line, an_order, settle

BOTH = [a_line("1", "A"), a_line("2", "B")]


def have(world: World, **units: int) -> None:
    """Sellable units at a point, as in a1=3."""
    for name, there in units.items():
        level = {"point": int(name[1]), "sku": world.skus[name[0].upper()]}
        where = "stock_point_id = :point and sku_id = :sku"
        (left,) = world.rows(f"select on_hand - reserved as units from stock_level where {where}", **level)
        for table in ("stock_level", "stock_movement"):
            world.run(f"update {table} set on_hand = on_hand + :more where {where} and on_hand <> 0",
                      more=there - left.units, **level)  # fmt: skip


def sent_from(world: World, *lines: Any) -> list[int]:
    """The points that an order for these lines leaves from."""
    id_ = an_order(world, list(lines))
    settle(world)
    return sorted(work.stock_point_id for work in world.fulfilments(id_))


def plan_for(world: World) -> None:
    """The pool is planned for, now."""
    world.run("insert into sourcing_plan (pool_id, due_at) select stock_pool_id, :now from shop where id = 1",
              now=world.clock())  # fmt: skip
    assert renew_next(world.hub) == 1
    world.hub.masters.forget()


@pytest.fixture
def mixed(world: World) -> World:
    """Point 1 is the cheaper for all; B is only there. Half of the orders want A, half A and B; A is scarce."""
    world.run("update stock_point set handling_amount = 500 where id = 2")
    for _ in range(4):
        sent_from(world, a_line("1", "A"))
        sent_from(world, *BOTH)
    have(world, a1=4, a2=4, b1=8, b2=0)
    return world


def test_what_only_some_orders_need_is_kept_for_them(mixed: World) -> None:
    plan_for(mixed)
    (row,) = mixed.rows("select orders, kinds, error, cost from sourcing_plan")
    assert (row.orders, row.kinds, row.error) == (8, 2, "")
    assert [sent_from(mixed, a_line("1", "A")) for _ in range(4)] == [[2]] * 4
    assert [sent_from(mixed, *BOTH) for _ in range(4)] == [[1]] * 4


def test_without_a_plan_the_cheapest_point_is_emptied_first(mixed: World) -> None:
    assert [sent_from(mixed, a_line("1", "A")) for _ in range(4)] == [[1]] * 4
    assert sent_from(mixed, *BOTH) == [1, 2]


def test_the_way_that_a_plan_chose_says_so(mixed: World) -> None:
    plan_for(mixed)
    id_ = an_order(mixed, [a_line("1", "A")])
    settle(mixed)
    chosen = next(one for one in candidates(mixed, id_) if one.is_chosen)
    assert ([point.code for point in chosen.points], chosen.reason_en) == (["WH2"], "chosen by its share in the plan")


def test_a_plan_is_followed_only_while_it_is_fresh_and_on(mixed: World) -> None:
    plan_for(mixed)
    mixed.run("update sourcing_plan set valid_until = :now - interval '1 second'", now=mixed.clock())
    assert sent_from(mixed, a_line("1", "A")) == [1]
    mixed.run("update sourcing_plan set valid_until = :now + interval '1 hour', is_on = false", now=mixed.clock())
    assert sent_from(mixed, a_line("1", "A")) == [1]


def test_the_more_kinds_there_are_the_fewer_ways_of_each_are_laid_out(
    mixed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[int] = []
    monkeypatch.setattr(renewing, "MOST_IN_ALL", 600)
    monkeypatch.setattr(renewing, "ways_of", lambda *asked: limits.append(asked[-1]) or [])
    plan_for(mixed)
    assert limits == [300, 300]


def test_nothing_is_planned_while_nothing_is_scarce(world: World) -> None:
    sent_from(world, a_line("1", "A"))
    plan_for(world)
    assert world.rows("select orders, kinds, error from sourcing_plan") == [(1, 0, "")]
    with world.hub.engine.connect() as connection:
        assert read_masters(connection, world.clock()).plans == {}
    assert renew_next(world.hub) == 0


def test_orders_that_go_by_another_policy_follow_no_plan(mixed: World) -> None:
    mixed.run("""insert into sourcing_setting (scope, scope_id, policy)
                 select 'pool', stock_pool_id, 'fastest' from shop where id = 1""")
    plan_for(mixed)
    assert mixed.one("select error from sourcing_plan") == "orders that go by fastest follow no plan"


def test_a_plan_is_read_as_it_was_written() -> None:
    methods = [Method(((1, ((5, 2), (6, 1))), (2, ((7, 1),))), 0.25), Method(((1, ((5, 2), (6, 1), (7, 1))),), 0.75)]
    plan = Plan({("33$", ((5, 2), (6, 1), (7, 1))): Kind(methods)}, {(1, 5): 120})
    assert unpack_plan(pack_plan(plan)) == plan


def test_an_independent_mix_is_smoothed_and_a_dependent_one_is_believed() -> None:
    goods = [((sku, 1),) for sku in range(4)]
    dependent = {(str(number), goods[number]): 100.0 for number in range(4)}
    found = smoothed(dependent)
    assert sum(found.values()) == pytest.approx(400)
    assert found["0", goods[0]] > 95
    independent = {(str(place), wanted): 10.0 for place in range(4) for wanted in goods}
    del independent["3", goods[3]]
    assert smoothed(independent)["3", goods[3]] > 5
    assert smoothed({}) == {}


@pytest.mark.parametrize(
    ("setting", "has", "expected"),
    [
        ({"policy": "main_first"}, {"a1": 9, "a2": 9}, [2]),
        ({"policy": "main_first"}, {"a1": 9, "a2": 1}, [1]),
        ({"policy": "main_first"}, {"a1": 2, "a2": 1}, [1, 2]),
        ({"policy": "main_first", "ships_whole": True}, {"a1": 2, "a2": 1}, []),
        ({"policy": "cheapest", "splits_units": False}, {"a1": 2, "a2": 1}, []),
        ({"policy": "cheapest", "parcel_amount": 0}, {"a1": 3, "a2": 3}, [1]),
    ],
)
def test_a_shop_chooses_as_it_is_set(
    world: World, setting: dict[str, Any], has: dict[str, int], expected: list[int]
) -> None:
    """Point 2 is the main one of the pool, and dearer."""
    world.run("update stock_point set handling_amount = 500 where id = 2")
    world.run("update stock_pool set main_point_id = 2")
    have(world, **has)
    for scope, policy in (("pool", "fastest"), ("shop", setting.pop("policy"))):
        world.run(
            "insert into sourcing_setting (scope, scope_id, policy) select :scope, case when :scope = 'shop' then id "
            "else stock_pool_id end, :policy from shop where id = 1", scope=scope, policy=policy,
        )  # fmt: skip
    for column, value in setting.items():
        world.run(f"update sourcing_setting set {column} = :value where scope = 'shop'", value=value)
    assert sent_from(world, a_line("1", "A", 3)) == expected


def test_the_fastest_way_is_from_the_city_itself(world: World) -> None:
    id_ = an_order(world)
    world.run("update stock_point set division_code = case id when 1 then '650100' else '330100' end")
    world.run("update stock_point set handling_amount = 0 where id = 1")
    world.run("insert into sourcing_setting (scope, scope_id, policy) values ('shop', 1, 'fastest')")
    settle(world)
    assert [work.stock_point_id for work in world.fulfilments(id_)] == [2]


def test_a_full_day_and_a_long_way_weigh_as_much_as_is_set(world: World) -> None:
    world.run("insert into sourcing_setting (scope, scope_id, pressure_amount, hour_amount) values ('shop', 1, 1000, 2)")
    world.run("update stock_point set daily_capacity = 10 where id = 1")
    world.run(
        """insert into stock_capacity (stock_point_id, day, used)
           select id, (cast(:now as timestamptz) at time zone timezone)::date, 9 from stock_point where id = 1""",
        now=world.clock(),
    )
    id_ = an_order(world)
    settle(world)
    assert [work.stock_point_id for work in world.fulfilments(id_)] == [2]
    parts = {one.points[0].code: {part.code: part.amount for part in one.parts} for one in candidates(world, id_)}
    assert (parts["WH1"]["pressure"], parts["WH2"]["lateness"]) == (800, 144)


def test_a_point_that_refused_is_not_asked_again_and_the_explanation_says_so(world: World) -> None:
    world.run("insert into sourcing_setting (scope, scope_id, most_refusals) values ('shop', 1, 1)")
    id_ = an_order(world)
    world.script.next("create", Refused("no such item", code="S1"))
    settle(world)
    assert world.holds(id_) == {"pipeline_failed"}
    world.run("update sourcing_setting set most_refusals = 5")
    other = an_order(world)
    world.script.next("create", Refused("no such item", code="S1"))
    settle(world)
    assert [(work.status, work.stock_point_id) for work in world.fulfilments(other)] == [("cancelled", 1), ("sent", 2)]
    assert {one.reason for one in candidates(world, other) if not one.is_chosen} == {"refused"}
