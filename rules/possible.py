"""Whether any document can make a tree true: an example, a proof that there is none, or an honest "not known".

A tableau: conditions that must hold are collected fact by fact, alternatives are tried one after the other, and a branch
ends where a fact has no value left. An example counts only once the conditions themselves have said yes to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias

from rules.candidates import Literal, Settled, State, has_value, settle, split
from rules.model import Condition, Group, GroupKind, Node, ValueType, Vocabulary
from rules.moments import NOW, choose_moments, is_true, settle_moments

STEPS_LIMIT = 20_000  # looks at one fact, for one question
_CLASHES_SHOWN = 3
_Told: TypeAlias = dict[str, tuple[Literal, ...]]
_Wanted: TypeAlias = tuple[Node, bool]
_Choice: TypeAlias = list[_Wanted]  # one of them is enough


class Possible(StrEnum):
    """The answer to whether a tree can be true."""

    YES = "yes"  # 可能成立
    NO = "no"  # 不可能成立
    UNKNOWN = "unknown"  # 无法判断


@dataclass(frozen=True, slots=True)
class Example:
    """Facts (those that matter) and a moment at which the tree is true."""

    facts: dict[str, object]
    now: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """YES has an example, NO has clashes (conditions on one fact that exclude each other, the first few).

    UNKNOWN has the facts of which neither a value that fits was found nor a proof that there is none; without them
    the question took too many steps.
    """

    possible: Possible
    example: Example | None = None
    clashes: tuple[tuple[Literal, ...], ...] = ()
    open_facts: tuple[str, ...] = ()


def can_be_true(tree: Node, vocabulary: Vocabulary, now: datetime, steps: int = STEPS_LIMIT) -> Answer:
    """Whether documents with all facts known can make the tree true at `now` or later, if the tree says so.

    Besides facts the tree may hold `now_is_in(span)`. Examples are sought near `now`.
    """
    search = _Search(vocabulary, now, steps)
    try:
        example = search.run([(tree, True)], [], {})
    except (_Exhausted, RecursionError):
        return Answer(Possible.UNKNOWN)
    if example is not None:
        is_proved = holds(tree, vocabulary, example.facts, example.now)
        return Answer(Possible.YES, example) if is_proved else Answer(Possible.UNKNOWN)
    if search.left_open:
        return Answer(Possible.UNKNOWN, open_facts=tuple(search.left_open))
    return Answer(Possible.NO, clashes=tuple(search.clashes))


def holds(node: Node, vocabulary: Vocabulary, facts: dict[str, Any], now: datetime) -> bool:
    """Whether a tree is true of facts that are all known; those that are absent count as missing."""
    if isinstance(node, Condition):
        kind = ValueType.DATETIME if node.fact == NOW else vocabulary.facts[node.fact].type
        return is_true(node, kind, {node.fact: facts.get(node.fact)}, now)
    outcomes = (holds(child, vocabulary, facts, now) for child in node.children)
    return all(outcomes) if node.kind is GroupKind.ALL else any(outcomes) is (node.kind is GroupKind.ANY)


class _Exhausted(Exception):
    """The question takes too many steps."""


@dataclass(slots=True)
class _Search:
    vocabulary: Vocabulary
    now: datetime
    steps: int
    left_open: dict[str, None] = field(default_factory=dict)
    clashes: dict[tuple[Literal, ...], None] = field(default_factory=dict)

    def run(self, wanted: list[_Wanted], choices: list[_Choice], told: _Told) -> Example | None:
        """An example for everything wanted, chosen and told; None when this branch has none or leaves it open."""
        found = self._take_in(wanted, told)
        if found is None:
            return None
        choices = [choice for choice in (*choices, *found) if not _is_told(choice, told)]
        if not choices:
            return self._example(told)
        left = [[one for one in choice if not self._is_refuted(one, told)] for choice in choices]
        at = min(range(len(choices)), key=lambda place: len(left[place]))
        for refuted in choices[at]:
            if refuted not in left[at]:
                self._take_in([refuted], dict(told))  # so that its clash is noted
        rest = choices[:at] + choices[at + 1 :]
        examples = (self.run([one], rest, dict(told)) for one in left[at])
        return next((example for example in examples if example is not None), None)

    def _is_refuted(self, wanted: _Wanted, told: _Told) -> bool:
        """Whether a single condition can be seen not to go with what is told."""
        node, truth = wanted
        if isinstance(node, Group) or node.fact not in told or self._reduce(node, truth) != wanted:
            return False
        return self._settle(node.fact, (*told[node.fact], (node, truth))).state is State.IMPOSSIBLE

    def _take_in(self, wanted: list[_Wanted], told: _Told) -> list[_Choice] | None:
        """Tell what must hold, and return what leaves a choice; None when a fact has no value left."""
        choices: list[_Choice] = []
        stack = list(wanted)
        while stack:
            node, truth = stack.pop()
            node, truth = self._reduce(node, truth)
            if isinstance(node, Condition):
                if not self._tell((node, truth), told):
                    return None
            elif _demands_all(node.kind, truth=truth):
                stack.extend(_children(node, truth=truth))
            else:
                choices.append(_children(node, truth=truth))
        return choices

    def _reduce(self, node: Node, truth: bool) -> _Wanted:
        """A condition on several words or codes as a group of conditions on one each."""
        if isinstance(node, Group) or node.fact == NOW:
            return node, truth
        parts = split(node, self.vocabulary.facts[node.fact].type)
        if not parts:
            return node, truth
        if node.op == "contains_none":
            return Group(GroupKind.ALL, (has_value(node.fact), Group(GroupKind.NONE, parts))), truth
        return Group(GroupKind.ALL if node.op == "contains_all" else GroupKind.ANY, parts), truth

    def _tell(self, literal: Literal, told: _Told) -> bool:
        """Add one condition; False when its fact then has no value left."""
        fact = literal[0].fact
        known = told.get(fact, ())
        if literal in known:
            return True
        told[fact] = (*known, literal)
        if self._settle(fact, told[fact]).state is not State.IMPOSSIBLE:
            return True
        if len(self.clashes) < _CLASHES_SHOWN:
            self.clashes[self._least(fact, told[fact])] = None
        return False

    def _settle(self, fact: str, literals: tuple[Literal, ...]) -> Settled:
        self.steps -= 1
        if self.steps < 0:
            raise _Exhausted
        spec = self.vocabulary.facts.get(fact)
        if spec is None or spec.type is ValueType.DATETIME:
            return _settled_moments(literals, self.now)
        return _settled(spec, literals)

    def _least(self, fact: str, literals: tuple[Literal, ...]) -> tuple[Literal, ...]:
        """As few of the conditions as still exclude each other."""
        for literal in literals:
            without = tuple(other for other in literals if other != literal)
            if without and self._settle(fact, without).state is State.IMPOSSIBLE:
                literals = without
        return literals

    def _example(self, told: _Told) -> Example | None:
        facts: dict[str, object] = {}
        moments: dict[str, list[Literal]] = {}
        for fact, literals in told.items():
            spec = self.vocabulary.facts.get(fact)
            if spec is None or spec.type is ValueType.DATETIME:
                moments[fact] = list(literals)
                continue
            settled = self._settle(fact, literals)
            if settled.state is not State.FITS:
                self.left_open[fact] = None
                return None
            facts[fact] = settled.value
        chosen = choose_moments(moments, self.now)
        if chosen is None:
            self.left_open |= dict.fromkeys(moments)
            return None
        return Example(facts | chosen[1], chosen[0])


_settled = lru_cache(maxsize=50_000)(settle)
_settled_moments = lru_cache(maxsize=10_000)(settle_moments)


def _demands_all(kind: GroupKind, *, truth: bool) -> bool:
    """Whether every child is settled by the wanted truth of the group."""
    return (kind is GroupKind.ALL) is truth if kind is not GroupKind.NONE else truth


def _children(group: Group, *, truth: bool) -> _Choice:
    wanted = truth if group.kind is not GroupKind.NONE else not truth
    return [_unwrapped(child, truth=wanted) for child in group.children]


def _unwrapped(node: Node, *, truth: bool) -> _Wanted:
    """The only child of a group in its place."""
    while isinstance(node, Group) and len(node.children) == 1:
        truth = truth if node.kind is not GroupKind.NONE else not truth
        (node,) = node.children
    return node, truth


def _is_told(choice: _Choice, told: _Told) -> bool:
    """Whether one alternative is known to hold already, so that nothing is left to choose."""
    return any(isinstance(node, Condition) and (node, truth) in told.get(node.fact, ()) for node, truth in choice)
