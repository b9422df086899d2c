"""Narrows a rule set down, by the values of single facts, to the rules that can still match. Decides nothing itself.

A rule whose tree demands a condition (a child of its outermost `all`) cannot match where that condition is false. For
each fact a table says by its value which rules are left, a bit a rule; the closures then judge only those. What a table
cannot tell (values of an unexpected type, unknown facts) leaves every rule in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

from rules.model import Condition, Group, GroupKind, Node, ValueType, Vocabulary
from rules.operators import Facts, test_for

Look: TypeAlias = Callable[[Facts], int]

WORTH_IT = 8  # fewer rules are judged faster than they are narrowed down
_NUMBERS = frozenset({ValueType.INTEGER, ValueType.MONEY, ValueType.DURATION, ValueType.COUNT})
_NAMED = frozenset({ValueType.CODE, ValueType.TEXT, ValueType.BOOL})
_NAMED_OPERATORS = frozenset({"eq", "ne", "in", "not_in", "is_empty", "is_not_empty"})
_HOLDING = frozenset({"contains_any", "contains_all"})
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # no operator of a table asks for the moment
_ABSENT = "\x00 no value of a rule"  # the codec lets no rule name it


class _Demand(NamedTuple):
    """A rule, as its bit, matches only where the condition has this truth."""

    bit: int
    condition: Condition
    truth: bool


def looks_for(trees: Sequence[Node], vocabulary: Vocabulary) -> tuple[Look, ...]:
    """Functions from facts to the rules that can still match; the rule of `trees[n]` is bit n."""
    if len(trees) < WORTH_IT:
        return ()
    by_fact: dict[str, list[_Demand]] = defaultdict(list)
    for at, tree in enumerate(trees):
        for condition, truth in _demanded(tree, truth=True):
            if _can_be_tabled(vocabulary.facts[condition.fact].type, condition.op, truth=truth):
                by_fact[condition.fact].append(_Demand(1 << at, condition, truth))
    every = (1 << len(trees)) - 1
    return tuple(
        _look(vocabulary.facts[fact].type, fact, demands, every) for fact, demands in by_fact.items() if len(demands) > 1
    )


def _demanded(node: Node, *, truth: bool) -> Iterator[tuple[Condition, bool]]:
    """Conditions without whose truth the node cannot have the wanted truth."""
    if isinstance(node, Condition):
        yield node, truth
    elif node.kind is GroupKind.ALL and truth:
        for child in node.children:
            yield from _demanded(child, truth=True)
    elif _is_denied(node, truth=truth):
        for child in node.children:
            yield from _demanded(child, truth=False)


def _is_denied(group: Group, *, truth: bool) -> bool:
    return (group.kind is GroupKind.NONE and truth) or (group.kind is GroupKind.ANY and not truth)


def _can_be_tabled(kind: ValueType, op: str, *, truth: bool) -> bool:
    if kind in _NUMBERS:
        return True
    if kind in _NAMED:
        return op in _NAMED_OPERATORS
    return kind is ValueType.SET and op in _HOLDING and truth


def _look(kind: ValueType, fact: str, demands: list[_Demand], every: int) -> Look:
    if kind is ValueType.SET:
        return _set_look(fact, demands, every)
    left_by = _Left(kind, fact, demands, every)
    return _number_look(fact, left_by, every) if kind in _NUMBERS else _name_look(fact, left_by, every)


class _Left:
    """The rules that a value of one fact leaves, found by asking the conditions themselves."""

    def __init__(self, kind: ValueType, fact: str, demands: list[_Demand], every: int) -> None:
        self.kind = kind
        self.fact = fact
        self.every = every
        self.tests = [
            (demand.bit, demand.truth, test_for(fact, kind, demand.condition.op, demand.condition.value))
            for demand in demands
        ]
        self.values = sorted({value for demand in demands for value in _values(demand.condition.value)})

    def by(self, value: object) -> int:
        mask = self.every
        for bit, truth, test in self.tests:
            if test({self.fact: value}, _ANY_TIME) is not truth:
                mask &= ~bit
        return mask


def _values(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, tuple) else (value,)


def _name_look(fact: str, left: _Left, every: int) -> Look:
    """A table of the values that rules name; all others are alike."""
    type_of_value = bool if left.kind is ValueType.BOOL else str
    named = (True, False) if type_of_value is bool else ("", *left.values)
    table = {value: left.by(value) for value in named}
    other = left.by(_ABSENT)
    missing = left.by(None)

    def look(facts: Facts) -> int:
        seen = facts[fact]
        if seen.__class__ is type_of_value:
            return table.get(seen, other)
        return missing if seen is None else every

    return look


def _number_look(fact: str, left: _Left, every: int) -> Look:
    """Whole numbers between two neighbouring steps are alike."""
    steps = sorted({step for value in left.values for step in (value, value + 1)})
    masks = [left.by(value) for value in ((steps[0] - 1, *steps) if steps else (0,))]
    missing = left.by(None)

    def look(facts: Facts) -> int:
        seen = facts[fact]
        if seen.__class__ is int:
            return masks[bisect_right(steps, seen)]
        return missing if seen is None else every

    return look


def _set_look(fact: str, demands: list[_Demand], every: int) -> Look:
    """A rule is left when the set holds a code that it wants; one of its conditions a fact is enough to tell."""
    table: dict[str, int] = defaultdict(int)
    told = 0
    for bit, condition, _ in demands:
        if not told & bit:
            told |= bit
            for code in _values(condition.value)[: None if condition.op == "contains_any" else 1]:
                table[code] |= bit
    table = dict(table)
    untold = every & ~told

    def look(facts: Facts) -> int:
        seen = facts[fact]
        if seen.__class__ is not frozenset:
            return untold if seen is None else every
        mask = untold
        for code in seen:
            if code in table:
                mask |= table[code]
        return mask

    return look
