"""Rules that can never match and rules that contradict: found where they are, never claimed where they are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations, product
from typing import Any

import pytest

from rules.conflicts import Finding, FindingKind, check_rule_set, contradicts
from rules.findings import word_finding, write_finding
from rules.model import (
    Action,
    ActionSpec,
    Condition,
    FactSpec,
    Group,
    GroupKind,
    Node,
    ParamSpec,
    Period,
    Rule,
    RuleSet,
    ValueType,
    Vocabulary,
    Window,
)
from tests.rules.generator import Draw
from tests.rules.reference import matched_rules
from tests.rules.vocabulary import FACTS, NOW, VOCABULARY

PASS = Action("pass")
HOLD = Action("hold", (("reason", "x"),))
COD = Condition("order.payment", "eq", "cod")
ONLINE = Condition("order.payment", "eq", "online")
EXCHANGE = Condition("order.exchange", "eq", True)
NO_EXCHANGE = Condition("order.exchange", "eq", False)
PAID_AT = "order.paid_at"
ALWAYS = Group(GroupKind.ALL, ())


def _all(*children: Node) -> Group:
    return Group(GroupKind.ALL, children)


def _any(*children: Node) -> Group:
    return Group(GroupKind.ANY, children)


def _none(*children: Node) -> Group:
    return Group(GroupKind.NONE, children)


def paid(op: str, value: object) -> Condition:
    return Condition("order.paid", op, value)


def memo(op: str, value: object = None) -> Condition:
    return Condition("order.memo", op, value)


def a_rule(rule_id: str, when: Node = ALWAYS, *actions: Action, **more: Any) -> Rule:
    return Rule(rule_id, rule_id, when, actions or (PASS,), **more)


def check(*rules: Rule) -> tuple[Finding, ...]:
    return check_rule_set(RuleSet("review", rules), VOCABULARY, NOW)


def kinds(*rules: Rule) -> list[tuple[str, str]]:
    return [(finding.kind.value, finding.rule.id) for finding in check(*rules)]


_MORNING = Window(frozenset(range(1, 8)), 360, 720, "UTC")
_EVENING = Window(frozenset(range(1, 8)), 1080, 1320, "UTC")


@pytest.mark.parametrize(
    "tree",
    [
        _all(COD, ONLINE),
        _all(COD, _none(Condition("order.payment", "in", ("cod", "credit")))),
        _all(paid("gt", 100), paid("lt", 101)),
        _all(paid("ge", 100), _any(paid("lt", 50), _all(COD, ONLINE))),
        _all(paid("is_empty", None), paid("not_in", (1,))),
        _all(_none(EXCHANGE, NO_EXCHANGE), Condition("order.exchange", "is_not_empty")),
        Condition("order.lines", "lt", 0),
        _all(Condition("order.tags", "contains_all", ("a", "b")), Condition("order.tags", "contains_none", ("b",))),
        _all(Condition("order.tags", "is_empty"), Condition("order.tags", "contains_any", ("a",))),
        _all(memo("contains_any", ("abc",)), memo("contains_none", ("b",))),
        _all(memo("starts_with", "ab"), memo("starts_with", "b")),
        _all(memo("starts_with", "ab"), _none(memo("contains_any", ("a", "x")))),
        _all(memo("eq", "ab"), memo("matches", "^b")),
        _all(memo("matches", "a"), memo("eq", "a"), memo("ne", "a")),
        _all(Condition("order.weight", "between", (1, 2)), Condition("order.weight", "gt", 2)),
        _all(Condition(PAID_AT, "older_than", 60), _none(Condition(PAID_AT, "older_than", 30))),
        _all(Condition(PAID_AT, "lt", NOW), Condition(PAID_AT, "ge", NOW)),
        _all(Condition(PAID_AT, "within_window", _MORNING), Condition(PAID_AT, "within_window", _EVENING)),
        _none(ALWAYS),
    ],
)
def test_contradicting_conditions_never_match(tree: Node) -> None:
    assert kinds(a_rule("r", tree)) == [("never", "r")]


@pytest.mark.parametrize(
    "tree",
    [
        ALWAYS,
        _all(COD, _none(ONLINE)),
        _all(paid("gt", 100), paid("lt", 102)),
        _none(paid("lt", 0), paid("ge", 0)),
        _all(Condition("order.tags", "contains_none", ("a",)), Condition("order.tags", "is_not_empty")),
        _all(memo("contains_any", ("b",)), memo("contains_none", ("abc",)), _none(memo("starts_with", "b"))),
        _all(memo("matches", r"^\d{3}-[^a]"), memo("contains_any", ("0-x",))),
        _all(Condition(PAID_AT, "older_than", 60), Condition(PAID_AT, "gt", NOW)),
        _all(Condition(PAID_AT, "within_window", _MORNING), Condition(PAID_AT, "gt", NOW)),
    ],
)
def test_what_can_match_is_left_alone(tree: Node) -> None:
    assert kinds(a_rule("r", tree)) == []


def test_a_finding_names_the_conditions_that_exclude_each_other() -> None:
    (finding,) = check(a_rule("r", _all(EXCHANGE, paid("gt", 30_000), _any(COD, ONLINE), paid("lt", 20_000))))
    assert word_finding(finding, VOCABULARY, "zh") == (
        "规则「r」永远不会命中：“实付金额小于200.00元”与“实付金额大于300.00元”不能同时成立"
    )
    assert word_finding(finding, VOCABULARY, "en") == (
        "rule “r” can never match: “amount paid is below 200.00 CNY” and “amount paid is over 300.00 CNY” "
        "exclude each other"
    )


def test_a_rule_behind_a_stopping_one_that_covers_it_is_never_reached() -> None:
    stops = a_rule("stops", _any(COD, EXCHANGE), stop=True, priority=1)
    (finding,) = check(a_rule("late", _all(COD, paid("gt", 5))), stops)
    assert (finding.kind, finding.rule.id, finding.others) == (FindingKind.SHADOWED, "late", (stops,))
    assert "「stops」都已命中" in word_finding(finding, VOCABULARY, "zh")
    assert kinds(replace(stops, stop=False), a_rule("late", COD)) == []
    assert kinds(replace(stops, priority=200), a_rule("late", COD)) == []


def test_stopping_rules_can_cover_a_rule_together() -> None:
    low, high = a_rule("low", paid("lt", 100), stop=True), a_rule("high", paid("ge", 100), stop=True)
    other = a_rule("other", COD, stop=True)
    (finding,) = check(low, other, high, a_rule("late", paid("is_not_empty", None)))
    assert (finding.kind, [rule.id for rule in finding.others]) == (FindingKind.SHADOWED, ["low", "high"])
    assert kinds(low, high, a_rule("late")) == []  # the amount may be missing


def test_a_stopping_rule_covers_only_while_it_takes_part() -> None:
    festival = Period(NOW + timedelta(days=1), NOW + timedelta(days=2))
    stops = a_rule("stops", active=(festival,), stop=True)
    assert kinds(stops, a_rule("late")) == []
    assert kinds(stops, a_rule("late", active=(festival,))) == [("shadowed", "late")]
    assert kinds(a_rule("over", active=(Period(None, NOW),))) == [("never", "over")]
    assert kinds(a_rule("nights", active=(_MORNING,), excluded=(_MORNING,))) == [("never", "nights")]


def test_rules_that_contradict_on_one_document_are_shown_with_an_example() -> None:
    one, other = a_rule("one", COD), a_rule("other", paid("gt", 30_000), HOLD)
    (finding,) = check(one, other)
    assert (finding.kind, finding.rule, finding.others) == (FindingKind.OVERLAP, other, (one,))
    assert word_finding(finding, VOCABULARY, "zh") == (
        "规则「one」和「other」会命中同一单据，而“放行”与“挂起（原因：「x」）”相互矛盾；"
        "例如实付金额是300.01元，付款方式是货到付款"
    )
    assert "rules “one” and “other” can match one document" in word_finding(finding, VOCABULARY, "en")
    written = write_finding(finding, RuleSet("review", (one, other)), VOCABULARY)
    assert (written["path"], written["others"]) == ("/rules/1", ["one"])
    assert written["example"] == {
        "facts": {"order.paid": 30_001, "order.payment": "cod"},
        "now": "2026-11-11T02:30:00Z",
    }


def test_rules_that_cannot_meet_do_not_contradict() -> None:
    held = a_rule("held", ONLINE, HOLD)
    assert kinds(a_rule("one", COD), held) == []
    assert kinds(a_rule("one", stop=True, when=EXCHANGE), a_rule("other", EXCHANGE, HOLD)) == [("shadowed", "other")]
    assert kinds(a_rule("one", EXCHANGE, stop=True), held) == []
    guard = a_rule("guard", ONLINE, HOLD, stop=True, priority=1)
    assert kinds(guard, a_rule("one", EXCHANGE), a_rule("other", _any(_all(EXCHANGE, ONLINE), COD), HOLD)) == [
        ("overlap", "other")
    ]
    assert kinds(guard, a_rule("one", EXCHANGE), a_rule("other", _all(EXCHANGE, ONLINE, COD), HOLD)) == [
        ("never", "other")
    ]


def test_a_rule_can_contradict_itself() -> None:
    (finding,) = check(a_rule("r", COD, PASS, HOLD))
    assert (finding.kind, finding.others) == (FindingKind.OVERLAP, ())
    assert "规则「r」自相矛盾" in word_finding(finding, VOCABULARY, "zh")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Action("rank", (("place", 1),)), Action("rank", (("place", 2),)), True),
        (Action("rank", (("place", 1),)), Action("rank", (("place", 1),)), False),
        (Action("prefer", (("carrier", "SF"),)), Action("forbid", (("carrier", "SF"),)), True),
        (Action("forbid", (("carrier", "SF"),)), Action("prefer", (("carrier", "SF"),)), True),
        (Action("prefer", (("carrier", "SF"),)), Action("forbid", (("carrier", "YTO"),)), False),
        (Action("prefer", (("carrier", "SF"),)), Action("prefer", (("carrier", "YTO"),)), False),
        (Action("only", (("carrier", "SF"),)), Action("only", (("carrier", "YTO"),)), True),
        (Action("only", (("carrier", "SF"),)), Action("only", (("carrier", "SF"),)), False),
        (Action("only", (("carrier", "SF"),)), Action("forbid", (("carrier", "SF"),)), True),
        (Action("forbid", (("carrier", "YTO"),)), Action("only", (("carrier", "SF"),)), False),
    ],
)
def test_actions_contradict_as_the_vocabulary_says(one: Action, other: Action, expected: bool) -> None:
    place = ParamSpec("place", ValueType.COUNT, "名次", "place")
    carrier = ParamSpec("carrier", ValueType.CODE, "快递", "carrier")
    stages = frozenset({"carrier"})
    vocabulary = Vocabulary.of(
        (),
        (
            ActionSpec("rank", "排名", "rank", stages, (place,), exclusive=True),
            ActionSpec("prefer", "优先", "prefer", stages, (carrier,), frozenset({"forbid"}), subject="carrier"),
            ActionSpec("forbid", "禁用", "forbid", stages, (carrier,), subject="carrier"),
            ActionSpec(
                "only", "只用", "only", stages, (carrier,), frozenset({"forbid"}), exclusive=True, subject="carrier"
            ),
        ),
    )
    assert contradicts(one, other, vocabulary) is expected


def test_what_cannot_be_settled_is_said_to_be_unknown() -> None:
    riddle = _all(memo("matches", "^[ab]{3}$"), memo("contains_any", ("ba",)), memo("contains_none", ("a" * 3, "b")))
    assert kinds(a_rule("r", riddle)) == [("never", "r")]  # the words alone exclude each other
    open_one = _all(memo("matches", "^[ab]{3}$"), memo("contains_none", ("aa", "x", "b1")), memo("ne", "bbb"))
    (finding,) = check(a_rule("r", open_one))
    assert finding.kind is FindingKind.UNKNOWN
    assert word_finding(finding, VOCABULARY, "zh") == (
        "无法判断规则「r」能否命中、是否与别的规则矛盾：没有找到满足各条件的买家留言，也不能证明没有"
    )
    (pair,) = [one for one in check(a_rule("a", open_one), a_rule("b", open_one, HOLD)) if one.actions]
    assert word_finding(pair, VOCABULARY, "en") == (
        "rules “a” and “b” may match one document: “pass” contradicts “hold (reason: “x”)”; not known: "
        "of buyer memo no value was found that meets all conditions, nor a proof that there is none"
    )
    assert write_finding(finding, RuleSet("review", (finding.rule,)), VOCABULARY)["example"] is None


_SMALL = tuple(spec for spec in FACTS if spec.name in ("order.exchange", "order.lines", "order.payment", "order.tags"))
_TAGS = [
    frozenset(tag for at, tag in enumerate(("cod", "credit", "online", "zz")) if bits >> at & 1) for bits in range(16)
]
_EVERY = [
    dict(zip((spec.name for spec in _SMALL), values, strict=True))
    for values in product(
        (None, True, False), (None, *range(8)), (None, "cod", "online", "credit", "", "c", "zz"), (None, *_TAGS)
    )
]


def _small_rule_set(seed: int) -> RuleSet:
    """Short rules without patterns and spans, half of them stopping, so that many are covered by others."""
    draw = Draw(seed, _SMALL)
    rules = [
        replace(rule, when=draw.tree(3), active=(), excluded=(), stop=draw.chance.random() < 0.5)
        for rule in draw.rule_set(8).rules
    ]
    return RuleSet("review", tuple(rule for rule in rules if _is_decidable(rule.when)))


def _is_decidable(node: Node) -> bool:
    if isinstance(node, Condition):
        return node.op not in ("matches", "starts_with")
    return all(map(_is_decidable, node.children))


def _contradict(one: Rule, other: Rule) -> bool:
    return any(contradicts(first, second, VOCABULARY) for first in one.actions for second in other.actions)


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.full) for seed in range(6, 150))])
def test_findings_agree_with_every_document_of_a_small_world(seed: int) -> None:
    """Without patterns nothing is left open: exactly what happens in no document, or in some, is reported."""
    rule_set = _small_rule_set(seed)
    matches = {tuple(matched_rules(rule_set, VOCABULARY, facts, NOW)) for facts in _EVERY}
    findings = check_rule_set(rule_set, VOCABULARY, NOW)
    dead = {finding.rule.id for finding in findings if finding.kind in (FindingKind.NEVER, FindingKind.SHADOWED)}
    alive = {rule.id for matched in matches for rule in matched}
    assert dead == {rule.id for rule in rule_set.rules if rule.enabled} - alive
    overlaps = {
        frozenset((finding.rule.id, finding.others[0].id))
        for finding in findings
        if finding.kind is FindingKind.OVERLAP and finding.others
    }
    pairs = {pair for matched in matches for pair in combinations(matched, 2)}
    assert overlaps == {frozenset((one.id, other.id)) for one, other in pairs if _contradict(one, other)}
    assert not any(finding.kind is FindingKind.UNKNOWN for finding in findings)


@pytest.mark.parametrize("amount", [60, pytest.param(3_000, marks=pytest.mark.full)])
def test_findings_about_any_rules_are_never_wrong(amount: int) -> None:
    draw = Draw(7)
    for _ in range(amount):
        rule_set = draw.rule_set(6)
        findings = check_rule_set(rule_set, VOCABULARY, NOW)
        dead = {finding.rule.id for finding in findings if finding.kind in (FindingKind.NEVER, FindingKind.SHADOWED)}
        documents = [(draw.known_facts(), NOW + timedelta(hours=hour)) for hour in range(0, 400, 10)]
        for finding in findings:
            word_finding(finding, VOCABULARY, "en")
            example = finding.answer.example
            if finding.kind is FindingKind.OVERLAP and example and finding.others:
                together = {rule.id for rule in matched_rules(rule_set, VOCABULARY, example.facts, example.now)}
                assert {finding.rule.id, finding.others[0].id} <= together
        for facts, now in documents:
            assert not dead & {rule.id for rule in matched_rules(rule_set, VOCABULARY, facts, now)}


def test_what_takes_too_many_steps_is_unknown_and_ends() -> None:
    """Nine facts that must all differ and may have eight values only: proofs of that grow beyond all patience."""
    names = [f"order.f{at}" for at in range(9)]
    facts = tuple(
        FactSpec(name, ValueType.CODE, f"字段{at}号", f"fact {at}", frozenset({"review"}), sql="x")
        for at, name in enumerate(names)
    )
    vocabulary = Vocabulary.of(facts, (ActionSpec("pass", "放行", "pass", frozenset({"review"})),))
    codes = tuple("abcdefgh")
    some = [_any(*(Condition(name, "eq", code) for code in codes)) for name in names]
    differ = [
        _none(_all(Condition(one, "eq", code), Condition(other, "eq", code)))
        for one, other in combinations(names, 2)
        for code in codes
    ]
    riddle = RuleSet("review", (a_rule("riddle", _all(*some, *differ), stop=True), a_rule("late", _all(*some))))
    found = [(finding.kind.value, finding.rule.id) for finding in check_rule_set(riddle, vocabulary, NOW)]
    assert found == [("unknown", "riddle")]


def test_when_the_questions_run_out_the_rest_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.conflicts.QUESTIONS_LIMIT", 3)
    found = kinds(a_rule("one", COD), a_rule("two", EXCHANGE, HOLD), a_rule("three", paid("gt", 1), HOLD))
    assert found[0] == ("overlap", "two")
    assert set(found[1:]) == {("unknown", "three")}
