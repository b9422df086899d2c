"""Order, stop, spans, missing and unknown facts, and rules that raise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from rules.engine import Verdict, compile_rule_set, input_hash
from rules.facts import UNKNOWN, Facts
from rules.model import Action, Condition, Group, GroupKind, Node, Period, Rule, RuleSet, Window
from rules.trace import RuleState, explain, write_explanation
from tests.rules.vocabulary import NOW, VOCABULARY

ALWAYS = Group(GroupKind.ALL, ())
COD = Condition("order.payment", "eq", "cod")
LARGE = Condition("order.paid", "gt", 30_000)


def a_rule(rule_id: str, when: Node = ALWAYS, **more: Any) -> Rule:
    return Rule(rule_id, rule_id, when, **({"actions": (Action("pass"),)} | more))


def decide(*rules: Rule, now: datetime = NOW, **facts: object) -> Verdict:
    named = {name.replace("__", "."): value for name, value in facts.items()}
    return compile_rule_set(RuleSet("review", rules), VOCABULARY).decide(named, now)


def test_smaller_priorities_go_first_and_equals_keep_their_order() -> None:
    verdict = decide(a_rule("c"), a_rule("b", priority=5), a_rule("d"), a_rule("a", priority=-1))
    assert verdict.matched == ("a", "b", "c", "d")


def test_a_stopping_rule_ends_the_evaluation_only_when_it_matches() -> None:
    rules = (a_rule("stops", COD, stop=True), a_rule("after"))
    assert decide(*rules, order__payment="cod").matched == ("stops",)
    assert decide(*rules, order__payment="online").matched == ("after",)


def test_a_disabled_rule_takes_no_part() -> None:
    assert decide(a_rule("off", enabled=False)).matched == ()


def test_actions_carry_their_rule_and_parameters() -> None:
    hold = Action("hold", (("reason", "缺货"),))
    (applied,) = decide(a_rule("r", actions=(hold,))).actions
    assert (applied.rule_id, applied.action, dict(applied.params)) == ("r", "hold", {"reason": "缺货"})


def test_a_rule_is_active_within_its_spans_and_outside_the_excluded_ones() -> None:
    festival = Period(NOW, NOW + timedelta(days=1))
    nights = Window(frozenset({3}), 22 * 60, 6 * 60, "Asia/Shanghai")
    rule = a_rule("r", active=(festival,), excluded=(nights,))
    assert decide(rule, now=NOW).matched == ("r",)
    assert decide(rule, now=NOW - timedelta(seconds=1)).matched == ()
    assert decide(rule, now=NOW + timedelta(days=1)).matched == ()
    assert decide(rule, now=datetime(2026, 11, 11, 21, 59, tzinfo=UTC)).matched == ()  # Thursday 05:59 in Shanghai
    assert decide(rule, now=datetime(2026, 11, 11, 22, 0, tzinfo=UTC)).matched == ("r",)


@pytest.mark.parametrize(
    ("op", "value"), [("eq", 1), ("ne", 1), ("in", (1,)), ("not_in", (1,)), ("lt", 1), ("ge", 1), ("between", (1, 2))]
)
def test_a_comparison_with_a_missing_fact_is_false_and_none_over_it_true(op: str, value: object) -> None:
    condition = Condition("order.score", op, value)
    assert decide(a_rule("r", condition), order__score=None).matched == ()
    assert decide(a_rule("r", Group(GroupKind.NONE, (condition,)))).matched == ("r",)


def test_a_rule_that_raises_is_skipped_and_reported_without_quoting_facts() -> None:
    def failing(name: str) -> object:
        raise ValueError("张三 13800000000")

    rules = (a_rule("bad", COD), a_rule("good"))
    verdict = compile_rule_set(RuleSet("review", rules), VOCABULARY).decide(failing, NOW)
    assert verdict == Verdict(verdict.actions, ("good",), (("bad", "ValueError"),), ())


def test_an_error_behind_a_settled_group_does_no_harm() -> None:
    first = a_rule("r", Group(GroupKind.ANY, (COD, LARGE)))
    assert decide(first, order__payment="cod", order__paid="not money").matched == ("r",)
    assert decide(first, order__payment="online", order__paid="not money").unhealthy == (("r", "TypeError"),)


@pytest.mark.parametrize(
    "condition",
    [
        COD,
        LARGE,
        Condition("order.memo", "is_empty"),
        Condition("order.paid", "is_empty"),
        Condition("order.paid", "is_not_empty"),
        Condition("order.memo", "matches", "a"),
        Condition("order.memo", "starts_with", "a"),
        Condition("order.memo", "contains_any", ("a", "b")),
        Condition("order.tags", "contains_any", ("a", "b")),
        Condition("order.tags", "contains_all", ("a",)),
        Condition("order.payment", "not_in", ("cod",)),
        Condition("order.paid_at", "older_than", 5),
        Condition("order.paid_at", "within_window", Window(frozenset({1}), 0, 60, "UTC")),
        Condition("order.paid", "between", (1, 2)),
    ],
)
def test_no_operator_guesses_an_unknown_fact(condition: Condition) -> None:
    compiled = compile_rule_set(RuleSet("review", (a_rule("r", condition),)), VOCABULARY)
    verdict = compiled.decide(lambda name: UNKNOWN, NOW)
    assert verdict == Verdict((), (), (), ("r",))


def test_an_unknown_fact_matters_only_where_it_decides() -> None:
    either = a_rule("either", Group(GroupKind.ANY, (LARGE, COD)))
    both = a_rule("both", Group(GroupKind.ALL, (LARGE, COD)))
    assert decide(either, both, order__paid=UNKNOWN, order__payment="cod")[1:] == (("either",), (), ("both",))
    assert decide(either, both, order__paid=UNKNOWN, order__payment="online")[1:] == ((), (), ("either",))


def test_a_lazy_fact_is_computed_once_and_only_when_asked_for() -> None:
    asked: list[str] = []
    facts = Facts({"order.payment": "online"}, lambda name: asked.append(name))
    guarded = a_rule("guarded", Group(GroupKind.ALL, (COD, Condition("receiver.door", "is_empty"))))
    twice = (a_rule("one", LARGE), a_rule("two", LARGE))
    compile_rule_set(RuleSet("review", (guarded, *twice)), VOCABULARY).decide(facts, NOW)
    assert asked == ["order.paid"]


def test_only_enabled_rules_say_which_facts_are_read() -> None:
    rules = (a_rule("a", COD), a_rule("b", LARGE, enabled=False))
    assert compile_rule_set(RuleSet("review", rules), VOCABULARY).facts_read == {"order.payment"}


def test_an_explanation_names_the_state_of_every_rule() -> None:
    rules = (
        a_rule("no", LARGE),
        a_rule("yes", COD, stop=True),
        a_rule("late"),
        a_rule("off", enabled=False),
        a_rule("past", priority=1, active=(Period(None, NOW),)),
    )
    explanation = explain(RuleSet("review", rules), VOCABULARY, {"order.payment": "cod", "order.paid": 100}, NOW)
    assert [(trace.rule.id, trace.state) for trace in explanation.rules] == [
        ("past", RuleState.INACTIVE),
        ("no", RuleState.NOT_MATCHED),
        ("yes", RuleState.MATCHED),
        ("late", RuleState.AFTER_STOP),
        ("off", RuleState.DISABLED),
    ]
    assert write_explanation(explanation)[1]["when"] == {
        "fact": "order.paid",
        "op": "gt",
        "value": 30_000,
        "seen": 100,
        "outcome": "false",
    }


def test_the_input_hash_ignores_order_and_time_zone_but_no_value() -> None:
    local = NOW.astimezone(timezone(timedelta(hours=8)))
    facts = {"a": 1, "tags": frozenset(("x", "y")), "at": NOW}
    assert input_hash(facts) == input_hash(dict(reversed(facts.items()), at=local))
    assert input_hash(facts) != input_hash(facts | {"a": "1"})
    assert input_hash({"a": None}) != input_hash({"a": UNKNOWN})
    with pytest.raises(TypeError, match="use the Python types of ValueType"):
        input_hash({"a": 1j})
