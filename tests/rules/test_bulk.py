"""Thousands of generated rules: closures against the plain reading, sentences back to trees. More with --full."""

from __future__ import annotations

import pytest

from rules.engine import compile_rule_set
from rules.facts import UNKNOWN, Facts
from rules.model import Action, Condition, Rule, RuleSet, simplify
from rules.reading import read_sentence
from rules.trace import RuleState, explain
from rules.wording import word_tree
from tests.rules.generator import Draw
from tests.rules.reference import holds, judge, judged_rules, matched_rules
from tests.rules.vocabulary import NOW, VOCABULARY


def amounts(default: int, full: int) -> pytest.MarkDecorator:
    """So many by default, and so many in the longer proof."""
    return pytest.mark.parametrize("amount", [default, pytest.param(full, marks=pytest.mark.full)])


@amounts(500, 10_000)
def test_sentences_read_back_to_the_same_tree(amount: int) -> None:
    draw = Draw(1)
    for at in range(amount):
        tree = draw.tree()
        for language in ("zh", "en"):
            sentence = word_tree(tree, VOCABULARY, language)
            assert read_sentence(sentence, VOCABULARY, "review", language) == simplify(tree), (at, sentence)


@amounts(2_000, 100_000)
def test_closures_agree_with_the_plain_reading(amount: int) -> None:
    """A pair is one rule set of up to thirty rules and the facts of one document."""
    draw = Draw(2)
    pairs = 0
    while pairs < amount:
        rule_set = draw.rule_set()
        compiled = compile_rule_set(rule_set, VOCABULARY)
        for _ in range(25):
            facts = draw.known_facts()
            expected = tuple(rule.id for rule in matched_rules(rule_set, VOCABULARY, facts, NOW))
            assert compiled.decide(facts, NOW).matched == expected
            pairs += 1


@amounts(500, 8_000)
def test_unknown_facts_are_judged_as_the_plain_reading_does(amount: int) -> None:
    draw = Draw(5)
    for _ in range(amount):
        rule_set = draw.rule_set(12)
        facts = {name: UNKNOWN if draw.chance.random() < 0.2 else seen for name, seen in draw.known_facts().items()}
        verdict = compile_rule_set(rule_set, VOCABULARY).decide(facts, NOW)
        assert ([*verdict.matched], [*verdict.unknown]) == judged_rules(rule_set, VOCABULARY, facts, NOW)
        guess = {name: facts[name] if facts[name] is not UNKNOWN else seen for name, seen in draw.known_facts().items()}
        for rule in rule_set.rules:
            truth = judge(rule.when, VOCABULARY, facts, NOW)
            assert truth in (None, holds(rule.when, VOCABULARY, guess, NOW)), "what is told holds whatever the fact is"


@amounts(300, 5_000)
def test_the_trace_agrees_where_facts_are_unknown_or_spoilt(amount: int) -> None:
    draw = Draw(3)
    for _ in range(amount):
        rule_set, facts = draw.rule_set(), draw.rough_facts()
        verdict = compile_rule_set(rule_set, VOCABULARY).decide(facts, NOW)
        explanation = explain(rule_set, VOCABULARY, facts, NOW)
        assert explanation.ids(RuleState.MATCHED) == verdict.matched
        assert explanation.ids(RuleState.UNHEALTHY) == tuple(rule_id for rule_id, _ in verdict.unhealthy)
        assert explanation.ids(RuleState.UNKNOWN) == verdict.unknown


def test_narrowing_rules_down_changes_no_verdict() -> None:
    """Lazily computed facts are decided without the tables of values, rule by rule."""
    draw = Draw(4)
    for _ in range(150):
        rule_set: RuleSet = draw.rule_set()
        compiled = compile_rule_set(rule_set, VOCABULARY)
        for facts in (draw.known_facts(), draw.rough_facts()):
            assert compiled.decide(facts, NOW) == compiled.decide(Facts(None, facts.get), NOW)


def test_long_lists_are_compiled_without_a_table_and_decided_alike() -> None:
    """A table of every value of every list would take gigabytes."""
    lists = [tuple(sorted(f"p{rule}-{at}" for at in range(1000))) for rule in range(40)]
    rules = tuple(
        Rule(f"r{at}", "x", Condition("order.memo", "in", codes), (Action("pass"),)) for at, codes in enumerate(lists)
    )
    compiled = compile_rule_set(RuleSet("review", rules), VOCABULARY)
    assert compiled.decide({"order.memo": "p7-500"}, NOW).matched == ("r7",)
    assert compiled.decide({"order.memo": None}, NOW).matched == ()
