"""Rules about parcels: orders that are not torn, and groups of goods that leave apart."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.kernel.holds import lift
from oms.app.pipeline.merging.editing import set_merging
from tests.app.routes import (
    EAST,
    WEST,
    Asked,
    a_rule,
    empty,
    held,
    in_force,
    plan,
    route_by,
    taken,
)
from tests.factories import World, a_line, advance, settle


@pytest.mark.parametrize("action", [("keep_together", {}), ("limit_parcels", {"parcels": 1})], ids=lambda a: a[0])
def test_an_order_is_not_torn_where_a_rule_says_so_until_a_person_lets_it(world: World, action: Asked) -> None:
    empty(world, EAST, "A")
    empty(world, WEST, "B")
    route_by(world, action)
    id_ = taken(world, a_line("1", "A"), a_line("2", "B"))
    assert held(world, id_) == {"too_many_parcels": {"rules": ["r1"], "stage": "route"}}
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


@pytest.mark.parametrize(
    ("measure", "most", "parcels"),
    [("weight", 900, [2, 2, 1]), ("units", 3, [3, 2]), ("value", 400, [2, 2, 1]), ("volume", 10, [5])],
)
def test_no_parcel_holds_more_than_a_rule_allows(world: World, measure: str, most: int, parcels: list[int]) -> None:
    route_by(world, ("limit_parcel", {"measure": measure, "most": most}))
    id_ = taken(world, a_line("1", "A", 5, 1000))
    works = [work for work in world.fulfilments(id_) if work.status != "cancelled"]
    sizes = [world.one("select sum(planned) from fulfilment_line where fulfilment_id = :id", id=w.id) for w in works]
    assert sorted(sizes, reverse=True) == parcels
    assert sum(work.goods_amount for work in works) == 1000


def test_each_line_of_the_platform_leaves_by_itself_and_may_meet_other_orders(make_world: Any) -> None:
    world = make_world(window=600)
    route_by(world, ("split_by", {"by": "line"}))
    set_merging(world.hub, "global", 0, {"merges_split": True}, "user:1")
    buyer = {"external_id": "one-buyer"}
    lines = [a_line("1", "A", 1, 10), a_line("2", "B", 1, 10)]
    ids = [taken(world, *lines, buyer=buyer), taken(world, a_line("1", "C", 1, 10), buyer=buyer)]
    world.clock.forward(601)
    settle(world)
    sent = sorted([sorted(line.sku_code for line in told.lines) for told in world.script.asked("create")])
    assert sent in ([["A"], ["B", "C"]], [["A", "C"], ["B"]])
    assert world.phase(ids[1]) == "at_warehouse"
