"""The engine against the reference reading, the trace and the laws of logic, on generated rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import compile_rule_set
from rules.facts import Facts
from rules.model import Action, FactSpec, Group, GroupKind, Node, Rule, RuleSet, conditions_of
from rules.sql import where
from rules.trace import Outcome, RuleState, explain, write_explanation
from rules.wording import word_rule, word_tree
from tests.rules.reference import holds, matched_rules
from tests.rules.vocabulary import NOW, VOCABULARY, facts_of, rough_facts, rule_sets, times, trees


def _truth(node: Node, facts: dict[str, Any]) -> bool:
    rule_set = RuleSet("review", (Rule("only", "x", node, (Action("pass"),)),))
    return bool(compile_rule_set(rule_set, VOCABULARY).decide(facts, NOW).matched)


@given(rule_sets, facts_of(), times)
def test_closures_decide_as_the_plain_reading(rule_set: RuleSet, facts: dict[str, Any], now: datetime) -> None:
    verdict = compile_rule_set(rule_set, VOCABULARY).decide(facts, now)
    expected = matched_rules(rule_set, VOCABULARY, facts, now)
    assert verdict.matched == tuple(rule.id for rule in expected)
    assert [(rule_id, name, tuple(sorted(params.items()))) for rule_id, name, params in verdict.actions] == [
        (rule.id, action.name, action.params) for rule in expected for action in rule.actions
    ]
    assert (verdict.unhealthy, verdict.unknown) == ((), ())


@given(rule_sets, rough_facts(), times)
def test_the_trace_agrees_with_the_decision(rule_set: RuleSet, facts: dict[str, Any], now: datetime) -> None:
    verdict = compile_rule_set(rule_set, VOCABULARY).decide(facts, now)
    explanation = explain(rule_set, VOCABULARY, facts, now)
    assert explanation.ids(RuleState.MATCHED) == verdict.matched
    assert explanation.ids(RuleState.UNHEALTHY) == tuple(rule_id for rule_id, _ in verdict.unhealthy)
    assert explanation.ids(RuleState.UNKNOWN) == verdict.unknown
    assert len(explanation.rules) == len(rule_set.rules)


@given(trees(), facts_of())
def test_every_traced_node_has_the_truth_of_its_subtree(tree: Node, facts: dict[str, Any]) -> None:
    rule_set = RuleSet("review", (Rule("only", "x", tree, (Action("pass"),)),))
    trace = explain(rule_set, VOCABULARY, facts, NOW).rules[0].when

    def check(node: Node, traced: Any) -> None:
        assert (traced.outcome is Outcome.TRUE) == holds(node, VOCABULARY, facts, NOW)
        if isinstance(node, Group):
            for child, inner in zip(node.children, traced.children, strict=True):
                check(child, inner)

    check(tree, trace)
    assert write_explanation(explain(rule_set, VOCABULARY, facts, NOW))[0]["rule"] == "only"


@given(rule_sets, facts_of(), times)
def test_how_facts_are_given_does_not_matter(rule_set: RuleSet, facts: dict[str, Any], now: datetime) -> None:
    compiled = compile_rule_set(rule_set, VOCABULARY)
    known = {name: value for name, value in facts.items() if value is not None}
    verdict = compiled.decide(facts, now)
    assert compiled.decide(known, now) == verdict
    assert compiled.decide(facts.get, now) == verdict
    assert compiled.decide(Facts(None, facts.__getitem__), now) == verdict


@given(st.lists(trees(), max_size=3).map(tuple), facts_of())
def test_none_is_the_opposite_of_any(children: tuple[Node, ...], facts: dict[str, Any]) -> None:
    results = [holds(child, VOCABULARY, facts, NOW) for child in children]
    assert holds(Group(GroupKind.NONE, children), VOCABULARY, facts, NOW) is (not any(results))
    if children:
        assert _truth(Group(GroupKind.NONE, children), facts) is not _truth(Group(GroupKind.ANY, children), facts)


@given(st.lists(trees(), min_size=1, max_size=3).map(tuple), facts_of())
def test_de_morgan(children: tuple[Node, ...], facts: dict[str, Any]) -> None:
    opposites = tuple(Group(GroupKind.NONE, (child,)) for child in children)
    assert _truth(Group(GroupKind.ALL, children), facts) is not _truth(Group(GroupKind.ANY, opposites), facts)
    assert _truth(Group(GroupKind.ALL, opposites), facts) is _truth(Group(GroupKind.NONE, children), facts)


@given(rule_sets, st.sampled_from(("zh", "en")))
def test_every_rule_can_be_worded(rule_set: RuleSet, language: Any) -> None:
    for rule in rule_set.rules:
        assert word_tree(rule.when, VOCABULARY, language) in word_rule(rule, VOCABULARY, language)


@given(trees(), st.sampled_from(("pyformat", "colon")))
def test_every_tree_becomes_sql_with_its_placeholders_bound(tree: Node, style: Any) -> None:
    fragment = where(tree, VOCABULARY, NOW, style=style)
    if style == "pyformat":
        assert fragment.text % dict.fromkeys(fragment.params, "?")
    assert all(read.sql for read in _facts_in(tree)) is not fragment.confirm


def _facts_in(tree: Node) -> list[FactSpec]:
    return [VOCABULARY.facts[condition.fact] for condition in conditions_of(tree)]


@pytest.mark.full
@settings(max_examples=4000, deadline=None)
@given(rule_sets, facts_of(), times)
def test_closures_decide_as_the_plain_reading_in_depth(rule_set: RuleSet, facts: dict[str, Any], now: datetime) -> None:
    verdict = compile_rule_set(rule_set, VOCABULARY).decide(facts, now)
    assert verdict.matched == tuple(rule.id for rule in matched_rules(rule_set, VOCABULARY, facts, now))
