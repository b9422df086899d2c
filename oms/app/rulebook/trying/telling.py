"""An explanation as JSON types for pages and the API, without anything personal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from oms.app.rulebook.trying.past import SEALED_NAMES
from oms.app.rulebook.trying.versions import Side
from oms.app.rulebook.vocabulary import VOCABULARY
from rules.facts import UNKNOWN
from rules.model import Condition
from rules.phrases import word_condition
from rules.trace import ConditionTrace, NodeTrace, explain
from rules.values import write_value

#: What is shown instead of a value that is personal, and of one that is not known.
HIDDEN: Final = {"sealed": True}
NOT_KNOWN: Final = {"unknown": True}


def tell_rules(side: Side, facts: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Every rule of a side with what became of it, its conditions in words and the values they saw."""
    explanation = explain(side.rules.rule_set, VOCABULARY, dict(facts), now)
    return [
        {
            "rule_id": trace.rule.id,
            "name": trace.rule.name,
            "state": trace.state.value,
            "actions": [{"action": each.name, "params": _params(each.params)} for each in trace.rule.actions],
            "when": tell_tree(trace.when),
        }
        for trace in explanation.rules
    ]


def tell_tree(trace: NodeTrace) -> dict[str, Any]:
    """One traced tree; a leaf has its words in both languages."""
    if isinstance(trace, ConditionTrace):
        return {
            "fact": trace.condition.fact,
            "zh": word_condition(trace.condition, VOCABULARY, "zh"),
            "en": word_condition(trace.condition, VOCABULARY, "en"),
            "seen": seen_of(trace.condition, trace.seen),
            "outcome": trace.outcome.value,
        }
    return {
        "group": trace.kind.value,
        "outcome": trace.outcome.value,
        "children": [tell_tree(child) for child in trace.children],
    }


def tell_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts by name as JSON types."""
    return {name: _shown(name, value) for name, value in sorted(facts.items())}


def seen_of(condition: Condition, seen: object) -> Any:
    """The value that a condition saw, as JSON types."""
    return _shown(condition.fact, seen)


def _shown(name: str, value: object) -> Any:
    if value is UNKNOWN:
        return NOT_KNOWN
    return HIDDEN if name in SEALED_NAMES and value is not None else write_value(value)


def _params(params: tuple[tuple[str, object], ...]) -> dict[str, Any]:
    return {name: write_value(value) for name, value in params}
