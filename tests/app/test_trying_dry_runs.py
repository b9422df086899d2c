"""A dry run tells what rules would decide for an order now, beside what is in force, and changes nothing at all."""

from __future__ import annotations

import pytest

from oms.app.rulebook.trying.backtests import ask_backtest
from oms.app.rulebook.trying.dry import try_rules, try_version
from oms.domain.errors import Forbidden, Invalid, NotFound
from tests.app.rule_sets import a_draft, a_rule, in_force
from tests.app.trying import COD, PAID, PERIOD, another_draft
from tests.factories import World, a_line, advance, an_order


def dump(world: World) -> dict[str, list[str]]:
    """Every row of every table with its system columns: what a lock or an update without effect would show in, too."""
    tables = world.rows(
        "select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'"
    )
    return {
        name: sorted(str(row) for row in world.rows(f"select t.xmin::text, t.xmax::text, t::text from {name} t"))
        for (name,) in tables
    }


def test_a_dry_run_leaves_every_table_as_it_was(world: World) -> None:
    version = in_force(world, a_rule("cod", "finance", when=COD))
    id_ = an_order(world, [a_line("1", "A", 2, 9000)])
    advance(world)
    draft = another_draft(world, version, a_rule("paid", "service", when=PAID))
    before = dump(world)
    assert len(before) > 50
    assert try_version(world.hub, draft, "review", id_).kind == "newly_held"
    assert dump(world) == before


def test_rules_that_are_stored_nowhere_are_tried_beside_what_is_in_force(world: World) -> None:
    version = in_force(world, a_rule("cod", "finance", when=COD), a_rule("paid", "service", when=PAID))
    id_ = an_order(world, [a_line("1", "A", 1, 9000)], is_cod=True)
    told = try_rules(world.hub, "review", [a_rule("cod", "courier", when=COD)], id_)
    assert (told.kind, told.in_force.version_id, told.tried.version_id) == ("other_tier", version, 0)
    assert told.tried.asked == [("send_to_tier", {"tier": "courier"})]
    assert told.in_force.matched == ("cod", "paid")
    assert told.facts == {"order.is_cod": True, "order.paid": 9000}


def test_the_explanation_shows_every_condition_with_the_value_seen(world: World) -> None:
    id_ = an_order(world, [a_line("1", "A", 1, 9000)])
    told = try_rules(world.hub, "review", [a_rule("both", "finance", when={"all": [PAID, COD]})], id_)
    (rule,) = told.tried.rules
    assert (rule.state, rule.misses) == ("not_matched", 1)
    group, *leaves = rule.lines
    assert group.kind == "all"
    assert [(leaf.fact, leaf.seen, leaf.outcome) for leaf in leaves] == [
        ("order.paid", 9000, "true"), ("order.is_cod", False, "false"),
    ]  # fmt: skip
    assert leaves[0].zh.endswith("50.00元")
    assert told.in_force.rules == ()


def test_what_is_personal_is_judged_but_not_shown(world: World) -> None:
    id_ = an_order(world)
    named = {"fact": "receiver.name", "op": "eq", "value": "周明"}
    told = try_rules(world.hub, "review", [a_rule("n", "finance", when=named)], id_, sees_plain=True)
    assert told.tried.stops
    assert told.facts == {"receiver.name": {"sealed": True}}
    (line,) = told.tried.rules[0].lines
    assert (line.seen, line.mark, "周明" in line.zh) == (None, "sealed", False)


def test_who_may_not_see_receivers_cannot_ask_for_them_by_rules(world: World) -> None:
    id_ = an_order(world)
    named = a_rule("n", "finance", when={"none": [{"fact": "receiver.phone", "op": "starts_with", "value": "138"}]})
    with pytest.raises(Forbidden, match=r"receiver\.phone"):
        try_rules(world.hub, "review", [named], id_)
    draft = a_draft(world, named)
    with pytest.raises(Forbidden):
        try_version(world.hub, draft, "review", id_)
    with pytest.raises(Forbidden):
        ask_backtest(world.hub, draft, PERIOD, (1,), "user:1")
    other = a_draft(world, a_rule("paid", "service", when=PAID), scope="shop", scope_id=1)
    with pytest.raises(Forbidden):
        ask_backtest(world.hub, other, PERIOD, (1,), "user:1", against_id=draft)
    assert world.one("select count(*) from backtest") == 0


def test_broken_rules_and_missing_orders_are_refused(world: World) -> None:
    with pytest.raises(Invalid, match=r"order\.nothing"):
        try_rules(world.hub, "review", [a_rule("x", when={"fact": "order.nothing", "op": "eq", "value": 1})], 1)
    with pytest.raises(NotFound):
        try_rules(world.hub, "review", [a_rule("x")], 987654321)


def test_a_dry_run_does_not_wait_for_the_lock_of_an_order(world: World) -> None:
    """Somebody else holds the lock of the order and its fulfilments meanwhile."""
    id_ = an_order(world)
    advance(world)
    with world.hub.begin() as connection:
        connection.exec_driver_sql("select id from orders for update")
        connection.exec_driver_sql("select id from fulfilment for update")
        told = try_rules(world.hub, "review", [a_rule("paid", when=PAID)], id_)
    assert told.kind == "same"
