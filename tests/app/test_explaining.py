"""Why an order went its way: each rule with the values seen, judged again and compared with what is stored."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.rulebook import retelling, versions
from oms.app.rulebook.drafts import Content, create_draft, edit_draft
from oms.app.rulebook.retelling import Compared
from tests.app.explained import falsify, told
from tests.app.rule_sets import a_draft, a_rule, decided, decided_by, in_force, set_id
from tests.factories import World, a_line

DEAR = {"fact": "order.paid", "op": "gt", "value": 30000}
COD = {"fact": "order.is_cod", "op": "eq", "value": True}


def test_without_a_rule_set_an_order_passes_by_default(world: World) -> None:
    found = told(world, decided(world))
    assert (found.is_default, found.verdict, found.rules, found.comparison) == (True, "passed", (), None)


def test_every_rule_is_told_with_the_values_seen(world: World) -> None:
    either = {"any": [COD, {"all": [DEAR, {"fact": "order.is_presale", "op": "eq", "value": True}]}]}
    in_force(world, a_rule("either", "finance", when=either), a_rule("all", "service"))
    found = told(world, decided(world, lines=[a_line(paid=40000)]))
    matched, missed = found.rules
    assert (matched.id, matched.state, matched.actions_en) == (
        "all",
        "matched",
        ("send to review (tier: customer service)",),
    )
    assert (missed.id, missed.state, missed.misses) == ("either", "not_matched", 1)
    assert [(line.depth, line.kind, line.outcome, line.en, line.seen_en) for line in missed.lines] == [
        (0, "any", "false", "any of these", ""),
        (1, "condition", "false", "cash on delivery is yes", "no"),
        (1, "all", "false", "all of these", ""),
        (2, "condition", "true", "amount paid is over 300.00 CNY", "¥400.00"),
        (2, "condition", "false", "presale is yes", "no"),
    ]
    assert found.comparison is not None
    assert found.comparison.outcome is Compared.SAME
    assert (found.verdict_en, found.rule_set and found.rule_set.number) == ("to customer service", 1)


def test_rules_that_take_no_part_say_why(world: World) -> None:
    past = {"active": [{"until": "2026-01-01T00:00:00Z"}]}
    first, old = a_rule("first", "service", priority=1, stop=True), a_rule("old", "finance", priority=0, **past)
    draft = a_draft(world, first, a_rule("after", "finance"), old, a_rule("off", "finance", enabled=False))
    versions.activate(world.hub, draft, "user:1", despite_findings=True)
    states = {rule.id: rule.state for rule in told(world, decided(world)).rules}
    assert states == {"first": "matched", "after": "after_stop", "old": "inactive", "off": "disabled"}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("verdict = 'passed'", "verdict"),
        ("matched = '{other}'", "matched"),
        ("matched = null, verdict = 'passed'", "matched"),
        ("input_hash = decode(repeat('00', 16), 'hex')", "facts"),
    ],
)
def test_a_falsified_verdict_is_told_as_differing(world: World, change: str, what: str) -> None:
    in_force(world, a_rule("all", "service"))
    id_ = decided(world)
    falsify(world, id_, change)
    comparison = told(world, id_).comparison
    assert comparison is not None
    assert comparison.outcome is Compared.DIFFERS
    assert what in {difference.what for difference in comparison.differences}


def test_an_engine_that_has_changed_since_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    in_force(world, a_rule("all", "service"))
    id_ = decided(world)
    monkeypatch.setattr(retelling, "ENGINE_VERSION", 99)
    comparison = told(world, id_).comparison
    assert comparison is not None
    assert (comparison.outcome, comparison.engine_now) == (Compared.ENGINE_CHANGED, "99")
    assert comparison.differences == ()


def test_a_body_that_was_changed_behind_our_back_is_told_as_differing(world: World) -> None:
    version = in_force(world, a_rule("all", "service"))
    id_ = decided(world)
    world.run("alter table rule_set_version disable trigger user")
    world.run(
        """update rule_set_version set body = jsonb_set(body, '{rules,0,enabled}', 'false') where id = :id""", id=version
    )
    comparison = told(world, id_).comparison
    assert comparison is not None
    assert comparison.outcome is Compared.DIFFERS
    assert [(each.stored, each.now) for each in comparison.differences if each.what == "matched"] == [("all", "")]


def test_canaries_and_versions_that_were_rolled_back_are_named_rightly(world: World) -> None:
    first = in_force(world, a_rule("first", "service"))
    draft = versions_draft(world, set_id(world, first), a_rule("second", "finance"))
    versions.activate(world.hub, draft, "user:1", share=50)
    orders = [decided(world) for _ in range(12)]
    by_canary = [id_ for id_ in orders if decided_by(world, id_) == draft]
    by_main = [id_ for id_ in orders if decided_by(world, id_) == first]
    assert by_canary
    assert by_main
    named = told(world, by_canary[0]).rule_set
    assert named is not None
    assert (named.number, named.state, named.canary) == (2, "active", 50)
    versions.promote_canary(world.hub, set_id(world, first), "user:1")
    last = decided(world)
    shares = [
        (rule_set.number, rule_set.share)
        for id_ in (by_main[0], by_canary[0], last)
        if (rule_set := told(world, id_).rule_set)
    ]
    assert shares == [(1, 100), (2, 50), (2, 100)]
    versions.roll_back(world.hub, first, "user:1", "too many orders")
    for id_, number, state in ((by_main[0], 1, "active"), (by_canary[0], 2, "archived"), (last, 2, "archived")):
        found = told(world, id_)
        assert found.rule_set is not None
        assert (found.rule_set.number, found.rule_set.state) == (number, state)
        assert found.comparison is not None
        assert found.comparison.outcome is Compared.SAME


def test_places_that_lost_are_named(world: World) -> None:
    in_force(world, a_rule("wide", "service"), name="for all")
    in_force(world, a_rule("narrow", "finance"), scope="shop", scope_id=1, name="for one")
    found = told(world, decided(world))
    assert found.rule_set is not None
    assert (found.rule_set.scope, found.rule_set.place_zh) == ("shop", "店")
    assert [(other.scope, other.name, other.why) for other in found.others] == [("global", "for all", "more_exact")]


def versions_draft(world: World, rule_set_id: int, *rules: dict[str, Any]) -> int:
    """A draft of a set with these rules."""
    draft = create_draft(world.hub, rule_set_id, "user:1", is_empty=True, comment="next")
    edit_draft(world.hub, draft, Content(list(rules), [], "next"), 1, "user:1")
    return draft
