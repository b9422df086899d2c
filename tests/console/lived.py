"""A world whose orders went through the pipeline, with rules to explain; for the pages and pictures of why."""

from __future__ import annotations

from typing import Any

from oms.app.kernel.holds import hold_order
from oms.app.pipeline.reviewing.passing import pass_orders
from tests.app.explained import falsify
from tests.app.rule_sets import a_rule, decided, in_force
from tests.factories import World, a_line, advance

COD = {"fact": "order.is_cod", "op": "eq", "value": True}
EXCHANGE = {"fact": "order.origin", "op": "eq", "value": "exchange"}
EAST = {"fact": "receiver.province", "op": "in", "value": ["310000", "320000", "330000"]}


def dear(minor: int) -> dict[str, Any]:
    """The order was paid more than so much."""
    return {"fact": "order.paid", "op": "gt", "value": minor}


def not_vip(*conditions: Any) -> dict[str, Any]:
    """All of these, and the buyer is no VIP."""
    return {"all": [*conditions, {"none": [{"fact": "buyer.level", "op": "eq", "value": "vip"}]}]}


def rules_to_explain(world: World) -> None:
    """A set for every shop, and one for the shop that wins."""
    in_force(world, a_rule("wide", "service"), name="全部店铺的审单规则")
    in_force(
        world,
        a_rule("cod-or-exchange", "finance", name="货到付款或大额换货，VIP 除外",
               when=not_vip({"any": [COD, {"all": [EXCHANGE, dear(30000)]}]})),
        a_rule("dear-east", "logistics", name="江浙沪大额订单看一眼物流", when={"all": [EAST, dear(30000)]}),
        a_rule("two-lines", "service", name="多行订单客服核对", when={"all": [
            {"fact": "order.lines", "op": "ge", "value": 2}, {"fact": "order.paid", "op": "ge", "value": 10000}]}),
        a_rule("street", "courier", name="地址含村或镇看快递", when={"all": [
            {"fact": "receiver.street", "op": "contains_any", "value": ["村", "镇"]}, dear(500)]}),
        a_rule("weighty", "logistics", name="超过二十公斤", when={"fact": "goods.weight", "op": "gt", "value": 20000}),
        a_rule("memo", "service", name="备注要求加急",
               when={"fact": "order.memo", "op": "contains_any", "value": ["加急"]}),
        a_rule("night", "service", name="夜里下的单", enabled=False, when={"fact": "order.hour", "op": "lt", "value": 6}),
        a_rule("festival", "service", name="大促只看大额", when=dear(100_000),
               active=[{"from": "2026-12-12T00:00:00+08:00", "until": "2026-12-13T00:00:00+08:00"}]),
        scope="shop", scope_id=1, name="旗舰店审单规则", comment="大额和换货给财务，VIP 不打扰",
    )  # fmt: skip


def orders_to_explain(world: World) -> dict[str, int]:
    """One that waits, one that lacks goods, one that people passed and that was held and let go."""
    waiting = decided(world, lines=[a_line("1", "A", 1, 45000), a_line("2", "B", 2, 9000)], seller_memo="加急，先发")
    lacking = decided(world, lines=[a_line("1", "C", 100_000, 3000)])
    passed = decided(world, lines=[a_line("1", "D", 3, 32000)])
    world.clock.forward(240)
    pass_orders(world.hub, [passed], 4, "user:1")
    world.clock.forward(300)
    advance(world)
    held = decided(world, lines=[a_line("1", "E", 1, 8000)])
    hold_order(world.hub, held, "user:1", "买家要加一件")
    hold = int(world.one("select id from hold where order_id = :id and cleared_at is null", id=held))
    falsified = decided(world, lines=[a_line("1", "A", 2, 45000)])
    falsify(world, falsified, "matched = '{two-lines}'")
    return {"waiting": waiting, "lacking": lacking, "passed": passed, "held": held, "hold": hold, "falsified": falsified}
