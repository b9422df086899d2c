"""Two thousand random rule documents: the valid ones are decided, the broken ones refused, and none hangs."""

from __future__ import annotations

import json
import re
from collections import Counter
from random import Random
from typing import Any

import pytest

from rules.codec import canonical_json, load_rule_set, read_rule_set
from rules.engine import compile_rule_set
from rules.refusals import RuleRefused
from tests.rules.broken import break_one
from tests.rules.generator import Draw
from tests.rules.vocabulary import NOW, VOCABULARY

# Texts on which a pattern that tries everything would take until the end of the world.
_BLANK = re.compile(r"\{[a-z_]+\}")  # a word that was never filled in
_HARD = ("a" * 1000, "ab" * 500, "1-" * 500, "x" * 999 + "y", "发票" * 500)


def test_valid_documents_are_read_and_decided() -> None:
    draw = Draw(11)
    for _ in range(1000):
        rule_set = draw.rule_set(6)
        assert load_rule_set(canonical_json(rule_set), VOCABULARY) == rule_set
        facts = draw.known_facts() | {"order.memo": draw.chance.choice(_HARD)}
        assert compile_rule_set(rule_set, VOCABULARY).decide(facts, NOW).unhealthy == ()


def test_broken_documents_are_refused_where_they_are_broken() -> None:
    draw, chance = Draw(12), Random(12)
    seen: Counter[str] = Counter()
    for _ in range(1000):
        fault = break_one(draw.rule_set(6), chance)
        with pytest.raises(RuleRefused) as caught:
            read_rule_set(fault.document, VOCABULARY)
        refusal = caught.value
        assert refusal.path.startswith(fault.path), fault.path
        assert _resolves(fault.document, refusal.path)
        sentences = (refusal.reason_zh, refusal.reason_en, refusal.remedy_zh, refusal.remedy_en)
        assert all(0 < len(sentence) < 600 and not _BLANK.search(sentence) for sentence in sentences)
        assert str(refusal).isprintable()
        seen[refusal.code] += 1
    assert len(seen) >= 15, seen


def test_text_cut_off_or_changed_anywhere_is_refused_or_means_something() -> None:
    draw = Draw(13)
    for _ in range(300):
        text = canonical_json(draw.rule_set(3)).decode()
        at = draw.chance.randrange(len(text))
        for broken in (text[:at], text[:at] + draw.chance.choice('{}[]",:0-\\\x00\ufffd') + text[at + 1 :]):
            assert _is_read_or_refused(broken)


def _is_read_or_refused(text: str) -> bool:
    try:
        rule_set = load_rule_set(text, VOCABULARY)
    except RuleRefused as refusal:
        return bool(refusal.reason_zh and refusal.reason_en)
    return compile_rule_set(rule_set, VOCABULARY).decide({}, NOW).unhealthy == ()


def _resolves(document: Any, pointer: str) -> bool:
    """Whether a JSON pointer leads to a place in the document (RFC 6901)."""
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return pointer == "" or pointer.startswith("/")


def test_a_hard_text_is_searched_by_every_accepted_pattern() -> None:
    """The dearest patterns that pass are still searched within the time of a decision."""
    for pattern in ("^.*a.*b$", "a.*b", ".{1,50}x", "[ab]{1,60}c{2}", "^a{0,100}b{0,100}$", "(ab){200}"):
        rule = {"id": "r", "name": "r", "when": {"fact": "order.memo", "op": "matches", "value": pattern}, "actions": []}
        document = {"format": 1, "stage": "review", "rules": [rule | {"stop": True}]}
        compiled = compile_rule_set(load_rule_set(json.dumps(document), VOCABULARY), VOCABULARY)
        for text in _HARD:
            assert compiled.decide({"order.memo": text}, NOW).unhealthy == ()
