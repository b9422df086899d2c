"""What rules are made of: vocabulary (facts, actions), the condition tree, rules and rule sets. Types only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias


class ValueType(StrEnum):
    """Type of a fact or a parameter; the comment says how its value looks in Python."""

    BOOL = "bool"  # 是否: bool
    INTEGER = "integer"  # 整数: int
    MONEY = "money"  # 金额: int, minor units of the currency in `unit`
    DECIMAL = "decimal"  # 小数: Decimal
    TEXT = "text"  # 文本: str
    CODE = "code"  # 代码: str, from `choices` when there are any
    SET = "set"  # 集合: frozenset of codes
    DATETIME = "datetime"  # 时间: aware datetime
    DURATION = "duration"  # 时长: int, seconds
    COUNT = "count"  # 数量: int, never negative


class GroupKind(StrEnum):
    """How a group joins its children."""

    ALL = "all"  # 而且
    ANY = "any"  # 或者
    NONE = "none"  # 不是


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a code or an element of a set may have."""

    code: str
    label_zh: str
    label_en: str


@dataclass(frozen=True, slots=True)
class FactSpec:
    """A fact that conditions may ask for.

    `sql` is an expression of the matching PostgreSQL type (boolean, bigint, numeric, text, text[], timestamptz;
    durations in seconds) over the aliases of whoever binds it, NULL when missing. Without it
    `python_only_reason` says why. `unit` is the currency for money. Of a fact that `may_be_unknown` NULL stands for
    unknown, too, and SQL leaves such rows to the closures.
    """

    name: str
    type: ValueType
    label_zh: str
    label_en: str
    stages: frozenset[str]
    unit: str = ""
    unit_en: str = ""
    sql: str | None = None
    python_only_reason: str = ""
    choices: tuple[Choice, ...] = ()
    may_be_unknown: bool = False


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """A typed parameter of an action."""

    name: str
    type: ValueType
    label_zh: str
    label_en: str
    unit: str = ""
    unit_en: str = ""
    required: bool = True
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """Something a rule may ask for; what it does is the business of whoever receives the verdict.

    `contradicts` names actions that cannot be done together with this one (saying it on one side is enough).
    `exclusive` says that it can be done in one way only: asked for with other parameters it contradicts itself.
    `subject` is the parameter that says what it is about; two actions with different subjects get along, unless it is
    the only parameter of an exclusive one: then there can be one subject only.
    """

    name: str
    label_zh: str
    label_en: str
    stages: frozenset[str]
    params: tuple[ParamSpec, ...] = ()
    contradicts: frozenset[str] = frozenset()
    exclusive: bool = False
    subject: str = ""
    is_grave: bool = False

    def param(self, name: str) -> ParamSpec | None:
        """The parameter of that name, if there is one."""
        return next((spec for spec in self.params if spec.name == name), None)


@dataclass(frozen=True, slots=True)
class Window:
    """A recurring time of day on some weekdays, in a named time zone.

    `start` and `end` are minutes after midnight, end exclusive; an end before the start is on the next day and
    the weekday is the one on which the window started. `weekdays` are ISO: Monday 1 to Sunday 7.
    """

    weekdays: frozenset[int]
    start: int
    end: int
    time_zone: str


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, start inclusive, end exclusive; None leaves that side open."""

    from_at: datetime | None
    until_at: datetime | None


Span: TypeAlias = Window | Period


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; the shape of `value` follows from the operator and the type of the fact."""

    fact: str
    op: str
    value: object = None


@dataclass(frozen=True, slots=True)
class Group:
    """Children joined by all, any or none; without children all and none are true, any is false."""

    kind: GroupKind
    children: tuple[Node, ...]


Node: TypeAlias = Condition | Group


@dataclass(frozen=True, slots=True)
class Action:
    """An action with the values of its parameters, sorted by name."""

    name: str
    params: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """When the tree is true the actions are asked for; `stop` ends the evaluation of the set.

    A smaller priority is evaluated first, equals in the order of the document. A rule takes part at a moment
    inside any span of `active` (or always, if there is none) and outside every span of `excluded`.
    """

    id: str
    name: str
    when: Node
    actions: tuple[Action, ...] = ()
    stop: bool = False
    priority: int = 100
    active: tuple[Span, ...] = ()
    excluded: tuple[Span, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one stage in one scope; `version` and `scope` are labels the engine only passes on."""

    stage: str
    rules: tuple[Rule, ...]
    version: int = 0
    scope: str = ""


def conditions_of(node: Node) -> Iterator[Condition]:
    """Every condition of a tree, left to right."""
    if isinstance(node, Condition):
        yield node
        return
    for child in node.children:
        yield from conditions_of(child)


def rules_in_order(rule_set: RuleSet) -> tuple[Rule, ...]:
    """The enabled rules as they are evaluated: by priority, then by their place in the document."""
    return tuple(sorted((rule for rule in rule_set.rules if rule.enabled), key=lambda rule: rule.priority))


def simplify(node: Node) -> Node:
    """The same tree without all or any groups of a single child, which no sentence can express."""
    if isinstance(node, Condition):
        return node
    children = tuple(simplify(child) for child in node.children)
    if len(children) == 1 and node.kind is not GroupKind.NONE:
        return children[0]
    return Group(node.kind, children)


class VocabularyError(ValueError):
    """A vocabulary contradicts itself: correct the fact or action it names; no rule is at fault."""


_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
# Words and signs that sentences are built from; a label that holds one could not be read back.
_RESERVED = re.compile(r"[，（）「」、：“”,()\[\];:/\n]|而且|或者|^不是|\band\b|\bor\b|^not\b|^\s|\s$|^$")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The facts and actions that rules may use, checked when it is made."""

    facts: Mapping[str, FactSpec]
    actions: Mapping[str, ActionSpec]
    stages: frozenset[str] = field(init=False)

    @classmethod
    def of(cls, facts: tuple[FactSpec, ...], actions: tuple[ActionSpec, ...]) -> Vocabulary:
        """A vocabulary from lists; raises VocabularyError on a repeated name."""
        _refuse_repeats("fact", [spec.name for spec in facts])
        _refuse_repeats("action", [spec.name for spec in actions])
        return cls({spec.name: spec for spec in facts}, {spec.name: spec for spec in actions})

    def __post_init__(self) -> None:
        for fact in self.facts.values():
            _check_fact(fact)
        for action in self.actions.values():
            _check_action(action)
            _check_contradictions(action, self.actions)
        _refuse_repeats("label of a fact", [spec.label_zh for spec in self.facts.values()])
        _refuse_repeats("label of a fact", [spec.label_en.casefold() for spec in self.facts.values()])
        stages = [fact.stages for fact in self.facts.values()] + [spec.stages for spec in self.actions.values()]
        object.__setattr__(self, "stages", frozenset(stage for known in stages for stage in known))
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))
        object.__setattr__(self, "actions", MappingProxyType(dict(self.actions)))


def _check_fact(fact: FactSpec) -> None:
    _check_words(f"fact {fact.name}", fact.name, fact.label_zh, fact.label_en)
    _check_choices(f"fact {fact.name}", fact.type, fact.choices)
    _check_units(f"fact {fact.name}", fact.type, fact.unit, fact.unit_en)
    if not fact.stages:
        raise VocabularyError(f"fact {fact.name}: name the stages at which it is known")
    if (fact.sql is None) == (not fact.python_only_reason):
        raise VocabularyError(f"fact {fact.name}: give either sql or the reason why it is Python only")


def _check_action(action: ActionSpec) -> None:
    _check_words(f"action {action.name}", action.name, action.label_zh, action.label_en)
    if not action.stages:
        raise VocabularyError(f"action {action.name}: name the stages at which it can be used")
    _refuse_repeats(f"parameter of action {action.name}", [spec.name for spec in action.params])
    for param in action.params:
        owner = f"parameter {param.name} of action {action.name}"
        _check_words(owner, param.name, param.label_zh, param.label_en)
        _check_choices(owner, param.type, param.choices)
        _check_units(owner, param.type, param.unit, param.unit_en)


def _check_contradictions(action: ActionSpec, actions: Mapping[str, ActionSpec]) -> None:
    unknown = sorted(action.contradicts - actions.keys())
    if unknown:
        raise VocabularyError(f"action {action.name}: there is no action {', '.join(unknown)} that it could contradict")
    if action.subject and action.param(action.subject) is None:
        raise VocabularyError(f"action {action.name}: its subject {action.subject} is none of its parameters")


def _check_units(owner: str, kind: ValueType, unit: str, unit_en: str) -> None:
    if kind is ValueType.MONEY and not unit:
        raise VocabularyError(f"{owner}: money needs its currency as unit")
    for word in (unit, unit_en):
        if word and (_RESERVED.search(word) or word[0].isdigit()):
            raise VocabularyError(f"{owner}: the unit {word!r} cannot be told from the words around it")


def _check_choices(owner: str, kind: ValueType, choices: tuple[Choice, ...]) -> None:
    if choices and kind not in (ValueType.CODE, ValueType.SET):
        raise VocabularyError(f"{owner}: only codes and sets have choices")
    _refuse_repeats(f"choice of {owner}", [choice.code for choice in choices])
    _refuse_repeats(f"label of {owner}", [choice.label_zh for choice in choices])
    _refuse_repeats(f"label of {owner}", [choice.label_en.casefold() for choice in choices])
    for choice in choices:
        _check_words(f"choice {choice.code} of {owner}", "x", choice.label_zh, choice.label_en)


def _check_words(owner: str, name: str, label_zh: str, label_en: str) -> None:
    if not _NAME.fullmatch(name):
        raise VocabularyError(f"{owner}: the name must be lower case with dots and underscores")
    for label in (label_zh, label_en):
        found = _RESERVED.search(label)
        if found:
            raise VocabularyError(f"{owner}: the label {label!r} holds {found.group()!r}, choose other words")


def _refuse_repeats(what: str, names: list[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise VocabularyError(f"{what} used twice: {', '.join(repeated)}")
