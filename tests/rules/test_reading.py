"""Sentences that people wrote or changed: what is read, and what is refused with its place and a remedy."""

from __future__ import annotations

import pytest

from rules.model import Choice, Condition, FactSpec, Group, GroupKind, ValueType, Vocabulary
from rules.reading import SENTENCE_LIMIT, read_sentence
from rules.refusals import RuleRefused
from rules.wording import word_tree
from tests.rules.vocabulary import STAGES, VOCABULARY

COD = Condition("order.payment", "eq", "cod")
OVER = Condition("order.paid", "gt", 30_000)


def _refused(text: str, vocabulary: Vocabulary = VOCABULARY) -> RuleRefused:
    with pytest.raises(RuleRefused) as caught:
        read_sentence(text, vocabulary, "review", "zh")
    return caught.value


def test_a_typed_sentence_becomes_a_tree() -> None:
    tree = Group(GroupKind.ALL, (COD, Group(GroupKind.NONE, (OVER,))))
    assert read_sentence("付款方式是货到付款，而且不是实付金额大于300.00元", VOCABULARY, "review", "zh") == tree


def test_free_text_may_hold_brackets_and_connectives() -> None:
    memo = Condition("order.memo", "contains_any", ("a」或者「b", "，而且（"))
    for language in ("zh", "en"):
        assert read_sentence(word_tree(memo, VOCABULARY, language), VOCABULARY, "review", language) == memo


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("", 1, "begin with the label"),
        ("付款方法是货到付款", 1, "near: 付款方式"),
        ("付款方式是货到付款，而且", 13, "begin with the label"),
        ("付款方式是货到付款，而且实付金额大于三百元", 13, "begin with the label"),
        ("实付金额大于300.001元", 1, "begin with the label"),
        ("付款方式是货到付款，而且实付金额大于300.00元，或者换货单为是", 13, "begin with the label"),
        ("买家留言开头是「a", 8, "the quote is not closed"),
        ("付款方式是货到付款或者（换货单为是", 12, "a closing bracket is missing"),
        ("付款方式是货到付款而且换货单为是", 1, "write: 付款方式是货到付款，而且换货单为是"),
        ("以下都不是：换货单为是", 1, "write: 不是换货单为是"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, at: int, words: str) -> None:
    refusal = _refused(text)
    assert (refusal.code, refusal.path) == ("sentence", "")
    assert f"from character {at}:" in refusal.reason_en
    assert words in refusal.remedy_en
    assert refusal.remedy_zh


def test_a_value_outside_its_limits_is_refused_by_the_codec() -> None:
    assert _refused("付款方式是「cash」").code == "choice"
    assert _refused("买家留言匹配「(a+)+」").code == "pattern"


def test_a_sentence_with_two_readings_is_refused() -> None:
    yes = (Choice("x", "货", "x"),)
    facts = (
        FactSpec("a", ValueType.CODE, "单", "a", STAGES, sql="a", choices=yes),
        FactSpec("b", ValueType.CODE, "单不", "b", STAGES, sql="b", choices=yes),
    )
    assert "can be read in two ways" in _refused("单不是货", Vocabulary.of(facts, ())).remedy_en


def test_length_and_brackets_are_limited() -> None:
    assert _refused("换" * (SENTENCE_LIMIT + 1)).code == "too_large"
    deep = "换货单为是"
    for word in ("或者", "而且") * 200:
        deep = f"换货单为是{word}（{deep}）"
    assert _refused(deep).code == "too_deep"


def test_lists_may_be_written_in_any_order() -> None:
    read = read_sentence("付款方式属于在线支付、货到付款", VOCABULARY, "review", "zh")
    assert read == Condition("order.payment", "in", ("cod", "online"))
