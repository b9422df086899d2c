"""A bundle of which a part has left is neither stopped nor cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.app.shipping import ship_fulfilment
from tests.factories import World, a_document, a_line, an_order, raw, settle, take


def test_a_refund_of_a_bundle_of_which_a_part_left_was_not_stopped(make_world: Callable[..., Any]) -> None:
    world: World = make_world(max_parcels=3)
    world.run("update stock_level set safety = 1000 where stock_point_id = 2 and sku_id = 100")
    world.run("update stock_level set safety = 1000 where stock_point_id = 1 and sku_id = 101")
    id_ = an_order(world, [a_line(code="SET", paid=3000)], no="T")
    settle(world)
    here = next(work for work in world.fulfilments(id_) if work.stock_point_id == 1)
    ship_fulfilment(world, here.id)
    settle(world)
    for at, refund in ((5, "asked"), (10, "succeeded")):
        world.clock.forward(5)
        lines = [a_line(code="SET", paid=3000, refund=refund, case_no="C1")]
        assert take(world, raw(a_document("T", lines, at=at), at)).newer == 1
        settle(world)
    (told,) = world.script.asked("confirm_interception")
    assert not told.stopped
    assert {work.status for work in world.fulfilments(id_)} == {"shipped", "cancelled"}
    assert world.one("select status from orders") == "open"
    assert world.phase(id_) == "shipped"
