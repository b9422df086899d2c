"""A vocabulary that contradicts itself is refused when it is made."""

from __future__ import annotations

from typing import Any

import pytest

from rules.model import ActionSpec, Choice, FactSpec, ParamSpec, ValueType, Vocabulary, VocabularyError
from rules.operators import OPERATORS, operators_for

STAGES = frozenset({"review"})


def a_fact(**more: Any) -> FactSpec:
    return FactSpec(
        **(
            {
                "name": "order.x",
                "type": ValueType.CODE,
                "label_zh": "某",
                "label_en": "some",
                "stages": STAGES,
                "sql": "x",
            }
            | more
        )
    )


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (a_fact(name="Order X"), "lower case"),
        (a_fact(stages=frozenset()), "stages"),
        (a_fact(sql=None), "either sql or the reason"),
        (a_fact(python_only_reason="sealed"), "either sql or the reason"),
        (a_fact(type=ValueType.MONEY), "currency"),
        (a_fact(label_zh="甲或者乙"), "或者"),
        (a_fact(label_zh=""), "choose other words"),
        (a_fact(label_en="name and phone"), "and"),
        (a_fact(unit="（件）"), "unit"),
        (a_fact(type=ValueType.TEXT, choices=(Choice("a", "甲", "A"),)), "only codes and sets"),
        (a_fact(choices=(Choice("a", "甲", "A"), Choice("b", "甲", "B"))), "used twice"),
    ],
)
def test_a_contradiction_is_named(fact: FactSpec, words: str) -> None:
    with pytest.raises(VocabularyError, match=words):
        Vocabulary.of((fact,), ())


def test_names_and_labels_are_unique() -> None:
    with pytest.raises(VocabularyError, match=r"fact used twice: order\.x"):
        Vocabulary.of((a_fact(), a_fact(label_zh="别", label_en="other")), ())
    with pytest.raises(VocabularyError, match="label of a fact used twice: 某"):
        Vocabulary.of((a_fact(), a_fact(name="order.y", label_en="other")), ())
    params = (ParamSpec("a", ValueType.TEXT, "甲", "A"), ParamSpec("a", ValueType.TEXT, "乙", "B"))
    with pytest.raises(VocabularyError, match="parameter of action hold used twice"):
        Vocabulary.of((), (ActionSpec("hold", "挂起", "hold", STAGES, params),))


def test_every_type_can_be_asked_for_and_every_operator_applies_somewhere() -> None:
    assert all(len(operators_for(kind)) >= 3 for kind in ValueType)
    assert {name for kind in ValueType for name in operators_for(kind)} == set(OPERATORS)


def test_contradictions_between_actions_are_declared_among_known_ones() -> None:
    ghost = ActionSpec("pass", "放行", "pass", STAGES, contradicts=frozenset({"ghost"}))
    with pytest.raises(VocabularyError, match="there is no action ghost"):
        Vocabulary.of((), (ghost,))
    about = ActionSpec("prefer", "优先", "prefer", STAGES, subject="carrier")
    with pytest.raises(VocabularyError, match="its subject carrier is none of its parameters"):
        Vocabulary.of((), (about,))
