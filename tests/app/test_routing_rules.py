"""Rules of route and carrier: each action changes what is planned, and what cannot be done is told with the rule."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oms.app.kernel.holds import lift
from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.versions import activate, retire
from oms.app.rulebook.waking import wake_held
from tests.app.explained import told as explained
from tests.app.routes import (
    EAST,
    WEST,
    a_rule,
    again,
    candidates,
    carry_by,
    empty,
    held,
    in_force,
    plan,
    route_by,
    taken,
)
from tests.app.rule_sets import set_id
from tests.factories import World, a_line, advance, drain


def test_without_rules_the_first_point_and_the_cheapest_carrier_serve(world: World) -> None:
    assert plan(world, taken(world)) == [(EAST, world.carriers["ZTO"])]


@pytest.mark.parametrize(
    ("action", "params"),
    [("only_point", {"point": "WH2"}), ("forbid_point", {"point": "WH1"}), ("prefer_point", {"point": "WH2"}),
     ("prefer_point", {"point": "WH2", "extra": 1})],
)  # fmt: skip
def test_a_rule_about_points_changes_where_the_order_leaves(world: World, action: str, params: dict[str, Any]) -> None:
    route_by(world, (action, params))
    assert plan(world, taken(world)) == [(WEST, world.carriers["ZTO"])]


@pytest.mark.parametrize(
    ("action", "params", "carrier"),
    [("only_carrier", {"carrier": "SF"}, "SF"), ("forbid_carrier", {"carrier": "ZTO"}, "YTO"),
     ("prefer_carrier", {"carrier": "SF"}, "SF"), ("prefer_carrier", {"carrier": "YTO", "extra": 100}, "YTO"),
     ("prefer_carrier", {"carrier": "YTO", "extra": 99}, "ZTO")],
)  # fmt: skip
def test_a_rule_about_carriers_changes_who_carries(
    world: World, action: str, params: dict[str, Any], carrier: str
) -> None:
    carry_by(world, (action, params))
    assert plan(world, taken(world)) == [(EAST, world.carriers[carrier])]


def test_a_preference_gives_way_past_the_amount_it_may_cost(world: World) -> None:
    world.run("update stock_point set handling_amount = 250 where id = 2")
    route_by(world, ("prefer_point", {"point": "WH2", "extra": 150}))
    assert plan(world, taken(world))[0][0] == EAST


def test_a_preference_never_makes_a_second_parcel(world: World) -> None:
    empty(world, WEST, "A")
    route_by(world, ("prefer_point", {"point": "WH2"}))
    assert [point for point, _ in plan(world, taken(world, a_line("1", "A"), a_line("2", "B")))] == [EAST]


def test_people_see_which_rule_forbids_a_way_and_which_was_preferred(world: World) -> None:
    world.run("update stock_point set handling_amount = 900 where id = 2")
    version = route_by(world, ("prefer_point", {"point": "WH2"}))
    told = candidates(world, taken(world))
    assert [(way.points[0].code, way.is_chosen, way.reason_en) for way in told] == [
        ("WH2", True, "chosen"), ("WH1", False, "rules prefer another"),
    ]  # fmt: skip
    retire(world.hub, set_id(world, version), "user:1", "over")
    in_force(world, "carrier", a_rule("c1", ("only_carrier", {"carrier": "SF"})))
    world.clock.forward(3)
    far = Content([a_rule("far", ("forbid_point", {"point": "WH1"}))], [], "first")
    second = create_set(world.hub, "route", "shop", 1, "mine", far, "user:1")
    activate(world.hub, second, "user:1")
    told = candidates(world, taken(world))
    assert [(way.points[0].code, way.reason, way.reason_zh) for way in told] == [
        ("WH2", "", "选中"), ("WH1", "forbidden:far", "规则不许：far"),
    ]  # fmt: skip


def test_the_decision_is_recorded_once_with_its_rules(world: World) -> None:
    empty(world, WEST, "A")
    route_by(world, ("only_point", {"point": "WH2"}))
    id_ = taken(world)
    again(world, id_)
    again(world, id_)
    rows = world.rows(
        """select verdict, matched from decision where order_id = :id and stage = 'route' and matched is not null""",
        id=id_,
    )
    assert [tuple(row) for row in rows] == [("only_point", ["r1"])]


def test_a_filter_that_leaves_no_stock_names_its_rule_and_ends_with_it(world: World) -> None:
    empty(world, WEST, "A")
    version = route_by(world, ("only_point", {"point": "WH2"}))
    id_ = taken(world)
    assert held(world, id_)["short_of_stock"]["rules"] == ["r1"]
    assert plan(world, id_) == []
    retire(world.hub, set_id(world, version), "user:1", "over")
    world.clock.forward(5)
    drain(wake_held, world)
    advance(world)
    assert (held(world, id_), plan(world, id_)) == ({}, [(EAST, world.carriers["ZTO"])])


def test_a_rule_is_not_blamed_for_what_nobody_has(world: World) -> None:
    empty(world, WEST, "A")
    empty(world, EAST, "A")
    route_by(world, ("only_point", {"point": "WH2"}))
    assert "rules" not in held(world, taken(world))["short_of_stock"]


def test_what_two_rules_leave_of_the_points_is_nothing(world: World) -> None:
    in_force(
        world, "route", a_rule("r1", ("only_point", {"point": "WH1"})), a_rule("r2", ("only_point", {"point": "WH2"}))
    )
    assert held(world, taken(world)) == {"no_stock_point": {"rules": ["r1", "r2"], "stage": "route"}}


def test_a_point_that_has_gone_serves_nothing_and_is_told(world: World) -> None:
    version = route_by(world, ("only_point", {"point": "WH2"}), ("forbid_point", {"point": "WH1"}))
    world.run("update stock_point set code = 'NEW' where id = 2")
    id_ = taken(world)
    assert held(world, id_) == {"no_stock_point": {"rules": ["r1"], "stage": "route", "gone": ["r1: WH2"]}}
    retire(world.hub, set_id(world, version), "user:1", "over")
    again(world, id_)
    assert plan(world, id_) == [(EAST, world.carriers["ZTO"])]


def test_a_carrier_that_has_gone_is_not_replaced_by_just_any(world: World) -> None:
    carry_by(world, ("only_carrier", {"carrier": "SF"}))
    world.run("update carrier set code = 'NEW' where code = 'SF'")
    seen = {"rules": ["c1"], "stage": "carrier", "gone": ["c1: SF"]}
    assert held(world, taken(world)) == {"out_of_zone": seen}


def test_a_forbidden_point_that_has_gone_forbids_nothing_and_the_decision_says_so(world: World) -> None:
    route_by(world, ("forbid_point", {"point": "WH1"}))
    world.run("update stock_point set code = 'NEW' where id = 1")
    id_ = taken(world)
    assert plan(world, id_) == [(EAST, world.carriers["ZTO"])]
    kept = world.one("select choices from decision where order_id = :id and choices is not null", id=id_)
    assert orjson.loads(kept)["gone"] == ["r1: WH1"]


def test_a_carrier_rule_that_leaves_none_is_out_of_zone_until_a_person_lifts_it(world: World) -> None:
    world.run("insert into carrier_coverage (carrier_id, division_prefix, is_deliverable) values (3, '33', false)")
    carry_by(world, ("only_carrier", {"carrier": "SF"}))
    id_ = taken(world)
    assert held(world, id_) == {"out_of_zone": {"rules": ["c1"], "stage": "carrier"}}
    assert {way.reason for way in candidates(world, id_)} == {"forbidden:c1"}
    lift(world.hub, world.one("select id from hold where cleared_at is null"), "user:1", "any will do")
    advance(world)
    assert (held(world, id_), plan(world, id_)) == ({}, [(EAST, world.carriers["ZTO"])])


def test_lifting_a_rule_of_one_stage_lifts_no_namesake_of_another(world: World) -> None:
    in_force(world, "preprocess", a_rule("r1", ("hold", {"reason": "look"})))
    route_by(world, ("only_point", {"point": "WH2"}))
    id_ = taken(world)
    lift(world.hub, world.one("select id from hold where cleared_at is null"), "user:1", "seen")
    advance(world)
    assert plan(world, id_)[0][0] == WEST


def test_a_person_who_vouches_for_a_place_does_not_overrule_what_carriers_a_rule_allows(world: World) -> None:
    world.run(
        "insert into carrier_coverage (carrier_id, division_prefix, is_deliverable) select id, '33', false from carrier"
    )
    carry_by(world, ("forbid_carrier", {"carrier": "ZTO"}))
    id_ = taken(world)
    assert held(world, id_) == {"out_of_zone": {}}
    lift(world.hub, world.one("select id from hold where cleared_at is null"), "user:1", "they go there")
    advance(world)
    assert plan(world, id_) == [(EAST, world.carriers["YTO"])]


def test_a_carrier_without_a_tariff_takes_no_parcel_from_one_that_has_a_price(world: World) -> None:
    world.run("insert into carrier (id, code, name, rank) values (9, 'NEW', 'NEW', 0)")
    id_ = taken(world)
    assert plan(world, id_) == [(EAST, 1)]
    notes = {note.code: note.value_zh for note in explained(world, id_, "route").notes}
    assert notes["unpriced"] == "WH1 NEW"
    world.run("update carrier set is_suspended = id <> 9")
    assert plan(world, taken(world)) == [(EAST, 9)]  # Nobody has a price: it goes all the same.
    world.run("delete from carrier where id = 9; update carrier set is_suspended = false")


@pytest.mark.parametrize("rule", [None, ("prefer_carrier", {"carrier": "SF", "extra": 1})])
def test_a_point_from_which_nobody_has_a_price_comes_behind_those_with_one(world: World, rule: Any) -> None:
    world.run("update carrier_tariff set stock_point_id = 2")
    if rule:
        carry_by(world, rule)
    id_ = taken(world)
    assert plan(world, id_) == [(WEST, 1)]
    told = {one.points[0].id: (one.reason, one.is_chosen) for one in candidates(world, id_)}
    assert told == {EAST: ("unpriced", False), WEST: ("", True)}
    empty(world, WEST, "A")
    assert plan(world, taken(world)) == [(EAST, 3 if rule else 1)]
    world.run("delete from carrier_tariff")
    assert [point for point, _ in plan(world, taken(world, a_line("1", "B")))] == [EAST]  # Nothing to compare it with.
