"""Rules that people wave through are proposed for loosening, those that let the wrong orders go for the reverse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oms.app.pipeline.reviewing.passing import pass_orders, send_back
from oms.app.rulebook.trying import agreement as module
from oms.app.rulebook.trying.agreement import Agreement, agreement
from oms.app.rulebook.trying.coverage import SetCoverage, coverage
from tests.app.rule_sets import a_rule, in_force, set_id
from tests.app.trying import COD, MANY, PAID, some_orders
from tests.factories import START, World

SINCE, UNTIL = START - timedelta(days=7), START + timedelta(days=7)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_ORDERS", 3)


def agreed(world: World, shops: tuple[int, ...] = (1,)) -> Agreement:
    with world.hub.engine.connect() as connection:
        return agreement(connection, shops, SINCE, UNTIL)


def covered(world: World, shops: tuple[int, ...] = (1,), **period: Any) -> list[SetCoverage]:
    with world.hub.engine.connect() as connection:
        return coverage(connection, shops, period.get("since", SINCE), period.get("until", UNTIL))


@pytest.mark.usefixtures("few")
def test_a_rule_whose_orders_people_release_at_once_may_be_loosened(world: World) -> None:
    version = in_force(world, a_rule("cod", "finance", when=COD), a_rule("paid", "service", when=PAID))
    ids = some_orders(world)
    world.clock.forward(30)
    pass_orders(world.hub, ids[::3], 2, "user:1")
    (paid, cod) = agreed(world).sent
    assert (cod.rule_set_id, cod.rule_id, cod.sent, cod.at_once, cod.waiting) == (set_id(world, version), "cod", 4, 2, 2)
    assert (paid.rule_id, paid.sent, paid.waiting) == ("paid", 8, 8)
    world.clock.forward(600)
    pass_orders(world.hub, ids[4:], 1, "user:1")
    (paid, cod) = agreed(world).sent
    assert (paid.at_once, paid.released, paid.median_s, paid.may_be_loosened) == (0, 8, 630, False)
    assert cod.median_s in (30, 330)
    assert set(cod.orders) <= set(ids[::3])


@pytest.mark.usefixtures("few")
def test_all_waved_through_is_proposed_and_one_sent_back_of_three_is_not(world: World) -> None:
    in_force(world, a_rule("cod", "finance", when=COD))
    ids = some_orders(world, 9)[::3]
    world.clock.forward(30)
    pass_orders(world.hub, ids, 2, "user:1")
    assert [rule.may_be_loosened for rule in agreed(world).sent] == [True]
    more = some_orders(world, 3)[::3]
    send_back(world.hub, more, 2, "user:1", "the number is wrong")
    (cod,) = agreed(world).sent
    assert (cod.sent, cod.at_once, cod.sent_back, cod.may_be_loosened) == (4, 3, 1, False)


@pytest.mark.usefixtures("few")
def test_what_was_let_go_and_came_back_is_told_by_rule_and_for_the_default(world: World) -> None:
    in_force(world, a_rule("many", when=MANY))
    ids = some_orders(world, 8)
    world.run("""insert into cases (shop_id, external_no, order_id, kind, opened_at, changed_at)
                 values (1, 'C1', :id, 'refund', now(), now())""", id=ids[2])  # fmt: skip
    world.run("""insert into interception (fulfilment_id, order_id, reason, state)
                 values (1, :id, 'refund', 'succeeded')""", id=ids[0])  # fmt: skip
    found = {rule.rule_id: rule for rule in agreed(world).let_go}
    many, default = found["many"], found[""]
    assert (many.passed, many.refunded, many.intercepted, many.orders) == (4, 1, 0, [ids[2]])
    assert (default.passed, default.refunded, default.intercepted) == (4, 0, 1)
    assert (many.share, many.may_be_tightened) == (0.25, True)


def test_rules_that_never_matched_come_first_and_the_default_is_counted(world: World) -> None:
    version = in_force(
        world, a_rule("cod", "finance", when=COD),
        a_rule("rare", "service", when={"fact": "order.paid", "op": "gt", "value": 10**9}),
        a_rule("off", "service", when=PAID, enabled=False),
    )  # fmt: skip
    some_orders(world, 9)
    (found,) = covered(world)
    assert (found.rule_set_id, found.decided, found.by_default) == (set_id(world, version), 9, 6)
    assert [(rule.rule_id, rule.times) for rule in found.rules] == [("rare", 0), ("cod", 3)]
    assert [rule.rule_id for rule in found.silent] == ["rare"]
    assert found.is_young
    (later,) = covered(world, since=START + timedelta(days=1), until=START + timedelta(days=2))
    assert (later.decided, later.is_young, len(later.silent)) == (0, False, 2)


def test_only_orders_and_sets_of_the_shops_that_are_asked_about_count(world: World) -> None:
    in_force(world, a_rule("cod", "finance", when=COD))
    in_force(world, a_rule("own", "finance", when=COD), scope="shop", scope_id=1)
    some_orders(world, 3)
    assert agreed(world, (2,)) == Agreement([], [])
    (found,) = covered(world, (2,))
    assert (found.scope, found.decided) == ("global", 0)
