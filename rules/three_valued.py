"""Judges trees of which some facts are unknown or spoilt, as trace does but without keeping what it saw."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from rules.facts import UNKNOWN, FactUnknown
from rules.model import Condition, Group, GroupKind, Node, Vocabulary
from rules.operators import Facts, test_for
from rules.trace import Outcome, negated

CarefulTest: TypeAlias = Callable[[Facts, datetime], Outcome]


def careful_test(node: Node, vocabulary: Vocabulary) -> CarefulTest:
    """The closure that says true, false, unknown or error of a tree; a child that settles a group outweighs the rest."""
    if isinstance(node, Condition):
        return _condition(node, vocabulary)
    return _group(node, tuple(careful_test(child, vocabulary) for child in node.children))


def _condition(condition: Condition, vocabulary: Vocabulary) -> CarefulTest:
    fact = condition.fact
    test = test_for(fact, vocabulary.facts[fact].type, condition.op, condition.value)

    def judge(facts: Facts, now: datetime) -> Outcome:
        try:
            if facts[fact] is UNKNOWN:
                return Outcome.UNKNOWN
            return Outcome.TRUE if test(facts, now) else Outcome.FALSE
        except FactUnknown:
            return Outcome.UNKNOWN
        except Exception:  # noqa: BLE001  whatever a rule does wrong, the document must go on
            return Outcome.ERROR

    return judge


def _group(group: Group, judges: tuple[CarefulTest, ...]) -> CarefulTest:
    settles = Outcome.FALSE if group.kind is GroupKind.ALL else Outcome.TRUE
    is_none = group.kind is GroupKind.NONE
    settled = negated(settles) if is_none else settles
    neutral = settles if is_none else negated(settles)

    def judge(facts: Facts, now: datetime) -> Outcome:
        open_outcome: Outcome | None = None
        for child in judges:
            outcome = child(facts, now)
            if outcome is settles:
                return settled
            if outcome is Outcome.ERROR or (outcome is Outcome.UNKNOWN and open_outcome is None):
                open_outcome = outcome
        return open_outcome or neutral

    return judge
