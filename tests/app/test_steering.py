"""Sourcing as people set it: points, parcels, what leaves together, weights, hours; written once each, told, undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oms.app.pipeline.steering.arriving import expect_arrivals
from oms.app.pipeline.steering.followed import count_followed
from oms.app.pipeline.steering.history import list_changes
from oms.app.pipeline.steering.plan_told import tell_plan
from oms.app.pipeline.steering.plans import PlanSetting, compute_now, find_plan, set_plan, undo_plan
from oms.app.pipeline.steering.policies import drop_setting, find_setting, set_setting, undo_setting
from oms.app.pipeline.steering.previewing import keep_preview
from oms.app.pipeline.steering.setting import Setting
from oms.app.pipeline.variants.asking import ask_trial
from oms.app.pipeline.variants.running import trial_next
from oms.app.stock.planning.renewing import renew_next
from oms.domain.errors import HubError, Invalid, NotFound, NotPossible, Stale
from tests.app.routes import candidates
from tests.app.test_sourcing_plans import BOTH, have, sent_from
from tests.factories import World, a_line, advance, an_order, drain, settle


def say(world: World, *, scope: str = "shop", revision: int = 0, **fields: Any) -> int:
    """Have shop 1 (or its pool or channel) say this."""
    return set_setting(world.hub, scope, 1, Setting(**fields), revision, "user:1")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"policy": "best"}, "policy"), ({"parcel_amount": -1}, "parcel_amount"), ({"most_refusals": 0}, "most_refusals"),
        ({"max_parcels": 21}, "max_parcels"), ({"ships_whole": True, "max_parcels": 2}, "max_parcels"),
        ({"points": (1, 1)}, "points"), ({"points": (99,)}, "points"), ({"only_points": True}, "only_points"),
        ({"together_skus": ((1,),)}, "together_skus"), ({"together_skus": ((1, 999_999),)}, "together_skus"),
        ({"scarcity_percent": 1001}, "scarcity_percent"), ({"splits_units": 1}, "splits_units"),
    ],
)  # fmt: skip
def test_what_cannot_be_set_is_refused_with_its_field_and_a_remedy(
    world: World, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        say(world, **fields)
    assert refused.value.field == field
    assert refused.value.remedy
    assert world.one("select count(*) from sourcing_setting") == 0


def test_the_second_of_two_people_is_told_and_the_newest_change_can_be_undone(world: World) -> None:
    first = say(world, policy="cheapest")
    with pytest.raises(Stale, match="somebody else"):
        say(world, policy="fastest")
    second = say(world, revision=first, policy="cheapest", split_gain=200)
    assert say(world, revision=second, policy="cheapest", split_gain=200) == second
    with pytest.raises(Stale, match="somebody else"):
        say(world, revision=first, policy="fastest")
    with world.hub.engine.connect() as connection:
        newest, oldest = list_changes(connection, [1])
        assert (newest.before["split_gain"], newest.after["split_gain"], newest.by) == (0, 200, "user:1")
        assert find_setting(connection, "shop", 1).setting.split_gain == 200
    with pytest.raises(Stale, match="changed again since"):
        undo_setting(world.hub, oldest.id, "user:2")
    undo_setting(world.hub, newest.id, "user:2")
    with world.hub.engine.connect() as connection:
        kept = find_setting(connection, "shop", 1)
        assert (kept.setting, kept.changed_by) == (Setting(policy="cheapest"), "user:2")
    with pytest.raises(Stale):
        drop_setting(world.hub, "shop", 1, second, "user:1")
    drop_setting(world.hub, "shop", 1, kept.revision, "user:1")
    assert say(world, policy="fastest") > kept.revision
    with pytest.raises(NotFound):
        set_setting(world.hub, "pool", 77, Setting(), 0, "user:1")
    told = world.rows("select actor, detail from event where kind = 'sourcing_changed' order by id desc limit 1")
    assert told[0].detail["scope"] == "shop"


def test_points_are_taken_in_the_order_of_the_place_and_others_never(world: World) -> None:
    revision = say(world, policy="main_first", points=(2, 1))
    assert sent_from(world, a_line("1", "A")) == [2]
    have(world, a2=0)
    assert sent_from(world, a_line("1", "A")) == [1]
    say(world, revision=revision, policy="main_first", points=(2,), only_points=True)
    id_ = an_order(world, [a_line("1", "A")])
    settle(world)
    assert world.holds(id_) == {"short_of_stock"}
    why = {one.points[0].code: one.reason for one in candidates(world, id_)}
    assert why == {"WH1": "not_listed", "WH2": "short_of_stock"}


def test_an_order_makes_no_more_parcels_than_its_place_allows(world: World) -> None:
    have(world, a1=5, a2=0, b1=0, b2=5)
    assert sent_from(world, *BOTH) == [1, 2]
    say(world, max_parcels=1)
    id_ = an_order(world, BOTH)
    settle(world)
    assert world.holds(id_) == {"too_many_parcels"}


def test_goods_of_one_list_and_units_of_one_line_leave_together(world: World) -> None:
    have(world, a1=5, a2=0, b1=0, b2=5, c1=1, c2=1)
    both = (world.skus["A"], world.skus["B"])
    revision = say(world, together_skus=(both,))
    id_ = an_order(world, BOTH)
    settle(world)
    assert world.holds(id_) == {"too_many_parcels"} or world.holds(id_) == {"short_of_stock"}
    assert sent_from(world, a_line("1", "A"), a_line("2", "C")) == [1]
    have(world, c1=1, c2=1)
    say(world, revision=revision, together_lines=True)
    assert sent_from(world, *BOTH) == [1, 2]
    torn = an_order(world, [a_line("1", "C", 2)])
    settle(world)
    assert world.fulfilments(torn) == []


def test_weights_of_handling_and_ranking_are_those_of_the_place(world: World) -> None:
    world.run("update stock_point set handling_amount = 500 where id = 1")
    assert sent_from(world, a_line("1", "A")) == [2]
    revision = say(world, handling_percent=0)
    assert sent_from(world, a_line("1", "A")) == [1]
    say(world, revision=revision, handling_percent=0, rank_amount=100_000)
    world.run("update pool_member set rank = case stock_point_id when 1 then 5 else 0 end")
    world.hub.masters.forget()
    assert sent_from(world, a_line("1", "A")) == [2]


def test_hours_are_those_of_the_table_and_else_of_the_divisions(world: World) -> None:
    division = world.one("select division_code from orders where id = :id", id=an_order(world))
    world.run("update stock_point set division_code = :code where id = 1", code=division)
    world.run("update stock_point set division_code = '650000' where id = 2")
    revision = say(world, policy="fastest")
    assert sent_from(world, a_line("1", "A")) == [1]
    world.run("insert into transit_time (from_prefix, to_prefix, hours) values ('65', '', 12), ('', '', 96)")
    world.hub.masters.forget()
    assert sent_from(world, a_line("1", "A")) == [2]
    say(world, revision=revision, hour_amount=10)
    id_ = an_order(world, [a_line("1", "A")])
    settle(world)
    late = {one.points[0].code: sum(part.amount for part in one.parts if part.code == "lateness")
            for one in candidates(world, id_)}  # fmt: skip
    assert late == {"WH1": 960, "WH2": 120}


def test_a_decision_names_the_setting_and_the_plan_that_counted(world: World) -> None:
    revision = say(world, scope="pool", policy="cheapest")
    id_ = an_order(world, [a_line("1", "A")])
    settle(world)
    kept = world.rows("select convert_from(choices, 'utf8')::jsonb as told from decision where order_id = :id"
                      " and stage = 'route'", id=id_)  # fmt: skip
    assert kept[-1].told["set"] == ["pool", 1, revision]


def test_an_order_is_expected_when_its_point_lets_it_go_and_the_table_says(world: World) -> None:
    id_ = an_order(world, [a_line("1", "A")])
    settle(world)
    (work,) = world.fulfilments(id_)
    world.run("update stock_point set division_code = '330100'")
    world.run(
        "insert into transit_time (from_prefix, to_prefix, hours) values ('33', '', 30), ('', '', 99), ('44', '', 1)"
    )
    with world.hub.engine.connect() as connection:
        expected = expect_arrivals(connection, [work.id], world.clock())
    assert expected == {work.id: world.clock() + timedelta(hours=30)}
    world.run("update stock_point set hours = '{}', cut_off = '00:01'")
    with world.hub.engine.connect() as connection:
        assert expect_arrivals(connection, [work.id], world.clock())[work.id] > expected[work.id]


@pytest.fixture
def planned(world: World) -> World:
    """Half of the orders want A, half A and B; A is scarce, and the pool is planned for."""
    world.run("update stock_point set handling_amount = 500 where id = 2")
    for _ in range(4):
        sent_from(world, a_line("1", "A"))
        sent_from(world, *BOTH)
    have(world, a1=4, a2=4, b1=8, b2=0)
    set_plan(world.hub, 1, PlanSetting(is_on=True), 0, "user:1")
    return world


def test_a_plan_is_switched_on_made_read_followed_and_switched_off(planned: World) -> None:
    hub = planned.hub
    assert renew_next(hub) == 1
    with hub.engine.connect() as connection:
        row, told = find_plan(connection, 1), tell_plan(connection, 1)
        assert (row.is_on, row.orders, row.error, row.counted_from < row.made_at) == (True, 8, "", True)
        kinds = {one.code: one for one in told.types}
        assert {code: round(one.orders) for code, one in kinds.items()} == {"one_unit": 4, "several": 4}
        assert kinds["one_unit"].share(2) > kinds["one_unit"].share(1)
        assert kinds["several"].share(1) > kinds["several"].share(2)
        assert sum(round(one.orders) for one in told.zones) == 8
        assert ("A", "WH1", True, 4) in [(one.sku, one.point, one.price > 0, one.sellable) for one in told.prices]
        assert tell_plan(connection, 1, "city").zones[0].orders
        assert count_followed(connection, 1, planned.clock()).planned == 0
    hub.masters.forget()
    assert sent_from(planned, a_line("1", "A")) == [2]
    with hub.engine.connect() as connection:
        followed = count_followed(connection, 1, planned.clock())
        assert (followed.planned, followed.total) == (1, 9)
    set_plan(hub, 1, PlanSetting(is_on=False), row.revision, "user:2")
    with pytest.raises(NotPossible, match="not planned for"):
        compute_now(hub, 1, "user:1")
    with hub.engine.connect() as connection:
        newest = list_changes(connection, [], subject="plan")[0]
    undo_plan(hub, newest.id, "user:1")
    assert renew_next(hub) == 1
    assert renew_next(hub) == 0
    compute_now(hub, 1, "user:1")
    assert renew_next(hub) == 1


@pytest.mark.parametrize(
    ("wanted", "revision", "words"),
    [
        (PlanSetting(is_on=True, every_min=0), 1, "every_min"), (PlanSetting(is_on=True, horizon_h=2161), 1, "horizon_h"),
        (PlanSetting(is_on=False), 0, "somebody else"),
    ],
)  # fmt: skip
def test_a_plan_is_not_set_to_nonsense_nor_over_somebody_else(
    planned: World, wanted: PlanSetting, revision: int, words: str
) -> None:
    with pytest.raises(HubError, match=words):
        set_plan(planned.hub, 1, wanted, revision, "user:1")


def test_a_plan_is_not_switched_on_where_orders_follow_none(world: World) -> None:
    say(world, scope="pool", policy="fastest")
    with pytest.raises(Invalid, match="follow no plan"):
        set_plan(world.hub, 1, PlanSetting(is_on=True), 0, "user:1")


def test_what_a_change_would_have_done_is_tried_over_open_orders_and_changes_nothing(world: World) -> None:
    world.run("update shop set merge_window_s = 3600")
    world.hub.masters.forget()
    id_ = an_order(world, [a_line("1", "A")])
    advance(world)
    wanted = Setting(policy="main_first", points=(2,))
    variant = keep_preview(world.hub, "shop", 1, wanted, "user:1")
    assert keep_preview(world.hub, "shop", 1, replace(wanted, hour_amount=5), "user:1") == variant
    ask_trial(world.hub, [variant], [1], "user:1")
    assert drain(trial_next, world) == 1
    now, tried = world.one("select figures from variant_trial")
    assert (now["points"], tried["points"]) == ({"1": 1}, {"2": 1})
    assert [work.stock_point_id for work in world.fulfilments(id_)] == [1]
    assert world.one("select count(*) from sourcing_setting") == 0


def test_points_that_a_setting_names_are_looked_at_however_many_there_are(world: World) -> None:
    world.run(
        """insert into stock_point (id, code, name) select n, 'X' || n, 'X' || n from generate_series(100, 112) n"""
    )
    world.run("insert into pool_member (pool_id, stock_point_id, rank) select 1, n, 0 from generate_series(100, 112) n")
    world.run("update pool_member set rank = 9 where stock_point_id in (1, 2)")
    world.hub.masters.forget()
    id_ = an_order(world, [a_line("1", "A")])
    settle(world)
    assert world.holds(id_) == {"short_of_stock"}
    revision = say(world, points=(2,))
    assert sent_from(world, a_line("1", "A")) == [2]
    say(world, revision=revision, points=(1,), hour_amount=1)
    assert sent_from(world, a_line("1", "A")) == [1]
