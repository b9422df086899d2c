"""What a person lifts stays lifted: the order is planned though it takes more parcels, or goes where nobody says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oms.app.kernel.holds import lift
from tests.factories import World, a_line, an_order, settle


def lift_one(world: World, id_: int) -> None:
    hold = world.one("select id from hold where order_id = :id and cleared_at is null", id=id_)
    lift(world.hub, hold, "user:1", "ship it")
    settle(world)


def test_an_order_lifted_to_ship_in_parts_does(make_world: Callable[..., Any]) -> None:
    world: World = make_world(max_parcels=1)
    world.run("update stock_level set safety = 1000 where stock_point_id = 2 and sku_id = 100")
    world.run("update stock_level set safety = 1000 where stock_point_id = 1 and sku_id = 101")
    id_ = an_order(world, [a_line("1", "A"), a_line("2", "B")])
    settle(world)
    assert world.holds(id_) == {"too_many_parcels"}
    lift_one(world, id_)
    assert world.holds(id_) == set()
    assert [work.stock_point_id for work in world.fulfilments(id_)] == [1, 2]


def test_an_order_lifted_though_out_of_zone_goes_with_the_cheapest_carrier(world: World) -> None:
    world.run(
        "insert into carrier_coverage (carrier_id, division_prefix, is_deliverable) select id, '', false from carrier"
    )
    id_ = an_order(world)
    settle(world)
    assert world.holds(id_) == {"out_of_zone"}
    lift_one(world, id_)
    assert world.holds(id_) == set()
    assert [work.carrier_id for work in world.fulfilments(id_)] == [world.carriers["ZTO"]]


def test_tries_are_counted_anew_once_an_order_was_planned(world: World) -> None:
    world.run("update stock_level set safety = 1000")
    id_ = an_order(world)
    settle(world)
    assert world.one("select attempts from orders where id = :id", id=id_) == 1
    world.run("update stock_level set safety = 0")
    world.clock.forward(3600)
    settle(world)
    assert world.one("select attempts from orders where id = :id", id=id_) == 0
