"""Each action of fetch, preprocess, intercept and SLA changes something that a user sees, and takes it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from oms.app.kernel.holds import lift
from oms.app.pipeline.lateness.escalating import escalate_due
from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.versions import activate, retire
from oms.app.rulebook.waking import wake_held
from oms.jobs.upkeep import forget_notices, forget_rule_uses
from tests.app.rule_sets import ANY_ORDER, set_id
from tests.factories import World, a_line, advance, an_order, drain


def in_force(world: World, stage: str, *actions: tuple[str, dict[str, Any]], when: Any = None, rule: str = "r1") -> int:
    """A rule of a stage in force for every shop."""
    document = {
        "id": rule, "name": rule, "when": when or ANY_ORDER,
        "actions": [{"action": name, "params": params} for name, params in actions],
    }  # fmt: skip
    version_id = create_set(world.hub, stage, "global", 0, f"{stage} set", Content([document], [], "first"), "user:1")
    activate(world.hub, version_id, "user:1")
    return version_id


def run(world: World, statement: str, **values: Any) -> None:
    with world.hub.begin() as connection:
        connection.execute(text(statement), values)


def order_row(world: World, id_: int) -> Any:
    return world.rows("select * from orders where id = :id", id=id_)[0]


def open_holds(world: World, id_: int) -> dict[str, Any]:
    rows = world.rows("select kind, seen from hold where order_id = :id and cleared_at is null", id=id_)
    return {row.kind: row.seen for row in rows}


def walk_again(world: World, id_: int) -> None:
    run(world, "update orders set ready_at = :now where id = :id", now=world.clock(), id=id_)
    world.clock.forward(3)
    advance(world)


def taken(world: World, **changes: Any) -> int:
    id_ = an_order(world, **changes)
    advance(world)
    return id_


def a_team(world: World) -> None:
    run(world, "insert into user_group (code, name) values ('night', 'night')")


def test_hold_names_rule_and_reason_and_keeps_the_order_from_being_planned(world: World) -> None:
    in_force(world, "preprocess", ("hold", {"reason": "check the gift card"}))
    id_ = taken(world)
    assert open_holds(world, id_) == {"by_rule": {"rules": ["r1"], "reason": "check the gift card"}}
    assert world.one("select count(*) from fulfilment where lead_order_id = :id", id=id_) == 0
    assert order_row(world, id_).phase == "held"


def test_what_a_person_lifted_the_same_rule_does_not_hold_again(world: World) -> None:
    in_force(world, "preprocess", ("hold", {"reason": "look"}))
    id_ = taken(world)
    hold = world.one("select id from hold where order_id = :id", id=id_)
    lift(world.hub, hold, "user:1", "seen")
    advance(world)
    assert open_holds(world, id_) == {}
    assert world.one("select count(*) from fulfilment where lead_order_id = :id", id=id_) == 1


def test_a_hold_goes_when_its_rule_is_out_of_force(world: World) -> None:
    version = in_force(world, "preprocess", ("hold", {"reason": "look"}))
    id_ = taken(world)
    retire(world.hub, set_id(world, version), "user:1", "not needed")
    walk_again(world, id_)
    assert open_holds(world, id_) == {}


@pytest.mark.parametrize("stage", ["fetch", "preprocess"])
def test_waiting_ends_by_itself_at_its_time(world: World, stage: str) -> None:
    in_force(world, stage, ("wait", {"span": 3600}))
    id_ = taken(world)
    seen = open_holds(world, id_)["waiting"]
    row = order_row(world, id_)
    assert seen["stage"] == stage
    assert row.ready_at == row.paid_at + timedelta(hours=1)
    world.clock.forward(3605)
    advance(world)
    assert open_holds(world, id_) == {}
    assert world.one("select count(*) from fulfilment where lead_order_id = :id", id=id_) == 1


def test_an_order_left_to_its_owner_is_never_planned(world: World) -> None:
    in_force(world, "fetch", ("leave_to_owner", {}), ("set_owner", {"owner": "agent"}))
    id_ = taken(world)
    row = order_row(world, id_)
    assert (row.fulfiller, row.owner) == ("owner", "agent")
    assert world.one("select count(*) from fulfilment where lead_order_id = :id", id=id_) == 0


def test_tags_priority_and_seal_are_on_the_order(world: World) -> None:
    in_force(
        world, "preprocess", ("add_tag", {"tag": "big"}), ("add_tag", {"tag": "vip"}), ("set_priority", {"priority": 7}),
        ("seal", {}),
    )  # fmt: skip
    id_ = taken(world)
    row = order_row(world, id_)
    assert (row.tags, row.priority, row.is_sealed) == (["big", "vip"], 7, True)
    assert world.one("select is_sealed from fulfilment where lead_order_id = :id", id=id_) is True


def test_a_tag_of_preprocess_is_a_fact_of_review(world: World) -> None:
    in_force(world, "preprocess", ("add_tag", {"tag": "big"}))
    tagged = {"fact": "order.tags", "op": "contains_any", "value": ["big"]}
    in_force(world, "review", ("send_to_tier", {"tier": "finance"}), when=tagged)
    id_ = taken(world)
    assert order_row(world, id_).tiers_waiting == 2


def test_a_team_is_told_once(world: World) -> None:
    a_team(world)
    in_force(world, "preprocess", ("notify", {"team": "night", "words": "large order"}))
    id_ = taken(world)
    walk_again(world, id_)
    rows = world.rows("select kind, order_id, words from notice")
    assert [tuple(row) for row in rows] == [("rule", id_, "large order")]


def test_an_own_order_is_cancelled_and_a_platform_order_is_held(world: World) -> None:
    in_force(world, "preprocess", ("cancel", {"reason": "test order"}))
    id_ = taken(world)
    assert order_row(world, id_).status == "open"
    assert open_holds(world, id_)["by_rule"]["reason"] == "test order"
    run(world, "update orders set origin = 'manual' where id = :id", id=id_)
    walk_again(world, id_)
    assert order_row(world, id_).status == "cancelled"


def test_a_planned_order_is_stopped_and_goes_on_when_no_rule_asks(world: World) -> None:
    id_ = taken(world)
    assert world.one("select count(*) from fulfilment where lead_order_id = :id and status <> 'cancelled'", id=id_) == 1
    version = in_force(world, "intercept", ("stop", {"reason": "recall"}))
    walk_again(world, id_)
    assert open_holds(world, id_)["stopped_by_rule"]["reason"] == "recall"
    assert world.one("select count(*) from fulfilment where lead_order_id = :id and status = 'sent'", id=id_) == 0
    retire(world.hub, set_id(world, version), "user:1", "over")
    walk_again(world, id_)
    assert open_holds(world, id_) == {}


def test_a_rule_undercuts_the_deadline_and_escalates_in_time(world: World) -> None:
    a_team(world)
    in_force(
        world, "sla", ("set_deadline", {"after": 7200}), ("escalate", {"before": 1800, "team": "night", "words": "late"})
    )
    held = {"fact": "order.number", "op": "starts_with", "value": "T"}
    in_force(world, "preprocess", ("hold", {"reason": "stay"}), when=held)
    id_ = taken(world, no="T77")
    row = order_row(world, id_)
    assert row.ship_by == row.paid_at + timedelta(hours=2)
    assert escalate_due(world.hub) == 0
    world.clock.forward(6300)
    assert escalate_due(world.hub) == 1
    assert escalate_due(world.hub) == 0
    assert [tuple(r) for r in world.rows("select kind, words from notice")] == [("escalation", "late")]


def test_what_a_stage_says_again_is_recorded_once(world: World) -> None:
    in_force(world, "preprocess", ("add_tag", {"tag": "big"}))
    id_ = taken(world, lines=[a_line("1", "NONE", 1, 100)])
    walk_again(world, id_)
    walk_again(world, id_)
    assert world.one("select count(*) from decision where order_id = :id and stage = 'preprocess'", id=id_) == 1


def test_a_rule_that_cannot_be_judged_leaves_its_order_to_people(world: World) -> None:
    unknown = {"fact": "goods.weight", "op": "gt", "value": 1}
    in_force(world, "preprocess", ("add_tag", {"tag": "heavy"}), when=unknown, rule="weigh")
    run(world, "update sku set weight_g = 0")
    id_ = taken(world)
    assert open_holds(world, id_)["by_rule"] == {"rules": ["weigh"], "reason": "weigh: unknown fact"}


def test_what_no_limit_counts_and_nobody_reads_any_more_is_forgotten(world: World) -> None:
    for days, name in ((0, "new"), (3, "old"), (100, "oldest")):
        run(
            world,
            """insert into rule_use (rule_set_id, rule_id, action, order_id, at)
               values (1, :name, 'cancel', 1, now() - make_interval(days => :days))""",
            days=days, name=name,
        )  # fmt: skip
        run(
            world,
            "insert into notice (kind, key, at) values ('rule', :name, now() - make_interval(days => :days))",
            days=days, name=name,
        )  # fmt: skip
    assert (forget_rule_uses(world.hub), forget_notices(world.hub)) == (2, 1)
    assert world.rows("select rule_id from rule_use") == [("new",)]
    assert sorted(row[0] for row in world.rows("select key from notice")) == ["new", "old"]


def test_a_change_of_rules_frees_what_they_held_without_anybody_lifting_it(world: World) -> None:
    version = in_force(world, "preprocess", ("hold", {"reason": "look"}))
    ids = [taken(world), taken(world)]
    assert wake_held(world.hub) == 0
    retire(world.hub, set_id(world, version), "user:1", "wild")
    world.clock.forward(5)
    assert drain(wake_held, world) >= 1
    advance(world)
    assert [open_holds(world, id_) for id_ in ids] == [{}, {}]
    assert wake_held(world.hub) == 0


def test_rules_leave_alone_what_has_left(world: World) -> None:
    id_ = taken(world)
    run(world, "update demand set planned = 0, shipped = units")
    run(world, "update order_line set planned = 0, shipped = ordered")
    in_force(world, "preprocess", ("hold", {"reason": "too late"}), ("add_tag", {"tag": "late"}))
    walk_again(world, id_)
    assert open_holds(world, id_) == {}
    assert order_row(world, id_).tags == []
    run(world, "update demand set planned = units, shipped = 0")
    run(world, "update order_line set planned = ordered, shipped = 0")
