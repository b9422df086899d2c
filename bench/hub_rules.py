"""Rules over the hub's own facts, as many as wanted, together asking for every fact that review knows."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final

from oms.app.rulebook.vocabulary import VOCABULARY
from oms.domain.review import TIERS
from rules.model import FactSpec, ValueType

REVIEW: Final = tuple(spec for spec in VOCABULARY.facts.values() if "review" in spec.stages)
CONDITIONS: Final = 3


def hub_rules(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Rules of three conditions, every fourth with a group inside; the facts are asked for in turn."""
    chance = random.Random(seed)
    facts = [*REVIEW]
    chance.shuffle(facts)
    return [_rule(chance, number, [facts[(CONDITIONS * number + at) % len(facts)] for at in range(CONDITIONS)])
            for number in range(count)]  # fmt: skip


def _rule(chance: random.Random, number: int, facts: list[FactSpec]) -> dict[str, Any]:
    conditions: list[dict[str, Any]] = [_condition(chance, spec) for spec in facts]
    if number % 4 == 0:
        conditions[1:] = [{"any": conditions[1:]}]
    tier = TIERS[number % len(TIERS)].code
    return {
        "id": f"rule-{number}",
        "name": f"第 {number} 条审单规则",
        "when": {"all": conditions},
        "actions": [{"action": "send_to_tier", "params": {"tier": tier}}],
    }


def _condition(chance: random.Random, spec: FactSpec) -> dict[str, Any]:
    op, value = _MAKERS[spec.type](chance, spec)
    return {"fact": spec.name, "op": op, "value": value}


def _some(chance: random.Random, spec: FactSpec) -> list[str]:
    codes = [choice.code for choice in spec.choices] or ["330000", "急", "A-1", "ZTO", "S1"]
    return sorted(chance.sample(codes, min(2, len(codes))))


Made = tuple[str, object]
_MAKERS: Final[dict[ValueType, Callable[[random.Random, FactSpec], Made]]] = {
    ValueType.BOOL: lambda chance, spec: ("eq", chance.random() < 0.3),
    ValueType.MONEY: lambda chance, spec: ("ge", chance.randrange(100_000)),
    ValueType.COUNT: lambda chance, spec: ("between", [1, chance.randrange(1, 9)]),
    ValueType.INTEGER: lambda chance, spec: ("gt", chance.randrange(100)),
    ValueType.DECIMAL: lambda chance, spec: ("lt", str(chance.randrange(60))),
    ValueType.TEXT: lambda chance, spec: ("contains_any", _some(chance, spec)),
    ValueType.CODE: lambda chance, spec: ("in", _some(chance, spec)),
    ValueType.SET: lambda chance, spec: ("contains_any", _some(chance, spec)),
    ValueType.DATETIME: lambda chance, spec: ("older_than", chance.randrange(200_000)),
    ValueType.DURATION: lambda chance, spec: ("gt", chance.randrange(200_000)),
}
