"""The whole path of an order: sourcing's ways, holds set and lifted, people's words, rules that were kept back."""

from __future__ import annotations

import pytest

from oms.app.kernel.holds import hold_order, lift
from oms.app.kernel.queries import why
from oms.app.pipeline.reviewing.passing import pass_orders
from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.path import Path
from oms.app.rulebook.retelling import Compared
from oms.app.rulebook.troubles import resume
from oms.app.rulebook.versions import activate
from tests.app.explained import path_of, told
from tests.app.rule_sets import a_rule, decided, in_force
from tests.factories import World, a_line, advance

ONE_AN_HOUR = [{"rule": "r1", "action": "pass", "per_hour": 1}]


def kinds(path: Path) -> list[str]:
    return [step.kind for step in path.steps]


def lose_stock(world: World, point: int, sku: str, units: int) -> None:
    """A point has so many units less, by its level and by its ledger."""
    for table in ("stock_level", "stock_movement"):
        world.run(
            f"update {table} set on_hand = on_hand - :units where stock_point_id = :point and sku_id = :sku",
            units=units, point=point, sku=world.skus[sku],
        )  # fmt: skip


def test_ways_are_told_with_their_cost_and_the_reason_against_them(world: World) -> None:
    lose_stock(world, 1, "A", 99)
    found = told(world, decided(world, lines=[a_line(units=3)]), "route")
    assert (found.verdict, found.is_default) == ("sourced", True)
    west, east = found.candidates
    assert ([point.name for point in west.points], west.is_chosen, west.reason_en) == (["west"], True, "chosen")
    assert west.cost == sum(part.amount for part in west.parts)
    assert ([point.name for point in east.points], east.cost, east.reason_en) == (["east"], None, "short of stock")


def test_two_parcels_tell_what_the_second_adds(world: World) -> None:
    for point, sku in ((1, "A"), (2, "B")):
        lose_stock(world, point, sku, 100)
    found = told(world, decided(world, lines=[a_line("1", "A"), a_line("2", "B")]), "route")
    both = next(one for one in found.candidates if one.is_chosen)
    assert {part.code: part.amount for part in both.parts}["parcels"] == 300
    assert [one.reason for one in found.candidates if not one.is_chosen] == ["short_of_stock", "short_of_stock"]


def test_sourcing_that_fails_again_and_again_is_told_once(world: World) -> None:
    id_ = decided(world, lines=[a_line(units=1000)])
    for _ in range(4):
        world.clock.forward(3600)
        advance(world)
    routes = [step for step in path_of(world, id_).decisions if step.stage == "route"]
    assert [(step.verdict, step.times) for step in routes] == [("short_of_stock", 1), ("short_of_stock", 4)]
    assert routes[1].at > routes[1].first_at


def test_holds_tell_what_they_block_and_who_set_and_lifted_them(world: World) -> None:
    in_force(world, a_rule("all", "service"))
    id_ = decided(world)
    hold_order(world.hub, id_, "user:7", "the buyer wants to add something")
    hold = world.one("select id from hold where order_id = :id", id=id_)
    world.clock.forward(60)
    lift(world.hub, hold, "user:8", "added")
    (found,) = path_of(world, id_).holds
    assert (found.placed_by, found.lifted_by, found.lift_reason) == ("user:7", "user:8", "added")
    assert (found.blocks, found.lifted_with, found.is_open) == (("dispatch", "print", "ship"), "order.lift_hold", False)


def test_what_people_said_comes_after_the_decision_that_asked_them(world: World) -> None:
    in_force(world, a_rule("all", "service"))
    id_ = decided(world)
    world.clock.forward(60)
    pass_orders(world.hub, [id_], 1, "user:7", "fine")
    path = path_of(world, id_)
    assert kinds(path)[-2:] == ["decision", "review"]
    assert [(said.actor, said.tiers, said.reason) for said in path.reviews] == [("user:7", ("service",), "fine")]


def test_a_paused_rule_is_told_as_kept_back_and_not_as_a_difference(world: World) -> None:
    in_force(world, a_rule("r1"), a_rule("r2", "finance", when={"fact": "order.lines", "op": "gt", "value": 9}),
             limits=ONE_AN_HOUR)  # fmt: skip
    acted, past, paused = (decided(world) for _ in range(3))
    world.clock.forward(60)
    resume(world.hub, int(world.one("select id from rule_trouble")), "user:1", "looked at it")
    world.clock.forward(7200)
    again = decided(world)
    told_of = {id_: told(world, id_) for id_ in (acted, past, paused, again)}
    assert [found.rules[0].kept_back for found in told_of.values()] == ["", "limit", "paused", ""]
    for found in told_of.values():
        assert found.comparison is not None
        assert found.comparison.outcome is Compared.SAME, found.comparison


def test_a_tier_that_people_had_passed_is_not_missed_in_a_later_verdict(world: World) -> None:
    in_force(world, a_rule("all", "service"), a_rule("money", "finance"))
    id_ = decided(world)
    pass_orders(world.hub, [id_], 2, "user:7")
    world.clock.forward(60)
    world.run("update orders set review = 'none', tiers_waiting = 0, ready_at = :now where id = :id",
              now=world.clock(), id=id_)  # fmt: skip
    advance(world)
    found = told(world, id_)
    assert found.verdict == "service"
    assert found.comparison is not None
    assert found.comparison.outcome is Compared.SAME


def test_stages_other_than_review_are_told_in_the_same_way(world: World) -> None:
    tagged = a_rule("tag", actions=[{"action": "add_tag", "params": {"tag": "大单"}}])
    silent = a_rule(
        "silent", actions=[{"action": "seal", "params": {}}], when={"fact": "order.lines", "op": "gt", "value": 5}
    )
    draft = create_set(world.hub, "preprocess", "global", 0, "tags", Content([tagged, silent], [], "first"), "user:1")
    activate(world.hub, draft, "user:1")
    id_ = decided(world)
    found = told(world, id_, "preprocess")
    assert (found.stage_zh, found.verdict, found.verdict_en) == ("预处理", "add_tag", "add a tag")
    assert [(rule.id, rule.state, rule.actions_zh) for rule in found.rules] == [
        ("tag", "matched", ("打标签（标签：「大单」）",)), ("silent", "not_matched", ("不拆不合",)),
    ]  # fmt: skip
    assert found.comparison is not None
    assert found.comparison.outcome is Compared.SAME
    world.run("update decision set verdict = 'seal' where stage = 'preprocess'")
    comparison = told(world, id_, "preprocess").comparison
    assert comparison is not None
    assert [(each.what, each.stored, each.now) for each in comparison.differences] == [("verdict", "seal", "add_tag")]


def test_steps_are_told_in_the_order_in_which_they_happened(world: World) -> None:
    in_force(world, a_rule("all", "service"))
    id_ = decided(world, lines=[a_line(units=1000)])
    steps = [getattr(step, "stage", getattr(step, "hold", "")) for step in path_of(world, id_).steps]
    assert sorted(steps[:3]) == ["beyond_supply", "route", "short_of_stock"]
    assert steps[3:] == ["review"]


def test_of_very_many_decisions_the_newest_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    in_force(world, a_rule("all", "service"))
    id_ = decided(world)
    assert not path_of(world, id_).is_cut
    monkeypatch.setattr(why, "MOST", 1)
    path = path_of(world, id_)
    assert (path.is_cut, [step.stage for step in path.decisions]) == (True, ["review"])
