"""Every fact with every comparison, and every action, is typed, stored and worded by the editor as the rules mean it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from oms.app.rulebook.vocabulary import VOCABULARY
from oms.console.rules.editor.checking import store_document, store_rule
from oms.console.rules.editor.known import OF_FACTS, OF_PARAMS, SOURCES
from oms.console.rules.editor.sentence import word_draft
from oms.console.rules.editor.typed import typed_rule
from oms.console.rules.editor.words import pickers
from oms.db.rulebook import STAGES
from rules.codec import read_rule_set
from rules.model import Choice, FactSpec, ValueType
from rules.operators import OPERATORS, Shape, operators_for
from rules.wording import word_rule

WINDOW = {"weekdays": [2, 7], "from": "08:30", "to": "24:00", "time_zone": "Asia/Shanghai"}
SCALARS: dict[ValueType, list[Any]] = {
    ValueType.BOOL: [True, False],
    ValueType.INTEGER: [-3, 0, 12],
    ValueType.MONEY: [-150, 5, 30000],
    ValueType.DECIMAL: ["-0.5", "3", "12.25"],
    ValueType.TEXT: [" a", "货「到」付款", "，而且"],
    ValueType.CODE: ["A", "B", "C"],
    ValueType.DATETIME: ["2026-11-10T16:00:00Z", "2026-11-11T00:00:30Z", "2026-11-12T08:15:00.125000Z"],
    ValueType.DURATION: [0, 90, 172800],
    ValueType.COUNT: [0, 2, 99],
}


@pytest.fixture(autouse=True)
def reading(app: Flask) -> Iterator[None]:
    """Words are told in the language of a request."""
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        yield


def values_of(kind: ValueType, choices: tuple[Choice, ...]) -> list[Any]:
    if kind is ValueType.SET:
        return values_of(ValueType.CODE, choices)
    return [choice.code for choice in choices][:3] if choices else SCALARS[kind]


def conditions_of(fact: FactSpec) -> Iterator[dict[str, Any]]:
    """A condition for each comparison of a fact."""
    for op in operators_for(fact.type):
        shape, values = OPERATORS[op].shape, values_of(fact.type, fact.choices)
        leaf: dict[str, Any] = {"fact": fact.name, "op": op}
        match shape:
            case Shape.NOTHING:
                yield leaf
            case Shape.LIST:
                yield leaf | {"value": sorted(values) if fact.type is not ValueType.DECIMAL else values}
            case Shape.PAIR:
                yield leaf | {"value": values[-2:]}
            case Shape.WINDOW:
                yield leaf | {"value": WINDOW}
            case Shape.SECONDS:
                yield from (leaf | {"value": value} for value in SCALARS[ValueType.DURATION])
            case Shape.PREFIX | Shape.PATTERN:
                yield leaf | {"value": "A1"}
            case _:
                yield from (leaf | {"value": value} for value in values)


def a_rule(stage: str, when: Any, action: Any = None) -> dict[str, Any]:
    """A stored rule with every default written out."""
    return {
        "id": "r", "name": "规则", "when": when, "actions": [action] if action else [], "stop": action is None,
        "priority": 100, "active": [], "excluded": [], "enabled": True,
    }  # fmt: skip


def check(stage: str, rule: dict[str, Any]) -> None:
    """The rule is typed and stored again as it was, and the sentence is that of the rules."""
    typed = typed_rule(rule, [])
    stored, faults = store_rule(typed, stage, "/rules/0")
    assert faults == [], typed
    assert stored == rule
    (read,) = read_rule_set({"format": 1, "stage": stage, "rules": [rule]}, VOCABULARY).rules
    for language in ("zh", "en"):
        pieces = word_draft(stored, "/rules/0", stage, language)
        assert "".join(piece["text"] for piece in pieces) == word_rule(read, VOCABULARY, language)
        assert not any(piece.get("gap") for piece in pieces)


@pytest.mark.parametrize("name", sorted(VOCABULARY.facts))
def test_every_fact_with_every_comparison_is_typed_and_stored_as_it_was(name: str) -> None:
    fact = VOCABULARY.facts[name]
    stage = min(fact.stages)
    leaves = list(conditions_of(fact))
    assert {leaf["op"] for leaf in leaves} == set(operators_for(fact.type))
    check(stage, a_rule(stage, {"any": [*leaves[:1], {"none": leaves}, {"all": leaves[-1:]}]}))
    (shown,) = [one for one in pickers(stage)["facts"] if one["name"] == name]
    assert [op["code"] for op in shown["ops"]] == list(operators_for(fact.type))
    assert all(op["label"] for op in shown["ops"])


@pytest.mark.parametrize("name", sorted(VOCABULARY.actions))
def test_every_action_is_typed_and_stored_as_it_was(name: str) -> None:
    spec = VOCABULARY.actions[name]
    stage = min(spec.stages)
    whole = {param.name: values_of(param.type, param.choices)[-1] for param in spec.params}
    whole |= {param.name: [whole[param.name]] for param in spec.params if param.type is ValueType.SET}
    least = {param.name: whole[param.name] for param in spec.params if param.required}
    for params in (whole, least):
        action = {"action": name, "params": dict(sorted(params.items()))}
        check(stage, a_rule(stage, {"all": []}, action))
    blank = {param.name: "" for param in spec.params}
    rule = typed_rule(a_rule(stage, {"all": []}, {"action": name, "params": {}}), [])
    _stored, faults = store_rule(rule | {"actions": [{"action": name, "params": blank}]}, stage, "/rules/0")
    missing = {f"/rules/0/actions/0/params/{param.name}" for param in spec.params if param.required}
    assert {fault.path for fault in faults} == missing


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_offers_just_its_facts_and_actions(stage: str) -> None:
    shown = pickers(stage)
    assert {one["name"] for one in shown["facts"]} == {
        name for name, fact in VOCABULARY.facts.items() if stage in fact.stages
    }
    assert {one["name"] for one in shown["actions"]} == {
        name for name, spec in VOCABULARY.actions.items() if stage in spec.stages
    }


def test_what_is_known_is_of_facts_and_parameters_that_exist() -> None:
    params = {param.name for spec in VOCABULARY.actions.values() for param in spec.params}
    assert set(OF_FACTS) <= set(VOCABULARY.facts)
    assert {name for name in OF_PARAMS if name not in params} == set()
    assert set(OF_FACTS.values()) | set(OF_PARAMS.values()) <= set(SOURCES)


SCRAPS: list[Any] = [
    None, True, -1, 2.5, "", "x", "order.paid", "gt", "300.00", "2026-11-11T00:00", [], ["1", "2"], {}, "finance",
    {"count": "2", "unit": "60"}, {"count": 2, "unit": []}, {"fact": "order.paid", "op": "gt", "value": "1"}, WINDOW,
    "send_to_tier", {"action": "pass", "params": {}}, "\ud800", "(a+)+", "9" * 60, ["x"] * 40,
]  # fmt: skip
KEYS = ("fact", "op", "value", "all", "any", "none", "action", "params", "from", "until", "weekdays", "id", "tier")


def scrap(draw: random.Random, depth: int = 0) -> Any:
    """Anything a hostile page may send."""
    if depth > 4 or draw.random() < 0.45:
        return draw.choice(SCRAPS)
    if draw.random() < 0.4:
        return [scrap(draw, depth + 1) for _ in range(draw.randrange(4))]
    return {draw.choice(KEYS): scrap(draw, depth + 1) for _ in range(draw.randrange(4))}


def mutated(draw: random.Random, value: Any) -> Any:
    """A good document with some of its parts replaced."""
    if draw.random() < 0.05:
        return scrap(draw)
    if isinstance(value, dict):
        return {key: mutated(draw, one) for key, one in value.items() if draw.random() > 0.02}
    return [mutated(draw, one) for one in value] if isinstance(value, list) else value


def test_two_thousand_random_documents_are_refused_with_a_place_or_accepted_by_the_codec() -> None:
    draw = random.Random(4)
    facts = [fact for fact in VOCABULARY.facts.values() if "review" in fact.stages]
    accepted = 0
    for _ in range(2000):
        leaves = [draw.choice(list(conditions_of(draw.choice(facts)))) for _ in range(3)]
        action = {"action": "send_to_tier", "params": {"tier": "finance"}}
        good = typed_rule(a_rule("review", {"all": [{"any": leaves[:2]}, leaves[2]]}, action), [])
        rules, limits, faults = store_document([mutated(draw, good)], "review")
        for language in ("zh", "en"):
            word_draft(rules[0] if rules else None, "/rules/0", "review", language)
        if not faults:
            accepted += 1
            read_rule_set({"format": 1, "stage": "review", "rules": rules}, VOCABULARY)
            assert limits == []
        assert all(fault.path.startswith("/rules/0") and fault.reason for fault in faults)
    assert 50 < accepted < 1500
