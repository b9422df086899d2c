"""A backtest says which past orders a draft would decide otherwise, from the facts of their decisions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oms.app.rulebook.trying import past
from oms.app.rulebook.trying.backtests import Period
from oms.app.rulebook.trying.questions import Filter
from oms.domain.errors import Invalid, NotFound
from tests.app.rule_sets import a_draft, a_rule, in_force
from tests.app.trying import COD, MANY, PAID, PERIOD, another_draft, backtest, changed, found, some_orders
from tests.factories import START, World, a_line, advance, an_order


def test_the_same_rules_change_nothing(world: World) -> None:
    rules = a_rule("cod", "finance", when=COD), a_rule("paid", "service", when=PAID)
    version = in_force(world, *rules)
    some_orders(world)
    run = backtest(world, another_draft(world, version, *rules))
    assert (run.state, run.done, run.total) == ("done", 12, 12)
    assert run.counts["kinds"] == {"same": 12}
    assert run.counts["stored"] == {"same": 12}
    assert changed(world, run.id) == {}


def test_one_more_rule_changes_exactly_the_orders_that_it_matches(world: World) -> None:
    version = in_force(world, a_rule("cod", "finance", when=COD), a_rule("many", "service", when=MANY))
    ids = some_orders(world)
    more = a_rule("paid", "courier", when=PAID)
    kept = [a_rule("cod", "finance", when=COD), a_rule("many", "service", when=MANY)]
    run = backtest(world, another_draft(world, version, *kept, more))
    matched = set(ids[4:])
    assert set(changed(world, run.id)) == matched
    held = {id_ for at, id_ in enumerate(ids) if at % 3 == 0 or at % 4 >= 2}
    kinds = changed(world, run.id)
    assert {id_ for id_, kind in kinds.items() if kind == "newly_held"} == matched - held
    assert {id_ for id_, kind in kinds.items() if kind == "other_tier"} == matched & held
    assert run.counts["rules"]["after"] == {"paid": len(matched)}
    assert run.counts["money"]["newly_held"] == {"CNY": sum(1000 * (ids.index(id_) + 1) for id_ in matched - held)}


def test_one_rule_less_lets_orders_go(world: World) -> None:
    version = in_force(world, a_rule("cod", "finance", when=COD))
    ids = some_orders(world)
    run = backtest(world, another_draft(world, version))
    assert changed(world, run.id) == dict.fromkeys(ids[::3], "newly_passed")
    assert run.counts["people"] == {"newly_passed": {"waiting": 4}}


def test_a_fact_that_was_not_kept_and_stands_for_now_leaves_orders_not_comparable(world: World) -> None:
    """Only where the rule hangs on it: what another condition settles is comparable."""
    version = in_force(world, a_rule("cod", "finance", when=COD))
    ids = some_orders(world)
    level = {"fact": "buyer.level", "op": "eq", "value": "vip"}
    draft = another_draft(
        world, version, a_rule("cod", "finance", when=COD), a_rule("vip", "service", when={"all": [PAID, level]})
    )
    run = backtest(world, draft)
    assert changed(world, run.id) == dict.fromkeys(ids[4:], "not_comparable")
    assert run.counts["facts"] == {"buyer.level": 8}
    assert run.counts["kinds"] == {"same": 4, "not_comparable": 8}


def test_a_fact_that_is_younger_than_the_order_is_unknown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    version = in_force(world, a_rule("cod", "finance", when=COD))
    old = some_orders(world, 3)
    world.clock.forward(86400)
    new = some_orders(world, 3)
    monkeypatch.setitem(past.YOUNGER, "order.units", START + timedelta(hours=1))
    draft = another_draft(world, version, a_rule("cod", "finance", when=COD), a_rule("all", "service", when=MANY))
    run = backtest(world, draft)
    kinds = changed(world, run.id)
    assert {id_ for id_, kind in kinds.items() if kind == "unknown"} == set(old)
    assert {id_ for id_, kind in kinds.items() if kind == "newly_held"} == {new[2]}
    assert run.counts["facts"] == {"order.units": 3}


def test_what_the_decision_kept_counts_and_not_what_the_order_is_now(world: World) -> None:
    version = in_force(world, a_rule("paid", "finance", when=PAID))
    id_ = an_order(world)
    advance(world)
    world.run("update orders set paid_total = 900000 where id = :id", id=id_)
    run = backtest(world, another_draft(world, version, a_rule("paid", "service", when=PAID)))
    assert changed(world, run.id) == {}


def test_a_fact_that_was_of_another_type_when_it_was_kept_is_not_believed(world: World) -> None:
    version = in_force(world, a_rule("cod", "finance", when=COD))
    ids = some_orders(world, 3)
    world.run("update decision set facts = :kept where order_id = :id", id=ids[0], kept=b'{"order.is_cod": "yes"}')
    world.run("update decision set facts = :kept where order_id = :id", id=ids[1], kept=b'{"order.is_cod": null}')
    run = backtest(world, another_draft(world, version, a_rule("cod", "service", when=COD)))
    assert run.counts["stored"] == {"not_kept": 1, "same": 2}
    assert changed(world, run.id) == {ids[0]: "other_tier"}, "told by the stored order instead"


def test_a_verdict_that_its_own_version_does_not_lead_to_is_counted_apart(world: World) -> None:
    version = in_force(world, a_rule("paid", "finance", when=PAID))
    some_orders(world, 6)
    world.run("update decision set matched = '{x}' where order_id = (select min(order_id) from decision)")
    run = backtest(world, another_draft(world, version, a_rule("paid", "finance", when=PAID)))
    assert run.counts["stored"] == {"same": 5, "differs": 1}
    assert run.counts["kinds"] == {"same": 6}


def test_orders_that_no_rules_decided_are_tried_on_what_is_stored(world: World) -> None:
    ids = some_orders(world, 6)
    run = backtest(world, a_draft(world, a_rule("paid", "finance", when=PAID)))
    assert changed(world, run.id) == dict.fromkeys(ids[4:], "newly_held")
    assert run.counts["stored"] == {"none": 6}


def test_orders_that_never_came_to_the_stage_are_counted_apart(world: World) -> None:
    version = in_force(world, a_rule("cod", "finance", when=COD))
    an_order(world, [a_line("1", "", 1, 9000)])  # Nobody knows its goods, so it is held before review.
    ids = some_orders(world, 6)
    run = backtest(world, another_draft(world, version, a_rule("paid", "finance", when=PAID)))
    assert run.counts["kinds"] == {"not_reached": 1, "newly_passed": 2, "newly_held": 2, "same": 2}
    assert sum(run.counts["stored"].values()) == 6
    assert set(changed(world, run.id)) == {ids[0], ids[3], ids[4], ids[5]}


def test_sealed_facts_are_asked_of_the_receiver_while_its_key_exists(world: World) -> None:
    version = in_force(world, a_rule("cod", "finance", when=COD))
    ids = some_orders(world, 3)
    world.run("delete from data_key where id = :id", id=ids[1])
    named = {"fact": "receiver.name", "op": "eq", "value": "周明"}
    draft = another_draft(world, version, a_rule("cod", "finance", when=COD), a_rule("n", "service", when=named))
    run = backtest(world, draft)
    assert changed(world, run.id) == {ids[0]: "other_tier", ids[1]: "not_comparable", ids[2]: "newly_held"}
    assert run.counts["facts"] == {"receiver.name": 1}


def test_filters_narrow_what_is_looked_at(world: World) -> None:
    version = in_force(world, a_rule("cod", "finance", when=COD))
    ids = some_orders(world)
    draft = another_draft(world, version)
    dear = backtest(world, draft, asked=Filter(least=5000, most=9000))
    assert (dear.total, set(changed(world, dear.id))) == (5, {ids[6]})
    assert set(changed(world, backtest(world, draft, asked=Filter(verdict="finance")).id)) == set(ids[::3])
    assert backtest(world, draft, asked=Filter(verdict="passed")).counts["kinds"] == {"same": 8}
    assert backtest(world, draft, asked=Filter(term="cod")).total == 4
    assert backtest(world, draft, asked=Filter(currency="USD")).total == 0


def test_changes_that_a_shops_plan_of_review_makes_alike_are_counted(world: World) -> None:
    version = in_force(world, a_rule("cod", "finance", when=COD))
    ids = some_orders(world, 6)
    world.run("insert into shop_tier (shop_id, tier, mode) values (1, 1, 'manual'), (1, 8, 'skip')")
    rules = a_rule("cod", "finance", when=COD), a_rule("a", "courier", when=PAID), a_rule("b", "service", when=MANY)
    run = backtest(world, another_draft(world, version, *rules))
    assert set(changed(world, run.id)) == {ids[2], ids[3], ids[4], ids[5]}
    assert run.counts["without_effect"] == 4
    other = backtest(world, another_draft(world, version, a_rule("cod", "logistics", when=COD)))
    assert "without_effect" not in other.counts


def test_a_period_that_cannot_be_is_refused(world: World) -> None:
    draft = a_draft(world, a_rule("paid", "finance", when=PAID))
    for period in (Period(START, START), Period(START - timedelta(days=500), START)):
        with pytest.raises(Invalid):
            backtest(world, draft, period=period)
    with pytest.raises(Invalid, match="would be decided"):
        backtest(world, draft, shops=())


def test_a_backtest_of_shops_that_a_person_may_not_see_is_not_there(world: World) -> None:
    draft = a_draft(world, a_rule("paid", "finance", when=PAID))
    run = backtest(world, draft)
    with pytest.raises(NotFound):
        found(world, run.id, (2,))
    assert PERIOD.since < START
