"""Rule sets from JSON and back, and every refusal with its path."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.codec import (
    CONDITIONS_LIMIT,
    DEPTH_LIMIT,
    canonical_json,
    content_hash,
    load_rule_set,
    read_node,
    read_rule_set,
    write_rule_set,
)
from rules.engine import compile_rule_set
from rules.model import Condition, Group, GroupKind, Rule, RuleSet, ValueType
from rules.refusals import _WORDS_ZH, RuleRefused
from tests.rules.vocabulary import VOCABULARY, rule_sets

COD = {"fact": "order.payment", "op": "eq", "value": "cod"}
RULE = {
    "id": "cod-to-finance",
    "name": "货到付款送财务",
    "when": {"all": [COD]},
    "priority": 10,
    "actions": [{"action": "send_to", "params": {"tier": "finance"}}],
}
DOCUMENT = {"format": 1, "stage": "review", "rules": [RULE]}


def _refused(document: object) -> RuleRefused:
    with pytest.raises(RuleRefused) as caught:
        read_rule_set(document, VOCABULARY)
    return caught.value


def _with(path: str, value: object) -> dict[str, Any]:
    """The document with one place replaced; `path` is keys and indexes joined by blanks."""
    document: Any = deepcopy(DOCUMENT)
    place = document
    *way, last = path.split()
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    place[int(last) if last.isdigit() else last] = value
    return document  # type: ignore[no-any-return]


@given(rule_sets)
def test_a_rule_set_survives_json(rule_set: RuleSet) -> None:
    assert read_rule_set(write_rule_set(rule_set), VOCABULARY) == rule_set
    assert load_rule_set(canonical_json(rule_set), VOCABULARY) == rule_set


def test_the_documented_example_is_read_with_its_defaults() -> None:
    rule = read_rule_set(DOCUMENT, VOCABULARY).rules[0]
    assert rule.when == Group(GroupKind.ALL, (Condition("order.payment", "eq", "cod"),))
    assert (rule.stop, rule.enabled, rule.priority, rule.active) == (False, True, 10, ())


def test_the_hash_depends_on_content_alone() -> None:
    rule_set = read_rule_set(DOCUMENT, VOCABULARY)
    shuffled = load_rule_set(json.dumps(dict(reversed(DOCUMENT.items()))), VOCABULARY)
    copied = RuleSet("review", rule_set.rules, version=7, scope="another shop")
    assert content_hash(rule_set) == content_hash(shuffled) == content_hash(copied)
    assert content_hash(rule_set) != content_hash(read_rule_set(_with("rules 0 priority", 11), VOCABULARY))


def _condition(fact: str, op: str, *value: object) -> dict[str, object]:
    return {"fact": fact, "op": op} | ({"value": value[0]} if value else {})


_WHEN = "/rules/0/when/all/0"


@pytest.mark.parametrize(
    ("condition", "code", "path"),
    [
        ("x", "wrong_shape", ""),
        ({"all": [], "any": []}, "unknown_key", ""),
        ({"any": []}, "empty_group", "/any"),
        ({"none": []}, "empty_group", "/none"),
        ({"none": [COD, {"any": {}}]}, "wrong_shape", "/none/1/any"),
        (COD | {"extra": 1}, "unknown_key", ""),
        ({"fact": "order.payment"}, "missing_key", ""),
        (_condition("order.paymnt", "eq", "cod"), "fact", "/fact"),
        (_condition("order.payment", "is", "cod"), "op", "/op"),
        (_condition("order.payment", "between", ["a", "b"]), "op_type", "/op"),
        (_condition("order.exchange", "ne", True), "op_type", "/op"),
        (_condition("order.payment", "eq"), "missing_key", ""),
        (_condition("order.payment", "is_empty", 1), "no_value", "/value"),
        (_condition("order.payment", "eq", "cash"), "choice", "/value"),
        (_condition("order.payment", "in", ["cod", "cash"]), "choice", "/value/1"),
        (_condition("order.payment", "in", ["cod", "cod"]), "repeated_item", "/value/1"),
        (_condition("order.payment", "in", []), "empty_list", "/value"),
        (_condition("order.payment", "in", "cod"), "wrong_shape", "/value"),
        (_condition("order.memo", "eq", ""), "empty_text", "/value"),
        (_condition("order.memo", "eq", None), "wrong_shape", "/value"),
        (_condition("order.memo", "eq", "a\x00b"), "bad_text", "/value"),
        (_condition("order.memo", "eq", "\ud800"), "bad_text", "/value"),
        (_condition("order.memo", "eq", "长" * 501), "too_large", "/value"),
        (_condition("order.memo", "matches", "(a+)+b"), "pattern", "/value"),
        (_condition("order.memo", "matches", "a" * 201), "too_large", "/value"),
        (_condition("order.paid", "gt", 1.5), "wrong_shape", "/value"),
        (_condition("order.paid", "gt", True), "wrong_shape", "/value"),
        (_condition("order.paid", "gt", 2**63), "out_of_range", "/value"),
        (_condition("order.paid", "between", [1]), "wrong_shape", "/value"),
        (_condition("order.paid", "between", [2, 1]), "order", "/value"),
        (_condition("order.lines", "lt", -1), "out_of_range", "/value"),
        (_condition("order.weight", "lt", 0.1), "float", "/value"),
        (_condition("order.weight", "lt", "1e5"), "wrong_shape", "/value"),
        (_condition("order.weight", "lt", "NaN"), "wrong_shape", "/value"),
        (_condition("order.exchange", "eq", 1), "wrong_shape", "/value"),
        (_condition("order.paid_at", "lt", "2026-11-11"), "datetime", "/value"),
        (_condition("order.paid_at", "lt", "2026-11-11T00:00:00"), "datetime", "/value"),
        (_condition("order.paid_at", "lt", "2026-02-30T00:00:00Z"), "datetime", "/value"),
        (_condition("order.paid_at", "lt", "0001-01-01T00:00:00+08:00"), "datetime", "/value"),
        (_condition("order.paid_at", "older_than", -1), "out_of_range", "/value"),
        (_condition("order.paid_at", "within_window", {"from": "09:00"}), "missing_key", "/value"),
        (
            _condition("order.paid_at", "within_window", {"from": "9:00", "to": "10:00", "time_zone": "UTC"}),
            "clock",
            "/value/from",
        ),
        (
            _condition("order.paid_at", "within_window", {"from": "09:00", "to": "09:00", "time_zone": "UTC"}),
            "empty_window",
            "/value",
        ),
        (
            _condition("order.paid_at", "within_window", {"from": "09:00", "to": "10:00", "time_zone": "../etc"}),
            "time_zone",
            "/value/time_zone",
        ),
        (
            _condition(
                "order.paid_at", "within_window", {"from": "09:00", "to": "10:00", "time_zone": "UTC", "weekdays": [8]}
            ),
            "out_of_range",
            "/value/weekdays/0",
        ),
    ],
)
def test_a_broken_condition_is_refused_with_its_path(condition: object, code: str, path: str) -> None:
    refusal = _refused(_with("rules 0 when all 0", condition))
    assert (refusal.code, refusal.path) == (code, _WHEN + path)
    assert refusal.reason_zh
    assert refusal.reason_en
    assert refusal.remedy_zh
    assert refusal.remedy_en


@pytest.mark.parametrize(
    ("place", "value", "code", "path"),
    [
        ("format", 2, "format", "/format"),
        ("stage", "nowhere", "stage", "/stage"),
        ("rules", {}, "wrong_shape", "/rules"),
        ("version", -1, "out_of_range", "/version"),
        ("rules 0", 5, "wrong_shape", "/rules/0"),
        ("rules 0 id", "Not An Id", "bad_id", "/rules/0/id"),
        ("rules 0 name", "", "empty_text", "/rules/0/name"),
        ("rules 0 stop", "no", "wrong_shape", "/rules/0/stop"),
        ("rules 0 actions", [], "no_actions", "/rules/0/actions"),
        ("rules 0 actions 0", {"action": "send"}, "action", "/rules/0/actions/0/action"),
        ("rules 0 actions 0 params", {}, "missing_key", "/rules/0/actions/0/params"),
        ("rules 0 actions 0 params tier", "boss", "choice", "/rules/0/actions/0/params/tier"),
        ("rules 0 actions 0 params", {"tier": "finance", "x": 1}, "unknown_key", "/rules/0/actions/0/params"),
        ("rules 0 active", [{}], "empty_period", "/rules/0/active/0"),
        (
            "rules 0 excluded",
            [{"from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}],
            "empty_period",
            "/rules/0/excluded/0",
        ),
        ("rules", [RULE, RULE], "repeated_id", "/rules/1/id"),
    ],
)
def test_a_broken_document_is_refused_with_its_path(place: str, value: object, code: str, path: str) -> None:
    refusal = _refused(_with(place, value))
    assert (refusal.code, refusal.path) == (code, path)


def test_a_misspelt_fact_is_answered_with_near_ones() -> None:
    assert "order.payment" in _refused(_with("rules 0 when all 0 fact", "order.paymnt")).remedy_en


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "json"),
        ("{", "json"),
        (b"\xff\xfe\xfd", "json"),
        ("[" * 100_000, "too_deep"),
        ('{"a":1,"a":2}', "repeated_key"),
        ("[]", "wrong_shape"),
        ("1" * 5000, "json"),
        ("null", "wrong_shape"),
    ],
)
def test_text_that_is_no_document_is_refused(text: str | bytes, code: str) -> None:
    with pytest.raises(RuleRefused) as caught:
        load_rule_set(text, VOCABULARY)
    assert caught.value.code == code


def test_a_repeated_key_is_refused_where_it_stands() -> None:
    text = json.dumps(DOCUMENT).replace('"op": "eq"', '"op": "eq", "op": "ne"')
    with pytest.raises(RuleRefused, match="the key op occurs twice") as caught:
        load_rule_set(text, VOCABULARY)
    assert caught.value.path == _WHEN


def test_depth_and_size_are_limited() -> None:
    deep: dict[str, object] = COD
    for _ in range(DEPTH_LIMIT - 1):
        deep = {"all": [deep]}
    assert read_node(deep, VOCABULARY, "review")
    assert _refused(_with("rules 0 when", {"all": [deep]})).code == "too_deep"
    halves = {"all": [{"any": [COD] * (CONDITIONS_LIMIT - 2)}, COD]}
    assert _refused(_with("rules 0 when", halves)).path == "/rules/0/when/all/1"
    hollow = {"all": [{"all": [{"all": []}] * 99}] * 3}
    assert _refused(_with("rules 0 when", hollow)).code == "too_large"


_scraps = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(("order.payment", "order.paid_at", "eq", "in", "within_window", "matches", "(a*)*", "cod")),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(("all", "any", "none", "fact", "op", "value", "from", "to", "time_zone", "until")), inner
        ),
    ),
    max_leaves=6,
)


@given(
    place=st.sampled_from(
        (
            "rules",
            "rules 0",
            "rules 0 when",
            "rules 0 when all 0",
            "rules 0 when all 0 value",
            "rules 0 actions",
            "rules 0 actions 0 params",
            "rules 0 active",
            "stage",
        )
    ),
    scrap=_scraps,
)
def test_nonsense_is_refused_or_compiles(place: str, scrap: object) -> None:
    try:
        rule_set = read_rule_set(_with(place, scrap), VOCABULARY)
    except RuleRefused:
        return
    compile_rule_set(rule_set, VOCABULARY)


def test_a_tree_built_by_hand_is_checked_like_a_document() -> None:
    broken = RuleSet("review", (Rule("a", "a", Condition("order.paid", "gt", "much")),))
    with pytest.raises(RuleRefused, match="/rules/0/when/value"):
        compile_rule_set(broken, VOCABULARY)


def test_chinese_sentences_hold_chinese_words_for_types_and_units() -> None:
    between = _refused(_with("rules 0 when all 0", _condition("order.memo", "between", ["a", "b"])))
    assert between.reason_zh == "运算符 between 不适用于文本类型"
    long = _refused(_with("rules 0 when all 0", _condition("order.memo", "eq", "长" * 501)))
    assert (long.reason_zh, long.reason_en) == ("超过上限 500（字）", "this exceeds the limit of 500 (characters)")
    kinds = {operator_type.value for operator_type in ValueType}
    assert all(word in _WORDS_ZH for word in kinds)
