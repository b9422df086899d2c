"""A stored decision judged again: from the facts it kept and the rules of its version, and compared with what is stored.

What became of each rule is told here; how an order's whole way is put together lives in explaining, words in telling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook.readings import Reading
from oms.app.rulebook.sight import Sight
from oms.app.rulebook.verdicts import Asked, check_verdict
from oms.app.rulebook.vocabulary import VOCABULARY
from rules.engine import ENGINE_VERSION, input_hash
from rules.facts import UNKNOWN
from rules.model import Group, GroupKind, Node, Rule, RuleSet, conditions_of
from rules.trace import (
    ConditionTrace,
    Explanation,
    NodeTrace,
    Outcome,
    RuleState,
    RuleTrace,
    explain,
    first_error,
    trace_node,
)

ALWAYS: Final = Group(GroupKind.ALL, ())
NEVER: Final = Group(GroupKind.ANY, ())
UNREADABLE: Final = "unreadable"


class Compared(StrEnum):
    """How a verdict that is worked out again stands to the stored one."""

    SAME = "same"  # 一致
    DIFFERS = "differs"  # 不一致
    ENGINE_CHANGED = "engine_changed"  # 引擎已更新


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is stored otherwise than it is worked out now: `what` is matched, verdict or facts."""

    what: str
    stored: str
    now: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome, what differs, and the rules that could not be judged again, which count as they are stored."""

    outcome: Compared
    differences: tuple[Difference, ...]
    not_judged: tuple[str, ...]
    engine_then: str
    engine_now: str


@dataclass(frozen=True, slots=True)
class RuleRetold:
    """What became of a rule; `state` is a RuleState or `unreadable`.

    `trace` is None of an unreadable rule, whose `error` says why. `is_as_stored` rules could not be judged again: their
    state is the stored one. `kept_back` says why the actions of a rule that matched were not done.
    """

    id: str
    name: str
    state: str
    rule: Rule | None
    trace: NodeTrace | None
    misses: int = 0
    error: str = ""
    kept_back: str = ""
    is_as_stored: bool = False

    @property
    def acts(self) -> bool:
        """Whether its actions were asked for."""
        return self.state == RuleState.MATCHED and not self.kept_back


@dataclass(frozen=True, slots=True)
class Retold:
    """A decision judged again: its rules in the order of evaluation, and the comparison."""

    rules: tuple[RuleRetold, ...]
    comparison: Comparison


def retell(
    decision: AnyRow, reading: Reading, sight: Sight, kept_back: Mapping[str, str], passed: frozenset[str]
) -> Retold:
    """Judge a decision again by the rules of its version and the facts as far as they can still be told.

    `kept_back` are the rules that were paused or past their limit then, with the reason; `passed` are the tiers that
    people had passed before.
    """
    rules, broken = reading.rules, reading.broken
    facts: dict[str, Any] = {name: UNKNOWN for rule in rules for name in _facts_of(rule.when)} | dict(sight.facts)
    gone = sight.gone | (facts.keys() - sight.facts.keys())
    trusted = {rule.id for rule in rules if rule.enabled and _hangs_on(rule.when, gone, facts, decision)}
    judged = [_as_stored(rule, decision.matched) if rule.id in trusted else rule for rule in rules]
    judged += _stand_ins(reading, decision.matched)
    explained = explain(RuleSet(decision.stage, tuple(judged)), VOCABULARY, facts, decision.at)
    originals = {rule.id: rule for rule in rules}
    unreadable = {rule_id for rule_id, _ in broken}
    told = [
        _retold(trace, originals[trace.rule.id], facts, decision, trace.rule.id in trusted, kept_back)
        for trace in explained.rules
        if trace.rule.id not in unreadable
    ]
    told += [RuleRetold(id_, _name_of(reading, id_), UNREADABLE, None, None, error=why) for id_, why in broken]
    return Retold(tuple(told), _compare(decision, told, explained, sight, unreadable | trusted, passed))


def misses_of(trace: NodeTrace, wanted: bool = True) -> int:
    """How many conditions would have to come out otherwise, at least, for a tree to be true (or false)."""
    if isinstance(trace, ConditionTrace):
        return int(trace.outcome is not (Outcome.TRUE if wanted else Outcome.FALSE))
    if trace.kind is GroupKind.NONE:
        return misses_of(replace(trace, kind=GroupKind.ANY), not wanted)
    each = [misses_of(child, wanted) for child in trace.children]
    is_every_needed = (trace.kind is GroupKind.ALL) is wanted
    return sum(each) if is_every_needed else min(each, default=1)


def _facts_of(node: Node) -> Iterator[str]:
    return (condition.fact for condition in conditions_of(node))


def _hangs_on(node: Node, gone: frozenset[str], facts: Mapping[str, Any], decision: AnyRow) -> bool:
    """Whether a tree cannot be judged, since facts that it asks for are not to be had any more."""
    if gone.isdisjoint(_facts_of(node)):
        return False
    return trace_node(node, VOCABULARY, dict(facts), decision.at).outcome is Outcome.UNKNOWN


def _as_stored(rule: Rule, matched: Sequence[str]) -> Rule:
    """The rule with a tree that comes out as it is stored, so that later rules are judged as they were then."""
    return replace(rule, when=ALWAYS if rule.id in matched else NEVER)


def _stand_ins(reading: Reading, matched: Sequence[str]) -> list[Rule]:
    """For rules that cannot be read and that stopped the evaluation then: something that stops it again."""
    found = []
    for rule_id, document in reading.documents.items():
        priority = document.get("priority", 100)
        if rule_id in matched and document.get("stop") is True and isinstance(priority, int):
            found.append(Rule(rule_id, rule_id, ALWAYS, stop=True, priority=priority))
    return found


def _name_of(reading: Reading, rule_id: str) -> str:
    return str(reading.documents.get(rule_id, {}).get("name", ""))


def _retold(
    trace: RuleTrace,
    rule: Rule,
    facts: Mapping[str, Any],
    decision: AnyRow,
    is_as_stored: bool,
    kept_back: Mapping[str, str],
) -> RuleRetold:
    when = trace_node(rule.when, VOCABULARY, dict(facts), decision.at) if is_as_stored else trace.when
    matched = trace.state is RuleState.MATCHED
    return RuleRetold(
        rule.id, rule.name, trace.state.value, rule, when,
        misses=0 if matched else misses_of(when), error=first_error(when),
        kept_back=kept_back.get(rule.id, "") if matched else "", is_as_stored=is_as_stored,
    )  # fmt: skip


def _compare(
    decision: AnyRow,
    told: Sequence[RuleRetold],
    explained: Explanation,
    sight: Sight,
    not_judged: set[str],
    passed: frozenset[str],
) -> Comparison:
    differences = [*_other_facts(decision, sight), *_other_matches(decision, explained, not_judged)]
    differences += check_verdict(decision.stage, decision.verdict, _asked(told, passed))
    engine = str(ENGINE_VERSION)
    outcome = Compared.DIFFERS if differences else Compared.SAME
    if decision.engine != engine:
        outcome = Compared.ENGINE_CHANGED
    order = tuple(rule.id for rule in told if rule.id in not_judged)
    return Comparison(outcome, tuple(Difference(*each) for each in differences), order, decision.engine, engine)


def _other_facts(decision: AnyRow, sight: Sight) -> Iterator[tuple[str, str, str]]:
    """Facts that are not those whose hash was written down; those of a type nobody knows any more cannot be hashed."""
    if decision.input_hash is None or sight.unknown_names:
        return
    now = input_hash(sight.kept)
    if now != decision.input_hash.hex():
        yield "facts", decision.input_hash.hex(), now


def _other_matches(decision: AnyRow, explained: Explanation, not_judged: set[str]) -> Iterator[tuple[str, str, str]]:
    stored = [rule_id for rule_id in decision.matched if rule_id not in not_judged]
    now = [rule_id for rule_id in explained.ids(RuleState.MATCHED) if rule_id not in not_judged]
    if stored != now:
        yield "matched", ", ".join(stored), ", ".join(now)


def _asked(told: Sequence[RuleRetold], passed: frozenset[str]) -> Asked:
    """What the rules ask for, by what can still be told of them."""
    matched = [rule for rule in told if rule.state == RuleState.MATCHED and rule.rule]
    actions = tuple(action for rule in matched if rule.acts and rule.rule for action in rule.rule.actions)
    kept_back = tuple(action for rule in matched if rule.kept_back and rule.rule for action in rule.rule.actions)
    failed = {RuleState.UNKNOWN.value, RuleState.UNHEALTHY.value}
    is_unsure = any(rule.state in failed or rule.kept_back for rule in told)
    may_be_unsure = is_unsure or any(rule.is_as_stored or rule.state == UNREADABLE for rule in told)
    lacks_actions = any(rule.state == UNREADABLE for rule in told)
    return Asked(actions, kept_back, is_unsure, may_be_unsure, lacks_actions, passed)
