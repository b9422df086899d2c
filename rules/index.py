"""Narrows a rule set down, by the values of single facts, to the rules that can still match. Decides nothing itself.

A rule cannot match where a condition that its tree demands is false, nor where each alternative of a choice in it has
such a condition. For each fact a table says by its value which of these are still open, as bits of one whole number;
the closures then judge only the rules that are left. What a table cannot tell (values of an unexpected type, unknown
facts, conditions of another sort) leaves every rule in.
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
_Literal: TypeAlias = tuple[Condition, bool]

WORTH_IT = 8  # fewer rules are judged faster than they are narrowed down
_CHOICES = 2  # of a rule are tabled, with at most so many alternatives each:
_ALTERNATIVES = 4
_MOST_VALUES = 5_000  # in one table
_MOST_TESTS = 500_000  # to build one table; a tenth of a second
_NUMBERS = frozenset({ValueType.INTEGER, ValueType.MONEY, ValueType.DURATION, ValueType.COUNT})
_NAMED = frozenset({ValueType.CODE, ValueType.TEXT, ValueType.BOOL})
_NAMED_OPERATORS = frozenset({"eq", "ne", "in", "not_in", "is_empty", "is_not_empty"})
_HOLDING = frozenset({"contains_any", "contains_all"})
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # no operator of a table asks for the moment
_ABSENT = "\x00 no value of a rule"  # the codec lets no rule name it


class _Demand(NamedTuple):
    """What the bit stands for is open only where the condition has this truth."""

    bit: int
    condition: Condition
    truth: bool


class Narrowing:
    """From facts to the rules that can still match, the rule of `trees[n]` as bit n.

    The bits of a table come in rows of one bit a rule: first what rules demand, then, for each choice, a row for each
    of its alternatives.
    """

    def __init__(self, trees: Sequence[Node], vocabulary: Vocabulary) -> None:
        self._rules = (1 << len(trees)) - 1
        self._width = len(trees)
        self._start = self._rules
        self._choices = 0
        demands: dict[str, list[_Demand]] = defaultdict(list)
        if len(trees) >= WORTH_IT:
            for demand in self._demands(trees, vocabulary):
                demands[demand.condition.fact].append(demand)
        every = (1 << self._width * (1 + self._choices * _ALTERNATIVES)) - 1
        kinds = {fact: vocabulary.facts[fact].type for fact in demands}
        self._looks = tuple(
            _look(kinds[fact], fact, those, every) for fact, those in demands.items() if _is_worth_a_table(those)
        )

    def __call__(self, facts: Facts) -> int:
        left = self._start
        for look in self._looks:
            left &= look(facts)
        width = self._width
        rules = left & self._rules
        for _ in range(self._choices):
            left >>= width
            alternatives = left
            for _ in range(_ALTERNATIVES - 1):
                left >>= width
                alternatives |= left
            rules &= alternatives
        return rules

    def _demands(self, trees: Sequence[Node], vocabulary: Vocabulary) -> Iterator[_Demand]:
        tabled = [_tabled_choices(tree, vocabulary) for tree in trees]
        self._choices = max(len(choices) for choices in tabled)
        for at, tree in enumerate(trees):
            for condition, truth in _demanded(tree, vocabulary, truth=True):
                yield _Demand(1 << at, condition, truth)
            for number in range(self._choices):
                alternatives = tabled[at][number] if number < len(tabled[at]) else [[]]
                for row, literals in enumerate(alternatives, 1 + number * _ALTERNATIVES):
                    bit = 1 << (row * self._width + at)
                    self._start |= bit
                    yield from (_Demand(bit, condition, truth) for condition, truth in literals)


def _tabled_choices(tree: Node, vocabulary: Vocabulary) -> list[list[list[_Literal]]]:
    """For the first few choices that a tree leaves: what each alternative demands. Choices no table can tell are out."""
    choices = [
        [list(_demanded(child, vocabulary, truth=truth)) for child, truth in alternatives]
        for alternatives in _choices(tree, truth=True)
        if len(alternatives) <= _ALTERNATIVES
    ]
    return [choice for choice in choices if all(choice)][:_CHOICES]


def _choices(node: Node, *, truth: bool) -> Iterator[list[tuple[Node, bool]]]:
    """The groups of which one child is enough, below groups of which every child must be settled."""
    if isinstance(node, Condition):
        return
    children = [(child, truth is not (node.kind is GroupKind.NONE)) for child in node.children]
    if _demands_all(node, truth=truth):
        for child, wanted in children:
            yield from _choices(child, truth=wanted)
    else:
        yield children


def _demanded(node: Node, vocabulary: Vocabulary, *, truth: bool) -> Iterator[_Literal]:
    """Conditions that a table can tell, and without whose truth the node cannot have the wanted one."""
    if isinstance(node, Condition):
        if _can_be_tabled(vocabulary.facts[node.fact].type, node.op, truth=truth):
            yield node, truth
    elif _demands_all(node, truth=truth):
        for child in node.children:
            yield from _demanded(child, vocabulary, truth=truth is not (node.kind is GroupKind.NONE))


def _demands_all(group: Group, *, truth: bool) -> bool:
    """Whether every child must be settled for the group to have this truth."""
    return truth if group.kind is GroupKind.NONE else (group.kind is GroupKind.ALL) is truth


def _can_be_tabled(kind: ValueType, op: str, *, truth: bool) -> bool:
    if kind in _NUMBERS:
        return True
    if kind in _NAMED:
        return op in _NAMED_OPERATORS
    return kind is ValueType.SET and op in _HOLDING and truth


def _is_worth_a_table(demands: list[_Demand]) -> bool:
    """Not for a single demand, nor where lists of a thousand values would make the table too long to build."""
    values = {value for demand in demands for value in _values(demand.condition.value)}
    return len(demands) > 1 and len(values) <= _MOST_VALUES and len(values) * len(demands) <= _MOST_TESTS


def _look(kind: ValueType, fact: str, demands: list[_Demand], every: int) -> Look:
    if kind is ValueType.SET:
        return _set_look(fact, demands, every)
    left_by = _Left(kind, fact, demands, every)
    return _number_look(fact, left_by, every) if kind in _NUMBERS else _name_look(fact, left_by, every)


class _Left:
    """What a value of one fact leaves open, found by asking the conditions themselves."""

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
    """A bit is left when the set holds a code that it wants; one condition a bit is enough to tell."""
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
