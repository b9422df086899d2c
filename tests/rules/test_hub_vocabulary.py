"""The engine on the vocabulary of the hub itself: its labels make sentences that read back, its trees become SQL."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.rulebook.vocabulary import VOCABULARY
from rules.codec import read_node, write_node
from rules.conflicts import check_rule_set
from rules.findings import write_finding
from rules.model import Condition, Group, GroupKind, Rule, RuleSet, simplify
from rules.operators import OPERATORS, operators_for
from rules.reading import read_sentence
from rules.sql import where
from rules.wording import word_tree
from tests.rules.generator import Draw
from tests.rules.vocabulary import NOW

_FACTS = tuple(VOCABULARY.facts.values())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_fact_with_every_operator_reads_back(language: Any) -> None:
    draw = Draw(31)
    for spec in _FACTS:
        for op in operators_for(spec.type):
            condition = Condition(spec.name, op, draw.value(spec, OPERATORS[op].shape))
            stage = min(spec.stages)
            sentence = word_tree(condition, VOCABULARY, language)
            assert read_sentence(sentence, VOCABULARY, stage, language) == condition, sentence
            negated = Group(GroupKind.NONE, (condition, condition))
            sentence = word_tree(negated, VOCABULARY, language)
            assert read_sentence(sentence, VOCABULARY, stage, language) == negated, sentence


@pytest.mark.parametrize("amount", [100, pytest.param(3_000, marks=pytest.mark.full)])
def test_trees_of_its_facts_are_read_worded_and_become_sql(amount: int) -> None:
    for at in range(amount):
        stage = sorted(VOCABULARY.stages)[at % len(VOCABULARY.stages)]
        known = tuple(spec for spec in _FACTS if stage in spec.stages)
        tree = Draw(at, known).tree()
        assert read_node(write_node(tree), VOCABULARY, stage) == tree
        for language in ("zh", "en"):
            sentence = word_tree(tree, VOCABULARY, language)
            assert read_sentence(sentence, VOCABULARY, stage, language) == simplify(tree), sentence
        assert where(tree, VOCABULARY, NOW).text


@pytest.mark.parametrize("amount", [30, pytest.param(500, marks=pytest.mark.full)])
def test_rule_sets_of_its_facts_are_checked_and_the_findings_worded(amount: int) -> None:
    stage = "review"
    draw = Draw(41, tuple(spec for spec in _FACTS if stage in spec.stages))
    worded = 0
    for _ in range(amount):
        rules = tuple(Rule(f"r{at}", f"规则{at}", draw.tree(), stop=True) for at in range(8))
        rule_set = RuleSet(stage, rules)
        for finding in check_rule_set(rule_set, VOCABULARY, NOW):
            written = write_finding(finding, rule_set, VOCABULARY)
            assert written["reason_zh"]
            assert written["reason_en"]
            worded += 1
    assert worded
