"""Rules of route and carrier that cannot be judged or contradict each other go to people."""

from __future__ import annotations

import pytest

from oms.app.kernel.holds import hold_order, lift
from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.versions import activate
from oms.domain.errors import NotPossible
from tests.app.routes import (
    EAST,
    WEST,
    Asked,
    a_rule,
    again,
    carry_by,
    held,
    in_force,
    plan,
    taken,
)
from tests.factories import World, advance


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


def test_whom_a_stage_asks_about_no_more_it_leaves_to_people_no_more(world: World) -> None:
    id_ = taken(world)
    heavy = {"fact": "goods.weight", "op": "gt", "value": 1}
    in_force(world, "intercept", a_rule("i1", ("stop", {"reason": "recall"}), when=heavy))
    world.run("update sku set weight_g = 0")
    again(world, id_)
    assert held(world, id_)["by_rule"]["stage"] == "intercept"
    hold_order(world.hub, id_, "user:1", "wait for the gift")
    again(world, id_)
    again(world, id_)
    assert set(held(world, id_)) == {"manual"}
    assert plan(world, id_) == []
