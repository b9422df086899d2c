"""Rule sets of every shape: through JSON and back, as sentences in both languages, and decided twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from rules.codec import canonical_json, content_hash, load_rule_set, read_rule_set, write_rule_set
from rules.engine import compile_rule_set
from rules.model import RuleSet
from rules.trace import RuleState, explain
from rules.wording import word_rule, word_tree
from tests.rules.reference import matched_rules
from tests.rules.vocabulary import VOCABULARY, facts_of, rule_sets, times

EXAMPLES = 25


def run(number: int) -> None:
    """Twenty-five rule sets drawn from this seed; a failure is shrunk before it is told."""
    proof = given(rule_sets, facts_of(), times)(check)
    calm = settings(
        max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    seed(number)(calm(proof))()


def check(rule_set: RuleSet, facts: dict[str, Any], now: datetime) -> None:
    """All that must hold of one rule set on one set of facts."""
    again = read_rule_set(write_rule_set(rule_set), VOCABULARY)
    assert again == rule_set
    assert load_rule_set(canonical_json(rule_set), VOCABULARY) == rule_set
    assert content_hash(again) == content_hash(rule_set)
    for rule in rule_set.rules:
        for language in ("zh", "en"):
            sentence = word_rule(rule, VOCABULARY, language)
            assert word_tree(rule.when, VOCABULARY, language) in sentence
            assert sentence == word_rule(again.rules[rule_set.rules.index(rule)], VOCABULARY, language)
    expected = tuple(rule.id for rule in matched_rules(rule_set, VOCABULARY, facts, now))
    assert compile_rule_set(again, VOCABULARY).decide(facts, now).matched == expected
    assert explain(rule_set, VOCABULARY, facts, now).ids(RuleState.MATCHED) == expected
