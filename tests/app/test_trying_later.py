"""What can be told of the stages behind a changed one: kept from them, the same there, or not comparable."""

from __future__ import annotations

from typing import Any

from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.trying.results import explain_change
from oms.app.rulebook.versions import activate
from tests.app.rule_sets import ANY_ORDER, a_rule, in_force
from tests.app.trying import COD, PAID, another_draft, backtest, changed, some_orders
from tests.factories import World

HOLD = {"action": "hold", "params": {"reason": "look at it"}}
TAG = {"action": "add_tag", "params": {"tag": "dear"}}


def pre(rule_id: str, when: dict[str, Any], *actions: dict[str, Any]) -> dict[str, Any]:
    return {"id": rule_id, "name": rule_id, "when": when, "actions": list(actions)}


def first(world: World, *rules: dict[str, Any]) -> int:
    """A set of preprocessing in force."""
    version = create_set(world.hub, "preprocess", "global", 0, "", Content(list(rules), [], "first"), "user:1")
    activate(world.hub, version, "user:1")
    return version


def test_an_order_that_a_hold_would_keep_does_not_come_to_review(world: World) -> None:
    in_force(world, a_rule("cod", "finance", when=COD))
    version = first(world, pre("tag", ANY_ORDER, TAG))
    ids = some_orders(world, 6)
    run = backtest(world, another_draft(world, version, pre("tag", ANY_ORDER, TAG), pre("dear", PAID, HOLD)))
    assert changed(world, run.id) == dict.fromkeys(ids[4:], "newly_held")
    assert run.counts["later"] == {"review": {"kept": 2}}
    with world.hub.engine.connect() as connection:
        told = explain_change(world.hub, connection, run, ids[4])
    assert (told.later, told.stored_verdict) == ({"review": "kept"}, "add_tag")


def test_a_change_that_review_does_not_see_leaves_it_the_same(world: World) -> None:
    in_force(world, a_rule("cod", "finance", when=COD))
    version = first(world, pre("none", COD, TAG))
    some_orders(world, 6)
    run = backtest(world, another_draft(world, version, pre("none", COD, TAG), pre("dear", PAID, TAG)))
    assert run.counts["kinds"] == {"same": 4, "other_action": 2}
    assert run.counts["later"] == {"review": {"same": 2}}


def test_where_review_hangs_on_what_would_change_it_cannot_be_told(world: World) -> None:
    tagged = {"fact": "order.tags", "op": "contains_any", "value": ["dear"]}
    in_force(world, a_rule("tagged", "finance", when={"all": [tagged, {"none": [COD]}]}))
    version = first(world, pre("none", COD, TAG))
    ids = some_orders(world, 7)
    run = backtest(world, another_draft(world, version, pre("none", COD, TAG), pre("dear", PAID, TAG)))
    assert set(changed(world, run.id)) == {ids[4], ids[5]}
    assert run.counts["later"] == {"review": {"not_comparable": 2}}
