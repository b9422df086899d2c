"""Rules and facts by the thousand from a seed: quicker than hypothesis, which shrinks what this one only finds."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from rules.facts import UNKNOWN
from rules.model import (
    Action,
    ActionSpec,
    Condition,
    FactSpec,
    Group,
    GroupKind,
    Node,
    ParamSpec,
    Period,
    Rule,
    RuleSet,
    Span,
    ValueType,
    Window,
)
from rules.operators import OPERATORS, Shape, operators_for
from tests.rules.vocabulary import ACTIONS, CODES, FACTS, NOW, ZONES, Spoilt

_T = ValueType
_LETTERS = "ab1发票-.」”、 或者而且"
_PATTERNS = ("发票", r"^a", r"1$", r"\d+-\d", "[ab]{2}", "(发票|a.)1?", r"[^a]b", r"\.$", r"^a.*b$", "-|1a")


class Draw:
    """Draws whatever the codec accepts; the same seed draws the same."""

    def __init__(self, seed: int, facts: tuple[FactSpec, ...] = FACTS) -> None:
        self.chance = Random(seed)
        self.facts = facts

    def tree(self, depth: int = 1) -> Node:
        if depth > 5 or self.chance.random() < 0.25 * depth:
            return self.condition()
        kind = self.chance.choice(tuple(GroupKind))
        if kind is GroupKind.ALL and self.chance.random() < 0.05:
            return Group(kind, ())
        count = self.chance.choice((1, 2, 2, 2, 3, 3, 4))
        return Group(kind, tuple(self.tree(depth + 1) for _ in range(count)))

    def condition(self) -> Condition:
        spec = self.chance.choice(self.facts)
        op = self.chance.choice(operators_for(spec.type))
        return Condition(spec.name, op, self.value(spec, OPERATORS[op].shape))

    def value(self, spec: FactSpec, shape: Shape) -> Any:
        if shape is Shape.LIST:
            return tuple(sorted({self.scalar(spec) for _ in range(self.chance.randint(1, 3))}))
        if shape is Shape.PAIR:
            return tuple(sorted((self.scalar(spec), self.scalar(spec))))
        makers = {
            Shape.NOTHING: lambda: None,
            Shape.SCALAR: lambda: self.scalar(spec),
            Shape.PREFIX: self.text,
            Shape.PATTERN: lambda: self.chance.choice(_PATTERNS),
            Shape.WINDOW: self.window,
            Shape.SECONDS: lambda: self.chance.randrange(300_000),
        }
        return makers[shape]()

    def scalar(self, spec: FactSpec | ParamSpec) -> Any:
        """A value that a condition, a parameter or a fact may hold."""
        chance = self.chance
        makers = {
            _T.BOOL: lambda: chance.random() < 0.5,
            _T.COUNT: lambda: chance.randrange(6),
            _T.INTEGER: lambda: chance.randint(-3, 3),
            _T.MONEY: lambda: chance.choice((-1, 0, 29_999, 30_000, 30_001)),
            _T.DECIMAL: lambda: Decimal(chance.randint(-20, 20)) / 10,
            _T.TEXT: self.text,
            _T.DATETIME: lambda: NOW + timedelta(seconds=chance.randint(-400_000, 400_000)),
            _T.DURATION: lambda: chance.choice((0, 59, 60, 3600, 90_061)),
        }
        if spec.type in makers:
            return makers[spec.type]()
        return chance.choice(tuple(choice.code for choice in spec.choices) or CODES)

    def text(self) -> str:
        return "".join(self.chance.choices(_LETTERS, k=self.chance.randint(1, 6)))

    def window(self) -> Window:
        start = self.chance.randrange(1440)
        end = (start + self.chance.randint(1, 1439)) % 1440 or 1440
        days = frozenset(self.chance.sample(range(1, 8), self.chance.randint(1, 7)))
        return Window(days, start, end, self.chance.choice(ZONES))

    def span(self) -> Span:
        if self.chance.random() < 0.5:
            return self.window()
        start = NOW + timedelta(seconds=self.chance.randint(-400_000, 400_000))
        return Period(start, self.chance.choice((None, start + timedelta(seconds=self.chance.randint(1, 500_000)))))

    def known_facts(self) -> dict[str, Any]:
        """A value for every fact, one in eight missing."""
        return {spec.name: None if self.chance.random() < 0.125 else self._seen(spec) for spec in self.facts}

    def rough_facts(self) -> dict[str, Any]:
        """Some facts absent, unknown or of a type that no operator understands."""
        odd = (None, UNKNOWN, Spoilt())
        return {
            spec.name: self.chance.choice(odd) if self.chance.random() < 0.3 else self._seen(spec)
            for spec in self.facts
            if self.chance.random() < 0.9
        }

    def _seen(self, spec: FactSpec) -> Any:
        if spec.type is _T.SET:
            codes = tuple(choice.code for choice in spec.choices) or CODES
            return frozenset(self.chance.sample(codes, self.chance.randint(0, len(codes))))
        if spec.type in (_T.TEXT, _T.CODE) and self.chance.random() < 0.1:
            return ""
        return self.scalar(spec)

    def rule_set(self, most: int = 30) -> RuleSet:
        rules = tuple(self._rule(f"r{at}") for at in range(self.chance.randint(1, most)))
        return RuleSet("review", rules, self.chance.randrange(9), self.chance.choice(("", "shop 12")))

    def _rule(self, rule_id: str) -> Rule:
        chance = self.chance
        return Rule(
            id=rule_id,
            name=self.text(),
            when=self.tree(),
            actions=tuple(self._action(chance.choice(ACTIONS)) for _ in range(chance.randint(1, 2))),
            stop=chance.random() < 0.2,
            priority=chance.randint(1, 3),
            active=(self.span(),) if chance.random() < 0.2 else (),
            excluded=(self.span(),) if chance.random() < 0.2 else (),
            enabled=chance.random() < 0.9,
        )

    def _action(self, spec: ActionSpec) -> Action:
        wanted = [param for param in spec.params if param.required or self.chance.random() < 0.5]
        return Action(spec.name, tuple(sorted((param.name, self.scalar(param)) for param in wanted)))
