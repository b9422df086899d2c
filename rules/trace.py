"""Explains a decision: every rule, matched or not, every condition with the value seen and its outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from rules.facts import FactSource, FactUnknown, bind_facts
from rules.model import (
    Condition,
    GroupKind,
    Node,
    Rule,
    RuleSet,
    Vocabulary,
    conditions_of,
    rules_in_order,
)
from rules.operators import Facts, span_test, test_for
from rules.values import write_value


class Outcome(StrEnum):
    """What became of a condition, a group or a whole tree."""

    TRUE = "true"  # 成立
    FALSE = "false"  # 不成立
    UNKNOWN = "unknown"  # 当时未知
    ERROR = "error"  # 出错


class RuleState(StrEnum):
    """What became of a rule."""

    MATCHED = "matched"  # 命中
    NOT_MATCHED = "not_matched"  # 未命中
    UNHEALTHY = "unhealthy"  # 出错跳过
    UNKNOWN = "unknown"  # 无法判断
    INACTIVE = "inactive"  # 不在生效时段
    DISABLED = "disabled"  # 已停用
    AFTER_STOP = "after_stop"  # 前面的规则已停止


@dataclass(frozen=True, slots=True)
class ConditionTrace:
    """One condition with the value seen (None when missing or not to be had)."""

    condition: Condition
    seen: object
    outcome: Outcome
    error: str = ""


@dataclass(frozen=True, slots=True)
class GroupTrace:
    """A group with all its children, also those that the decision did not need."""

    kind: GroupKind
    outcome: Outcome
    children: tuple[NodeTrace, ...]


NodeTrace: TypeAlias = ConditionTrace | GroupTrace


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """A rule with what became of it; the tree is judged even where the rule took no part."""

    rule: Rule
    state: RuleState
    when: NodeTrace


@dataclass(frozen=True, slots=True)
class Explanation:
    """All rules of a set in the order of evaluation, disabled ones last."""

    rules: tuple[RuleTrace, ...]

    def ids(self, state: RuleState) -> tuple[str, ...]:
        """Ids of the rules in a state, in order; for `matched` the same as the verdict's."""
        return tuple(trace.rule.id for trace in self.rules if trace.state is state)


def explain(rule_set: RuleSet, vocabulary: Vocabulary, facts: FactSource, now: datetime) -> Explanation:
    """Why a rule set decides as it does about these facts; agrees with `CompiledRuleSet.decide`."""
    needed = {condition.fact for rule in rule_set.rules for condition in conditions_of(rule.when)}
    known = bind_facts(facts, frozenset(needed))
    traces: list[RuleTrace] = []
    stopped = False
    for rule in rules_in_order(rule_set):
        when = trace_node(rule.when, vocabulary, known, now)
        state = RuleState.AFTER_STOP if stopped else _state(rule, when.outcome, now)
        stopped = stopped or (rule.stop and state is RuleState.MATCHED)
        traces.append(RuleTrace(rule, state, when))
    traces.extend(
        RuleTrace(rule, RuleState.DISABLED, trace_node(rule.when, vocabulary, known, now))
        for rule in rule_set.rules
        if not rule.enabled
    )
    return Explanation(tuple(traces))


def trace_node(node: Node, vocabulary: Vocabulary, facts: Facts, now: datetime) -> NodeTrace:
    """Judge every condition of a tree; `facts` has all the facts the tree asks for."""
    if isinstance(node, Condition):
        return _trace_condition(node, vocabulary, facts, now)
    children = tuple(trace_node(child, vocabulary, facts, now) for child in node.children)
    return GroupTrace(node.kind, _join(node.kind, [child.outcome for child in children]), children)


def takes_part(rule: Rule, now: datetime) -> bool:
    """Whether a rule takes part at a moment by its active and excluded spans."""
    return active_test(rule)(now)


def active_test(rule: Rule) -> Callable[[datetime], bool]:
    """The closure behind `takes_part`."""
    active = [span_test(span) for span in rule.active]
    excluded = [span_test(span) for span in rule.excluded]

    def test(now: datetime) -> bool:
        if active and not any(inside(now) for inside in active):
            return False
        return not any(inside(now) for inside in excluded)

    return test


def describe_error(error: Exception) -> str:
    """The type of an error, never its text: that may quote a name or a street."""
    return type(error).__name__


def first_error(trace: NodeTrace) -> str:
    """The first error of a tree, by type; empty when there is none."""
    if isinstance(trace, ConditionTrace):
        return trace.error
    return next(filter(None, map(first_error, trace.children)), "")


def write_explanation(explanation: Explanation) -> list[dict[str, object]]:
    """The explanation as JSON types, for a page or an API answer."""
    return [
        {"rule": trace.rule.id, "name": trace.rule.name, "state": trace.state.value, "when": write_trace(trace.when)}
        for trace in explanation.rules
    ]


def write_trace(trace: NodeTrace) -> dict[str, object]:
    """One traced tree as JSON types."""
    if isinstance(trace, GroupTrace):
        return {
            "group": trace.kind.value,
            "outcome": trace.outcome.value,
            "children": [write_trace(child) for child in trace.children],
        }
    written: dict[str, object] = {"fact": trace.condition.fact, "op": trace.condition.op}
    if trace.condition.value is not None:
        written["value"] = write_value(trace.condition.value)
    written |= {"seen": write_value(trace.seen), "outcome": trace.outcome.value}
    return written | ({"error": trace.error} if trace.error else {})


def _trace_condition(condition: Condition, vocabulary: Vocabulary, facts: Facts, now: datetime) -> ConditionTrace:
    seen: Any = None
    try:
        seen = facts[condition.fact]
        kind = vocabulary.facts[condition.fact].type
        holds = test_for(condition.fact, kind, condition.op, condition.value)(facts, now)
    except FactUnknown:
        return ConditionTrace(condition, None, Outcome.UNKNOWN)
    except Exception as error:  # noqa: BLE001  an explanation shows what a decision skipped
        return ConditionTrace(condition, seen, Outcome.ERROR, describe_error(error))
    return ConditionTrace(condition, seen, Outcome.TRUE if holds else Outcome.FALSE)


def _join(kind: GroupKind, outcomes: list[Outcome]) -> Outcome:
    """A child that settles the group does so wherever it stands; else an error, then an unknown child, has the word."""
    settles = Outcome.FALSE if kind is GroupKind.ALL else Outcome.TRUE
    for outcome in (settles, Outcome.ERROR, Outcome.UNKNOWN):
        if outcome in outcomes:
            break
    else:
        outcome = negated(settles)
    return negated(outcome) if kind is GroupKind.NONE else outcome


def negated(outcome: Outcome) -> Outcome:
    """True for false and the reverse; unknown and error stay."""
    return {Outcome.TRUE: Outcome.FALSE, Outcome.FALSE: Outcome.TRUE}.get(outcome, outcome)


def _state(rule: Rule, outcome: Outcome, now: datetime) -> RuleState:
    if not takes_part(rule, now):
        return RuleState.INACTIVE
    return {
        Outcome.TRUE: RuleState.MATCHED,
        Outcome.FALSE: RuleState.NOT_MATCHED,
        Outcome.UNKNOWN: RuleState.UNKNOWN,
        Outcome.ERROR: RuleState.UNHEALTHY,
    }[outcome]
