"""The page about rules lists the vocabulary as it is, and the vocabulary speaks both languages."""

from __future__ import annotations

import re

import pytest

from oms.app.rulebook.facts.binding import EVERYWHERE, MATCHED, PLANNED
from oms.app.rulebook.vocabulary import FACTS, VOCABULARY
from oms.app.rulebook.vocabulary_page import PAGE, page
from oms.db.rulebook import STAGES
from rules.model import Condition, ValueType
from rules.operators import operators_for
from rules.phrases import Language
from rules.reading import read_sentence
from rules.wording import word_tree

HAN = re.compile(r"[\u4e00-\u9fff]")
OF_CASES = frozenset({"aftersales"})


def test_the_page_lists_the_vocabulary_as_it_is() -> None:
    before = PAGE.read_text("utf-8")
    assert page(before) == before, "run: python -m oms.app.rulebook.vocabulary_page"


def test_there_are_enough_facts_and_most_are_asked_by_sql() -> None:
    stored = [name for name, spec in VOCABULARY.facts.items() if spec.sql is not None]
    assert len(FACTS) == len(VOCABULARY.facts) >= 60
    assert len(stored) >= 0.8 * len(FACTS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_label_is_there_and_alone(language: str) -> None:
    labels = [getattr(spec, f"label_{language}") for spec in VOCABULARY.facts.values()]
    assert len({label.casefold() for label in labels}) == len(labels)
    assert [label for label in labels if bool(HAN.search(label)) != (language == "zh")] == []
    for spec in VOCABULARY.facts.values():
        chosen = [getattr(choice, f"label_{language}").casefold() for choice in spec.choices]
        assert len(set(chosen)) == len(chosen), spec.name


def test_facts_of_the_plan_are_known_only_once_it_is_made() -> None:
    assert frozenset(STAGES) == EVERYWHERE
    planned = {name for name, spec in VOCABULARY.facts.items() if spec.stages == PLANNED}
    assert planned >= {name for name in VOCABULARY.facts if name.startswith("plan.")} | {"order.parcels"}
    assert {spec.stages for spec in VOCABULARY.facts.values()} == {EVERYWHERE, MATCHED, PLANNED, OF_CASES}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("fact", VOCABULARY.facts)
def test_a_sentence_about_each_fact_reads_back(fact: str, language: Language) -> None:
    spec = VOCABULARY.facts[fact]
    value = {
        ValueType.BOOL: True,
        ValueType.SET: tuple(sorted(choice.code for choice in spec.choices[:2])) or ("a",),
        ValueType.CODE: spec.choices[0].code if spec.choices else "a",
    }.get(spec.type)
    condition = Condition(fact, "is_not_empty") if value is None else Condition(fact, _operator(spec.type), value)
    assert condition.op in operators_for(spec.type)
    stage = "aftersales" if spec.stages == OF_CASES else "review"
    assert read_sentence(word_tree(condition, VOCABULARY, language), VOCABULARY, stage, language) == condition


def _operator(kind: ValueType) -> str:
    return "contains_any" if kind is ValueType.SET else "eq"
