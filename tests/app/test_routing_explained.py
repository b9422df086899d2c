"""Why an order went where rules sent it: their decisions as they would be taken again, and the ways looked at."""

from __future__ import annotations

from tests.app.explained import path_of
from tests.app.routes import a_rule, carry_by, empty, in_force, route_by, taken
from tests.factories import World, a_line


def test_the_path_tells_what_rules_wanted_and_what_sourcing_made_of_it(world: World) -> None:
    route_by(world, ("only_point", {"point": "WH2"}))
    carry_by(world, ("prefer_carrier", {"carrier": "SF"}))
    in_force(world, "merge", a_rule("m1", ("merge_at_once", {})))
    path = path_of(world, taken(world))
    told = [(step.stage, step.verdict_zh, [rule.id for rule in step.matched]) for step in path.decisions]
    assert [row for row in told if row[0] != "review"] == [
        ("route", "只用库存点", ["r1"]), ("carrier", "优先快递", ["c1"]), ("route", "已选仓", []),
        ("merge", "不等待合单", ["m1"]),
    ]  # fmt: skip
    assert {step.comparison.outcome for step in path.decisions if step.comparison} == {"same"}
    (sourced,) = [step for step in path.decisions if step.candidates]
    assert [(way.points[0].code, way.is_chosen, way.reason) for way in sourced.candidates] == [
        ("WH2", True, ""), ("WH1", False, "forbidden:r1"),
    ]  # fmt: skip


def test_each_group_that_leaves_apart_has_its_way(world: World) -> None:
    world.run("update sku set category = 'food' where code = 'B'")
    empty(world, 1, "B")
    route_by(world, ("split_by", {"by": "category"}))
    id_ = taken(world, a_line("1", "A"), a_line("2", "B"))
    (sourced,) = [step for step in path_of(world, id_).decisions if step.candidates]
    assert [way.points[0].code for way in sourced.candidates if way.is_chosen] == ["WH1", "WH2"]
