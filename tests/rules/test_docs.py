"""The page about rules is true: its example is accepted and its tables name every operator."""

from __future__ import annotations

import re
from pathlib import Path

from rules.codec import load_rule_set
from rules.conflicts import FindingKind
from rules.operators import OPERATORS
from rules.wording import word_tree
from tests.rules.vocabulary import VOCABULARY

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()


def test_the_example_is_accepted_and_reads_as_the_page_says() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (rule,) = load_rule_set(example, VOCABULARY).rules
    assert f"In words: {word_tree(rule.when, VOCABULARY, 'zh')}." in PAGE


def test_every_operator_is_on_the_page() -> None:
    assert [name for name in OPERATORS if f"`{name}`" not in PAGE] == []


def test_every_kind_of_finding_is_on_the_page() -> None:
    assert [kind for kind in FindingKind if f"| `{kind}` |" not in PAGE] == []
