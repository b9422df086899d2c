"""The plainest possible reading of a rule set, written apart from the engine, to hold the engine against."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rules.facts import UNKNOWN
from rules.model import Condition, Group, GroupKind, Node, Period, Rule, RuleSet, Span, ValueType, Vocabulary, Window


def matched_rules(rule_set: RuleSet, vocabulary: Vocabulary, facts: dict[str, Any], now: datetime) -> list[Rule]:
    """The rules that match, in order, as long as no fact is unknown or spoilt."""
    matched = []
    order = sorted(range(len(rule_set.rules)), key=lambda at: (rule_set.rules[at].priority, at))
    for rule in (rule_set.rules[at] for at in order):
        if rule.enabled and takes_part(rule, now) and holds(rule.when, vocabulary, facts, now):
            matched.append(rule)
            if rule.stop:
                break
    return matched


def judged_rules(
    rule_set: RuleSet, vocabulary: Vocabulary, facts: dict[str, Any], now: datetime
) -> tuple[list[str], list[str]]:
    """Ids of the rules that match and of those that cannot be judged, where some facts are UNKNOWN."""
    matched: list[str] = []
    unknown: list[str] = []
    order = sorted(range(len(rule_set.rules)), key=lambda at: (rule_set.rules[at].priority, at))
    for rule in (rule_set.rules[at] for at in order):
        if rule.enabled and takes_part(rule, now):
            truth = judge(rule.when, vocabulary, facts, now)
            if truth is not False:
                (unknown if truth is None else matched).append(rule.id)
            if truth and rule.stop:
                break
    return matched, unknown


def judge(node: Node, vocabulary: Vocabulary, facts: dict[str, Any], now: datetime) -> bool | None:
    """Whether a tree is true; None where that hangs on a fact that is UNKNOWN."""
    if isinstance(node, Group):
        truths = [judge(child, vocabulary, facts, now) for child in node.children]
        if node.kind is GroupKind.ALL:
            return False if False in truths else None if None in truths else True
        is_any = True if True in truths else None if None in truths else False
        return is_any if node.kind is GroupKind.ANY or is_any is None else not is_any
    if facts.get(node.fact) is UNKNOWN:
        return None
    return compares(node, vocabulary.facts[node.fact].type, facts.get(node.fact), now)


def takes_part(rule: Rule, now: datetime) -> bool:
    """Active at this moment and not excluded."""
    inside = not rule.active or any(falls_into(now, span) for span in rule.active)
    return inside and not any(falls_into(now, span) for span in rule.excluded)


def falls_into(moment: datetime, span: Span) -> bool:
    """Minute by minute: a window is the set of its minutes after the midnight on which it starts."""
    if isinstance(span, Period):
        return (span.from_at or moment) <= moment and (span.until_at is None or moment < span.until_at)
    local = moment.astimezone(ZoneInfo(span.time_zone)).replace(tzinfo=None)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return any(_window_from(first, local, span) for first in (midnight, midnight - timedelta(days=1)))


def _window_from(first: datetime, local: datetime, window: Window) -> bool:
    end = window.end if window.end > window.start else window.end + 1440
    return first.isoweekday() in window.weekdays and first + timedelta(minutes=window.start) <= local < first + timedelta(
        minutes=end
    )


def holds(node: Node, vocabulary: Vocabulary, facts: dict[str, Any], now: datetime) -> bool:
    """Whether a tree is true."""
    if isinstance(node, Group):
        results = [holds(child, vocabulary, facts, now) for child in node.children]
        return {GroupKind.ALL: all(results), GroupKind.ANY: any(results), GroupKind.NONE: not any(results)}[node.kind]
    return compares(node, vocabulary.facts[node.fact].type, facts.get(node.fact), now)


def compares(condition: Condition, kind: ValueType, seen: Any, now: datetime) -> bool:
    """Whether one condition is true of the value seen."""
    value: Any = condition.value
    if condition.op == "is_empty":
        return seen is None or seen in ("", frozenset())
    if condition.op == "is_not_empty":
        return not (seen is None or seen in ("", frozenset()))
    if seen is None:
        return False
    match condition.op:
        case "eq" | "ne":
            return bool(seen == value) is (condition.op == "eq")
        case "in" | "not_in":
            return any(seen == item for item in value) is (condition.op == "in")
        case "between":
            return bool(value[0] <= seen <= value[1])
        case "lt" | "ge":
            return bool(seen < value) is (condition.op == "lt")
        case "gt" | "le":
            return bool(seen > value) is (condition.op == "gt")
        case "contains_any":
            return any(item in seen for item in value)
        case "contains_all":
            return all(item in seen for item in value)
        case "contains_none":
            return not any(item in seen for item in value)
        case "starts_with":
            return str(seen)[: len(value)] == value
        case "matches":
            return re.search(value, seen, re.DOTALL) is not None
        case "within_window":
            return falls_into(seen, value)
        case "older_than":
            return now - seen > timedelta(seconds=value)
    raise AssertionError(condition.op)
