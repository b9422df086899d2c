"""How fast rules are decided and explained on facts in memory, on one core."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time

from rules.engine import CompiledRuleSet, compile_rule_set
from rules.model import (
    Action,
    ActionSpec,
    Condition,
    FactSpec,
    Group,
    GroupKind,
    Node,
    Rule,
    RuleSet,
    ValueType,
    Vocabulary,
    conditions_of,
)
from rules.trace import explain, write_explanation

STAGE = frozenset({"review"})
NOW = datetime(2026, 11, 11, tzinfo=UTC)
CODES = tuple(f"c{number}" for number in range(12))
TYPES = (ValueType.CODE, ValueType.MONEY, ValueType.COUNT, ValueType.SET, ValueType.TEXT, ValueType.BOOL)


def a_vocabulary(facts: int = 48) -> Vocabulary:
    """Facts of six types in turn and one action."""
    specs = tuple(
        FactSpec(f"f{at}", TYPES[at % 6], f"字段{at}", f"fact {at}", STAGE, unit="CNY", python_only_reason="a bench")
        for at in range(facts)
    )
    return Vocabulary.of(specs, (ActionSpec("hold", "挂起", "hold", STAGE),))


def a_rule_set(vocabulary: Vocabulary, rules: int, seed: int) -> RuleSet:
    """Rules of three conditions, every fourth with a nested group."""
    chance = random.Random(seed)
    made = []
    for at in range(rules):
        leaves: list[Node] = [_condition(chance, vocabulary) for _ in range(3)]
        if at % 4 == 0:
            leaves[2] = Group(GroupKind.ANY, (leaves[2], _condition(chance, vocabulary)))
        made.append(Rule(f"r{at}", f"规则{at}", Group(GroupKind.ALL, tuple(leaves)), (Action("hold"),)))
    return RuleSet("review", tuple(made))


def documents(vocabulary: Vocabulary, count: int, seed: int) -> list[dict[str, object]]:
    """Facts of made-up documents; one value in twenty is missing."""
    chance = random.Random(seed)
    return [
        {spec.name: None if chance.random() < 0.05 else _value(chance, spec.type) for spec in vocabulary.facts.values()}
        for _ in range(count)
    ]


def _condition(chance: random.Random, vocabulary: Vocabulary) -> Condition:
    fact = chance.choice(list(vocabulary.facts.values()))
    op, value = {
        ValueType.CODE: ("in", tuple(sorted(chance.sample(CODES, 3)))),
        ValueType.MONEY: ("ge", chance.randrange(100_000)),
        ValueType.COUNT: ("between", (1, chance.randrange(1, 9))),
        ValueType.SET: ("contains_any", tuple(sorted(chance.sample(CODES, 2)))),
        ValueType.TEXT: ("contains_any", ("发票",)),
        ValueType.BOOL: ("eq", chance.random() < 0.5),
    }[fact.type]
    return Condition(fact.name, op, value)


def _value(chance: random.Random, kind: ValueType) -> object:
    makers: dict[ValueType, Callable[[], object]] = {
        ValueType.CODE: lambda: chance.choice(CODES),
        ValueType.MONEY: lambda: chance.randrange(100_000),
        ValueType.COUNT: lambda: chance.randrange(12),
        ValueType.SET: lambda: frozenset(chance.sample(CODES, 3)),
        ValueType.TEXT: lambda: chance.choice(("", "请开发票", "周末送货", "尽快")),
        ValueType.BOOL: lambda: chance.random() < 0.5,
    }
    return makers[kind]()


def seconds_to_decide(compiled: CompiledRuleSet, facts: list[dict[str, object]]) -> float:
    """Seconds of processor time for one verdict on every document, the best of three runs."""
    runs = []
    for _ in range(3):
        started = process_time()
        for known in facts:
            compiled.decide(known, NOW)
        runs.append(process_time() - started)
    return min(runs)


def matched_per_order(compiled: CompiledRuleSet, facts: list[dict[str, object]]) -> float:
    """Rules that match an order, on average: what matches is the dearest."""
    return sum(len(compiled.decide(known, NOW).matched) for known in facts) / len(facts)


def explanation_ms_p95(compiled: CompiledRuleSet, facts: list[dict[str, object]]) -> float:
    """Milliseconds of processor time for one written explanation, the 95th percentile."""
    times = []
    for known in facts:
        started = process_time()
        write_explanation(explain(compiled.rule_set, compiled.vocabulary, known, NOW))
        times.append((process_time() - started) * 1000)
    return sorted(times)[len(times) * 95 // 100]


def nested_rule_set(vocabulary: Vocabulary, rules: int, seed: int) -> RuleSet:
    """Rules such as "one thing, or two others together, but not a fourth, and a fifth": each leaves a choice."""
    chance = random.Random(seed)
    made = []
    for at in range(rules):
        one, two, three, four, five = (_condition(chance, vocabulary) for _ in range(5))
        either = Group(GroupKind.ANY, (one, Group(GroupKind.ALL, (two, three))))
        when = Group(GroupKind.ALL, (either, Group(GroupKind.NONE, (four,)), five))
        made.append(Rule(f"r{at}", f"规则{at}", when, (Action("hold"),)))
    return RuleSet("review", tuple(made))


def run_rules(rules: int = 200, orders: int = 3000, seed: int = 1) -> dict[str, float]:
    """Figures of one rule set on made-up orders, one core, facts in memory; seconds are of processor time."""
    vocabulary = a_vocabulary()
    facts = documents(vocabulary, orders, seed)
    compiled = compile_rule_set(a_rule_set(vocabulary, rules, seed=rules), vocabulary)
    nested = compile_rule_set(nested_rule_set(vocabulary, rules, seed=rules), vocabulary)
    seconds = seconds_to_decide(compiled, facts)
    return {
        "rules": rules,
        "conditions": sum(1 for rule in compiled.rule_set.rules for _ in conditions_of(rule.when)),
        "orders": orders,
        "seconds": round(seconds, 4),
        "orders_per_s": round(orders / seconds),
        "orders_per_s_nested": round(orders / seconds_to_decide(nested, facts)),
        "matched_per_order": round(matched_per_order(compiled, facts), 1),
        "matched_per_order_nested": round(matched_per_order(nested, facts), 1),
        "explanation_ms_p95": round(explanation_ms_p95(compiled, facts[:200]), 2),
    }


def conditions_per_s(orders: int = 1000) -> float:
    """Conditions a second when every one is evaluated: an `any` of what is never true."""
    vocabulary = a_vocabulary()
    never = tuple(Condition(f"f{at % 8 * 6 + 1}", "lt", -1) for at in range(100))
    flat = RuleSet("review", (Rule("flat", "flat", Group(GroupKind.ANY, never), stop=True),))
    facts = documents(vocabulary, orders, seed=1)
    return round(orders * len(never) / seconds_to_decide(compile_rule_set(flat, vocabulary), facts))


def main() -> None:
    """Print one JSON line per size of rule set."""
    print(json.dumps({"conditions_per_s": conditions_per_s()}))
    for rules in (40, 100, 200):
        print(json.dumps(run_rules(rules)))


if __name__ == "__main__":
    main()
