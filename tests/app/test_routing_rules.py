"""Rules of route and carrier: each action changes what is planned, and what cannot be done is told with the rule."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oms.app.kernel.holds import lift
from oms.app.rulebook.candidates import Candidate, points_in, tell_candidates
from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.versions import activate, retire
from oms.domain.errors import NotPossible
from tests.app.rule_sets import ANY_ORDER, set_id
from tests.factories import World, a_line, advance, an_order

EAST, WEST = 1, 2
Asked = tuple[str, dict[str, Any]]


def a_rule(rule: str, *actions: Asked, when: Any = None) -> dict[str, Any]:
    written = [{"action": name, "params": params} for name, params in actions]
    return {"id": rule, "name": rule, "when": when or ANY_ORDER, "actions": written}


def in_force(world: World, stage: str, *rules: dict[str, Any]) -> int:
    """Rules of a stage in force for every shop, whatever speaks against them."""
    version_id = create_set(world.hub, stage, "global", 0, f"{stage} set", Content(list(rules), [], "first"), "user:1")
    activate(world.hub, version_id, "user:1", despite_findings=True)
    return version_id


def route_by(world: World, *actions: Asked) -> int:
    return in_force(world, "route", a_rule("r1", *actions))


def carry_by(world: World, *actions: Asked) -> int:
    return in_force(world, "carrier", a_rule("c1", *actions))


def taken(world: World, *lines: Any, **changes: Any) -> int:
    id_ = an_order(world, list(lines) or None, **changes)
    advance(world)
    return id_


def plan(world: World, id_: int) -> list[tuple[int, int]]:
    """(point, carrier) of the order's fulfilments that stand."""
    return [(work.stock_point_id, work.carrier_id) for work in world.fulfilments(id_) if work.status != "cancelled"]


def held(world: World, id_: int) -> dict[str, Any]:
    rows = world.rows("select kind, seen from hold where order_id = :id and cleared_at is null", id=id_)
    return {row.kind: row.seen for row in rows}


def again(world: World, id_: int) -> None:
    world.run("update orders set ready_at = :now where id = :id", now=world.clock(), id=id_)
    world.clock.forward(3)
    advance(world)


def candidates(world: World, id_: int) -> list[Candidate]:
    """The ways that the last sourcing of an order looked at."""
    row = world.rows(
        """select verdict, choices from decision where order_id = :id and stage = 'route' and choices is not null
           order by id desc limit 1""", id=id_,
    )[0]  # fmt: skip
    named = world.rows("select id, code, name from stock_point")
    assert points_in(row.choices) <= {point.id for point in named}
    return tell_candidates(row.choices, row.verdict, {point.id: point for point in named})


def empty(world: World, point: int, *codes: str) -> None:
    """Nothing of these goods is left at a point."""
    for code in codes:
        world.run(
            "update stock_level set safety = on_hand where stock_point_id = :point and sku_id = :sku",
            point=point, sku=world.skus[code],
        )  # fmt: skip


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
    again(world, id_)
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
    assert held(world, taken(world)) == {"no_stock_point": {"rules": ["r1", "r2"]}}


def test_a_point_that_has_gone_serves_nothing_and_is_told(world: World) -> None:
    version = route_by(world, ("only_point", {"point": "WH2"}), ("forbid_point", {"point": "WH1"}))
    world.run("update stock_point set code = 'NEW' where id = 2")
    id_ = taken(world)
    assert held(world, id_) == {"no_stock_point": {"rules": ["r1"], "gone": ["r1: WH2"]}}
    retire(world.hub, set_id(world, version), "user:1", "over")
    again(world, id_)
    assert plan(world, id_) == [(EAST, world.carriers["ZTO"])]


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
    assert held(world, id_) == {"out_of_zone": {"rules": ["c1"]}}
    assert {way.reason for way in candidates(world, id_)} == {"forbidden:c1"}
    lift(world.hub, world.one("select id from hold where cleared_at is null"), "user:1", "any will do")
    advance(world)
    assert (held(world, id_), plan(world, id_)) == ({}, [(EAST, world.carriers["ZTO"])])


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


@pytest.mark.parametrize("action", [("keep_together", {}), ("limit_parcels", {"parcels": 1})], ids=lambda a: a[0])
def test_an_order_is_not_torn_where_a_rule_says_so_until_a_person_lets_it(world: World, action: Asked) -> None:
    empty(world, EAST, "A")
    empty(world, WEST, "B")
    route_by(world, action)
    id_ = taken(world, a_line("1", "A"), a_line("2", "B"))
    assert held(world, id_) == {"too_many_parcels": {"rules": ["r1"]}}
    lift(world.hub, world.one("select id from hold where cleared_at is null"), "user:1", "send both")
    advance(world)
    assert sorted(point for point, _ in plan(world, id_)) == [EAST, WEST]


def test_a_sealed_order_is_not_torn(world: World) -> None:
    empty(world, EAST, "A")
    empty(world, WEST, "B")
    in_force(world, "preprocess", a_rule("p1", ("seal", {})))
    assert set(held(world, taken(world, a_line("1", "A"), a_line("2", "B")))) == {"too_many_parcels"}


@pytest.mark.parametrize(
    ("by", "change"),
    [("size_class", "size_class = 'large'"), ("category", "category = 'food'"), ("is_virtual", "is_virtual = true")],
)
def test_groups_of_goods_leave_apart_and_stay_apart(make_world: Any, by: str, change: str) -> None:
    world = make_world(window=600)
    world.run(f"update sku set {change} where code = 'B'")
    route_by(world, ("split_by", {"by": by}))
    id_ = taken(world, a_line("1", "A", 1, 500), a_line("2", "B", 2, 700), a_line("3", "C", 1, 300))
    if by == "size_class":
        lift(world.hub, world.one("select id from hold where cleared_at is null"), "user:1", "known")
    world.clock.forward(700)
    advance(world)
    works = world.rows(
        """select f.goods_amount, f.is_split, f.is_sealed, array_agg(k.code order by k.code) as codes from fulfilment f
           join fulfilment_line l on l.fulfilment_id = f.id join sku k on k.id = l.sku_id
           where l.order_id = :id group by f.id order by f.id""", id=id_,
    )  # fmt: skip
    assert [(row.goods_amount, row.codes) for row in works] == [(800, ["A", "C"]), (700, ["B"])]
    assert all(row.is_split and row.is_sealed for row in works)


def test_goods_of_one_kind_are_not_split(world: World) -> None:
    route_by(world, ("split_by", {"by": "category"}))
    id_ = taken(world, a_line("1", "A"), a_line("2", "B"))
    assert [(work.is_split, work.is_sealed) for work in world.fulfilments(id_)] == [(False, False)]


def test_groups_are_served_from_what_the_others_leave_or_not_at_all(make_world: Any) -> None:
    world = make_world(stock=1)
    world.run("update sku set category = 'food' where code = 'B'")
    route_by(world, ("split_by", {"by": "category"}), ("only_point", {"point": "WH1"}))
    empty(world, EAST, "B")
    id_ = taken(world, a_line("1", "A"), a_line("2", "B"))
    assert plan(world, id_) == []
    assert held(world, id_)["short_of_stock"]["rules"] == ["r1"]
    assert world.one("select sum(reserved) from stock_level") == 0


def test_a_rule_that_cannot_be_judged_leaves_its_order_to_people_until_it_can(world: World) -> None:
    heavy = {"fact": "goods.weight", "op": "gt", "value": 1}
    in_force(world, "route", a_rule("weigh", ("forbid_point", {"point": "WH1"}), when=heavy))
    world.run("update sku set weight_g = 0")
    id_ = taken(world)
    assert held(world, id_) == {"by_rule": {"rules": ["weigh"], "reason": "weigh: unknown fact", "stage": "route"}}
    again(world, id_)
    assert world.events(id_).count("hold_placed") == 1
    world.run("update sku set weight_g = 400")
    again(world, id_)
    assert (held(world, id_), plan(world, id_)[0][0]) == ({}, WEST)


def test_a_person_lets_an_order_go_that_rules_could_not_judge(world: World) -> None:
    heavy = {"fact": "goods.weight", "op": "gt", "value": 1}
    in_force(world, "carrier", a_rule("weigh", ("only_carrier", {"carrier": "SF"}), when=heavy))
    world.run("update sku set weight_g = 0")
    id_ = taken(world)
    lift(world.hub, world.one("select id from hold where cleared_at is null"), "user:1", "seen")
    advance(world)
    assert (held(world, id_), plan(world, id_)) == ({}, [(EAST, world.carriers["ZTO"])])


def test_what_fetch_could_not_judge_is_not_let_go_by_preprocess(world: World) -> None:
    odd = {"fact": "receiver.name", "op": "eq", "value": "周明"}
    in_force(world, "fetch", a_rule("named", ("add_tag", {"tag": "known"}), when=odd))
    masked = {"name": "周**", "phone": "138****0001", "state": "浙江省", "city": "杭州市", "district": "西湖区",
              "address": "文三路 1 号", "masked": True, "tokens": {"oaid": "x"}}  # fmt: skip
    id_ = taken(world, receiver=masked)
    assert held(world, id_)["by_rule"]["stage"] == "fetch"
    assert plan(world, id_) == []


def test_what_preprocess_holds_is_not_let_go_by_a_later_stage_that_can_tell_again(world: World) -> None:
    heavy = {"fact": "goods.weight", "op": "gt", "value": 1}
    in_force(world, "route", a_rule("weigh", ("forbid_point", {"point": "WH1"}), when=heavy))
    world.run("update sku set weight_g = 0")
    id_ = taken(world)
    in_force(world, "preprocess", a_rule("p1", ("hold", {"reason": "look"})))
    world.run("update sku set weight_g = 400")
    again(world, id_)
    assert held(world, id_) == {"by_rule": {"rules": ["p1"], "reason": "look"}}
    assert plan(world, id_) == []


def test_a_team_is_told_at_routing(world: World) -> None:
    world.run("insert into user_group (id, code, name) values (7, 'night', 'night')")
    carry_by(world, ("notify", {"team": "night", "words": "by air"}), ("only_carrier", {"carrier": "SF"}))
    taken(world)
    assert [tuple(row) for row in world.rows("select user_group_id, words from notice")] == [(7, "by air")]


@pytest.mark.parametrize(
    ("stage", "one", "other"),
    [("route", ("only_point", {"point": "WH1"}), ("only_point", {"point": "WH2"})),
     ("route", ("only_point", {"point": "WH1"}), ("forbid_point", {"point": "WH1"})),
     ("route", ("prefer_point", {"point": "WH1"}), ("forbid_point", {"point": "WH1"})),
     ("route", ("keep_together", {}), ("split_by", {"by": "category"})),
     ("route", ("limit_parcels", {"parcels": 1}), ("limit_parcels", {"parcels": 2})),
     ("carrier", ("only_carrier", {"carrier": "SF"}), ("only_carrier", {"carrier": "YTO"})),
     ("carrier", ("prefer_carrier", {"carrier": "SF"}), ("forbid_carrier", {"carrier": "SF"}))],
)  # fmt: skip
def test_rules_that_contradict_are_not_activated(world: World, stage: str, one: Asked, other: Asked) -> None:
    content = Content([a_rule("r1", one), a_rule("r2", other)], [], "first")
    draft = create_set(world.hub, stage, "global", 0, "set", content, "user:1")
    with pytest.raises(NotPossible, match="contradict"):
        activate(world.hub, draft, "user:1")


def test_rules_that_get_along_are_activated(world: World) -> None:
    content = Content(
        [a_rule("r1", ("only_point", {"point": "WH1"})), a_rule("r2", ("forbid_point", {"point": "WH2"})),
         a_rule("r3", ("prefer_point", {"point": "WH1"}))], [], "first",
    )  # fmt: skip
    activate(world.hub, create_set(world.hub, "route", "global", 0, "set", content, "user:1"), "user:1")
    assert plan(world, taken(world))[0][0] == EAST
