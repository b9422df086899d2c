"""Explanations when facts are personal, erased, changed, or known no more: nothing is guessed, nothing personal told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from oms.app.rulebook import readings, retelling, sight, telling
from oms.app.rulebook.facts.keeping import read_facts, write_facts
from oms.app.rulebook.path import DecisionTold
from oms.app.rulebook.retelling import Compared
from oms.app.rulebook.sight import PLAIN
from oms.app.rulebook.vocabulary import SEALED_FACTS, VOCABULARY
from oms.db.sealed import KeyRing
from rules.engine import input_hash
from rules.model import ValueType, Vocabulary
from tests.app.explained import path_of, told
from tests.app.rule_sets import a_rule, decided, in_force
from tests.factories import KEYS, World, a_document, a_line, raw, take

NAME, STREET = "欧阳金丝雀", "金丝雀胡同 7 号"
RECEIVER = {"name": NAME, "phone": "13912345678", "state": "浙江省", "city": "杭州市", "district": "西湖区",
            "address": STREET}  # fmt: skip
NAMED = {"fact": "receiver.name", "op": "contains_any", "value": ["金丝雀"]}
ADDRESS = {"fact": "receiver.street", "op": "starts_with", "value": "金丝雀"}


@pytest.fixture
def order(world: World) -> int:
    in_force(
        world, a_rule("named", "service", when=NAMED, priority=1), a_rule("street", "finance", when=ADDRESS, stop=True),
        a_rule("later", "logistics", priority=200),
    )  # fmt: skip
    return decided(world, no="T", receiver=RECEIVER)


def marks(found: DecisionTold) -> dict[str, tuple[str, str]]:
    return {rule.id: (rule.state, rule.lines[0].mark) for rule in found.rules if rule.lines}


def test_every_sealed_text_can_be_asked_of_the_receiver() -> None:
    texts = {name for name in SEALED_FACTS if VOCABULARY.facts[name].type is ValueType.TEXT}
    assert texts == PLAIN.keys()


def test_a_sealed_value_that_is_still_the_same_is_judged_again_but_not_told(world: World, order: int) -> None:
    found = told(world, order)
    assert marks(found)["named"] == ("matched", "sealed")
    assert found.comparison is not None
    assert (found.comparison.outcome, found.comparison.not_judged) == (Compared.SAME, ())
    written = orjson.dumps(path_of(world, order), default=str).decode()
    assert all(word not in written for word in (NAME, "金丝雀", "13912345678", "胡同"))


def test_a_value_that_has_changed_since_is_not_judged_by_what_it_is_now(world: World, order: int) -> None:
    moved = a_document("T", [a_line()], at=90, receiver=RECEIVER | {"name": "周明", "address": "文三路 1 号"})
    first = told(world, order).id
    take(world, raw(moved, 90))
    found = next(step for step in path_of(world, order).decisions if step.id == first)
    assert marks(found) == {
        "named": ("matched", "changed"),
        "street": ("matched", "changed"),
        "later": ("after_stop", ""),
    }
    assert found.comparison is not None
    assert (found.comparison.outcome, found.comparison.not_judged) == (Compared.SAME, ("named", "street"))
    assert all(rule.is_as_stored for rule in found.rules if rule.id != "later")


def test_what_was_erased_is_told_as_erased(world: World, order: int) -> None:
    world.run("delete from data_key where id = :id", id=order)
    found = told(world, order)
    assert marks(found)["named"] == ("matched", "erased")
    assert found.comparison is not None
    assert (found.comparison.outcome, found.comparison.not_judged) == (Compared.SAME, ("named", "street"))


def test_a_hash_of_an_older_master_key_still_proves_the_value(world: World, order: int) -> None:
    world.hub = replace(world.hub, keys=KeyRing("k2", KEYS))
    assert marks(told(world, order))["named"] == ("matched", "sealed")


def test_facts_and_rules_that_the_vocabulary_knows_no_more_are_told_as_such(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    dear = {"fact": "order.paid", "op": "gt", "value": 100}
    in_force(world, a_rule("lost", "service", when=dear, stop=True, priority=1), a_rule("kept", "finance"))
    id_ = decided(world)
    without(monkeypatch, "order.paid")
    found = told(world, id_)
    assert {rule.id: rule.state for rule in found.rules} == {"lost": "unreadable", "kept": "after_stop"}
    assert [(fact.name, fact.value) for fact in found.unknown_facts] == [("order.paid", 1000)]
    assert found.comparison is not None
    assert (found.comparison.outcome, found.comparison.not_judged) == (Compared.SAME, ("lost",))
    assert next(rule for rule in found.rules if rule.id == "lost").error == "unreadable: fact"


def test_a_fact_that_was_of_another_type_then_is_not_judged(world: World) -> None:
    in_force(world, a_rule("dear", "service", when={"fact": "order.paid", "op": "in", "value": [1000]}))
    id_ = decided(world)
    assert told(world, id_).unknown_facts == ()
    kept = write_facts({"order.paid": ["a"], "order.cod": True})
    world.run("update decision set facts = :facts where stage = 'review'", facts=kept)
    found = told(world, id_)
    assert [(rule.lines[0].mark, rule.is_as_stored) for rule in found.rules] == [("retyped", True)]
    assert [(fact.name, fact.value) for fact in found.unknown_facts] == [("order.cod", True), ("order.paid", ["a"])]
    assert found.comparison is not None
    assert found.comparison.outcome is Compared.SAME


def without(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The hub after a release that has taken this fact away."""
    facts = tuple(spec for spec in VOCABULARY.facts.values() if spec.name != name)
    smaller = Vocabulary.of(facts, tuple(VOCABULARY.actions.values()))
    for module in (retelling, sight, telling):
        monkeypatch.setattr(module, "VOCABULARY", smaller)
    monkeypatch.setattr("oms.app.rulebook.documents.VOCABULARY", smaller)
    monkeypatch.setattr(readings, "_KNOWN", {})


def test_facts_that_were_changed_behind_our_back_do_not_fit_their_hash(world: World) -> None:
    in_force(world, a_rule("all", "service"))
    id_ = decided(world)
    world.run("update decision set facts = :facts where stage = 'review'", facts=write_facts({"order.lines": 7}))
    comparison = told(world, id_).comparison
    assert comparison is not None
    assert [difference.what for difference in comparison.differences] == ["facts"]


def test_the_hash_of_kept_facts_is_the_one_of_the_facts_that_were_seen(world: World) -> None:
    facts: dict[str, Any] = dict.fromkeys(VOCABULARY.facts)
    assert input_hash(read_facts(write_facts(facts), VOCABULARY.facts)) == input_hash(facts)
