"""How both sides of a trial are explained: every rule with its conditions and the values they saw, nothing personal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from oms.app.rulebook.retelling import RuleRetold, misses_of
from oms.app.rulebook.rules_told import RuleTold
from oms.app.rulebook.rules_told import tell_rules as tell
from oms.app.rulebook.sight import HIDDEN, NOT_KEPT, NOT_KNOWN, Sight
from oms.app.rulebook.telling import Manner
from oms.app.rulebook.trying.versions import Side
from oms.app.rulebook.vocabulary import SEALED_FACTS, VOCABULARY
from rules.facts import UNKNOWN
from rules.trace import RuleState, RuleTrace, explain, first_error
from rules.values import write_value

#: What is told instead of a value that is not known.
UNKNOWN_VALUE: Final = {"unknown": True}
SEALED_VALUE: Final = {"sealed": True}


def tell_rules(
    side: Side, facts: Mapping[str, Any], now: datetime, manner: Manner, lacks: Collection[str] = ()
) -> tuple[RuleTold, ...]:
    """Every rule of a side, those that matched first; `lacks` are facts that nobody can tell any more."""
    explanation = explain(side.rules.rule_set, VOCABULARY, dict(facts), now)
    sight = Sight(facts, facts, _marks(facts, lacks))
    return tell([_judged(trace) for trace in explanation.rules], sight, manner, with_conditions=True)


def tell_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts by name as JSON types."""
    return {name: _shown(name, value) for name, value in sorted(facts.items())}


def manner_of(currency: str, zone: str) -> Manner:
    """How values of an order are told."""
    return Manner(currency, ZoneInfo(zone))


def _marks(facts: Mapping[str, Any], lacks: Collection[str]) -> dict[str, str]:
    marks = {name: HIDDEN for name, value in facts.items() if name in SEALED_FACTS and value is not None}
    marks |= {name: NOT_KNOWN for name, value in facts.items() if value is UNKNOWN}
    return marks | dict.fromkeys(lacks, NOT_KEPT)


def _judged(trace: RuleTrace) -> RuleRetold:
    misses = 0 if trace.state is RuleState.MATCHED else misses_of(trace.when)
    rule = trace.rule
    return RuleRetold(rule.id, rule.name, trace.state.value, rule, trace.when, misses, first_error(trace.when))


def _shown(name: str, value: object) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_VALUE
    return SEALED_VALUE if name in SEALED_FACTS and value is not None else write_value(value)
