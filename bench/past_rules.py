"""The rules of `oms bench backtest`: many that are in force, and a draft that changes, adds and drops some of them."""

from __future__ import annotations

import random
from typing import Any, Final

TIERS: Final = ("service", "finance", "logistics", "courier")
PROVINCES: Final = ("110000", "310000", "320000", "330000", "440000", "510000", "420000", "370000")
#: Facts that decisions of the rules in force do not keep: told by the stored order, or (the last) by nobody any more.
NOT_KEPT: Final[tuple[dict[str, Any], ...]] = (
    {"fact": "buyer.orders_30d", "op": "ge", "value": 2},
    {"fact": "order.discount_platform", "op": "ge", "value": 2000},
    {"fact": "receiver.city", "op": "starts_with", "value": "31"},
    {"fact": "buyer.level", "op": "eq", "value": "vip"},
)
#: Of ten rules one is changed; so many are new, and so many are dropped.
CHANGED_OF: Final = 10
DROPPED: Final = 2


def rules_in_force(count: int, seed: int) -> list[dict[str, Any]]:
    """Rules of two or three conditions, as people write them; each sends few orders to a tier."""
    chance = random.Random(f"rules:{seed}")
    return [_rule(f"r{at}", chance, _condition(chance, at)) for at in range(count)]


def draft_rules(in_force: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """The same with some thresholds changed, two rules dropped and four added that ask for facts not kept."""
    chance = random.Random(f"draft:{seed}")
    rules = [dict(rule) for rule in in_force[DROPPED:]]
    for at in range(0, len(rules), CHANGED_OF):
        first, *rest = rules[at]["when"]["all"]
        rules[at] = rules[at] | {"when": {"all": [_condition(chance, at), *rest, first]}}
    return rules + [_added(f"n{at}", condition) for at, condition in enumerate(NOT_KEPT)]


def _added(name: str, condition: dict[str, Any]) -> dict[str, Any]:
    """Looks at orders paid at the door, so that few must be asked of the tables."""
    cod = {"fact": "order.is_cod", "op": "eq", "value": True}
    tier = {"action": "send_to_tier", "params": {"tier": TIERS[0]}}
    return {"id": name, "name": name, "when": {"all": [cod, condition]}, "actions": [tier]}


def _rule(name: str, chance: random.Random, first: dict[str, Any]) -> dict[str, Any]:
    when = [first, *(_narrow(chance) for _ in range(chance.randrange(1, 3)))]
    tier = {"action": "send_to_tier", "params": {"tier": chance.choice(TIERS)}}
    return {"id": name, "name": name, "when": {"all": when}, "actions": [tier]}


def _condition(chance: random.Random, at: int) -> dict[str, Any]:
    choices: tuple[dict[str, Any], ...] = (
        {"fact": "order.paid", "op": "ge", "value": chance.randrange(20_000, 400_000)},
        {"fact": "order.units", "op": "ge", "value": chance.randrange(4, 20)},
        {"fact": "receiver.province", "op": "in", "value": sorted(chance.sample(PROVINCES, 2))},
        {"fact": "goods.weight", "op": "gt", "value": chance.randrange(2_000, 30_000)},
        {"fact": "order.lines", "op": "ge", "value": chance.randrange(3, 7)},
        {"fact": "order.discount_merchant", "op": "ge", "value": chance.randrange(1_000, 60_000)},
        {"fact": "goods.sku_count", "op": "ge", "value": chance.randrange(3, 8)},
        {"fact": "order.hour", "op": "between", "value": [0, chance.randrange(1, 4)]},
    )
    return choices[at % len(choices)]


def _narrow(chance: random.Random) -> dict[str, Any]:
    choices: tuple[dict[str, Any], ...] = (
        {"fact": "order.is_cod", "op": "eq", "value": True},
        {"fact": "order.paid", "op": "ge", "value": chance.randrange(30_000, 500_000)},
        {"fact": "receiver.province", "op": "in", "value": sorted(chance.sample(PROVINCES, 1))},
        {"fact": "order.has_memo", "op": "eq", "value": True},
        {"fact": "shop.code", "op": "in", "value": [f"S{chance.randrange(1, 5)}"]},
        {"none": [{"fact": "order.term", "op": "eq", "value": "prepaid"}]},
    )
    return chance.choice(choices)
