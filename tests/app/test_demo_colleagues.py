"""The stand-ins for people do what people would do, so that a scripted run ends with every order where it belongs."""

from __future__ import annotations

from connectors.contract import notices as n
from oms.demo.colleagues import Colleagues
from tests.app.shipping import progress
from tests.factories import World, an_order, settle


def test_an_order_that_every_warehouse_refused_is_tried_again_after_a_word_with_them(world: World) -> None:
    id_ = an_order(world)
    settle(world)
    for _ in range(2):
        progress(world, world.fulfilments(id_)[-1].id, n.WarehouseState.REFUSED)
        settle(world)
    assert world.one("select seen ? 'refused_by' from hold where cleared_at is null")
    assert Colleagues(world.hub, "demo").lift_holds(["another order"]) == 1
    settle(world)
    assert world.fulfilments(id_)[-1].status == "sent"


def test_what_is_held_for_another_reason_is_left_to_its_own_people(world: World) -> None:
    id_ = an_order(world)
    world.run("insert into hold (order_id, kind, blocks, clears, placed_at, placed_by, seen)"
              " values (:id, 'pipeline_failed', 15, 'either', now(), 'system', '{}')", id=id_)  # fmt: skip
    assert Colleagues(world.hub, "demo").lift_holds() == 0
