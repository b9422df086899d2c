"""What must not leave does not, though others it leaves with may, or the news of it is not looked at yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oms.app.intercept import emergency
from oms.app.pipeline.merging.pump import merge_batch
from oms.app.pipeline.outbound.outbox import send_batch
from tests.factories import World, a_document, a_line, advance, an_order, drain, order_id, raw, settle, take

BUYER = {"external_id": "b-same", "nick": "x"}


def two_merged_under_a_stop(world: World) -> int:
    """T1 and T2 wait as one fulfilment until an emergency stop ends; answers the stop."""
    an_order(world, no="T1", buyer=BUYER)
    an_order(world, [a_line(code="B")], no="T2", buyer=BUYER)
    advance(world)
    stop = emergency.place(world.hub, "all", 0, "x", "user:1")
    world.clock.forward(5)
    settle(world)
    assert world.rows("select status, order_count from fulfilment where status <> 'merged'") == [("planned", 2)]
    return stop


def test_a_held_order_keeps_those_it_would_leave_with(world: World) -> None:
    stop = two_merged_under_a_stop(world)
    world.clock.forward(5)
    take(world, raw(a_document("T2", [a_line(code="B")], at=10, buyer=BUYER, platform_holds=["team_buy"]), 10))
    settle(world)
    emergency.end(world.hub, stop, "user:1")
    settle(world)
    world.clock.forward(5)
    settle(world)
    assert world.holds(order_id(world, "T1")) == set()
    assert world.holds(order_id(world, "T2")) == {"platform_hold"}
    assert world.script.asked("create") == []


def test_they_leave_once_as_one_when_the_hold_is_gone(world: World) -> None:
    stop = two_merged_under_a_stop(world)
    emergency.end(world.hub, stop, "user:1")
    settle(world)
    world.clock.forward(5)
    settle(world)
    (notice,) = world.script.asked("create")
    assert [line.order_no for line in notice.lines] == ["T1", "T2"]


def test_goods_refunded_since_do_not_leave_when_the_window_ends(make_world: Callable[..., Any]) -> None:
    world: World = make_world(window=10)
    an_order(world, [a_line("1", "A"), a_line("2", "B")], no="T")
    advance(world)
    world.clock.forward(20)
    lines = [a_line("1", "A", refund="succeeded", case_no="C"), a_line("2", "B")]
    take(world, raw(a_document("T", lines, at=5), 5))
    drain(merge_batch, world)
    drain(send_batch, world)
    assert world.script.asked("create") == []
    settle(world)
    world.clock.forward(20)
    settle(world)
    (notice,) = world.script.asked("create")
    assert [line.sku_code for line in notice.lines] == ["B"]
