"""Gifts follow their order and rule: bought more, refund withdrawn, spans over, limits by the hour, the same SKU."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oms.app.intercept.orders import cancel_order
from oms.app.pipeline.reviewing.passing import pass_orders
from oms.app.rulebook.versions import retire
from tests.app.gift_rules import a_rule, counted, gift, gifts_in_force, gifts_of, log_of
from tests.app.rule_sets import set_id
from tests.app.shipping import ship_all
from tests.app.test_asked import taken, walk_again
from tests.app.test_gifts_leaving import changed
from tests.factories import START, World, a_document, a_line, advance, an_order, raw, review_all, settle, take


@pytest.fixture
def patient(make_world: Any) -> World:
    """A shop with a merge window of ten minutes."""
    made: World = make_world(window=600)
    return made


def test_who_buys_more_earns_more(patient: World) -> None:
    gifts_in_force(patient, a_rule("g1", ("add_gift_per_units", {"sku": "E", "units": 1, "per": 2, "stock": 9})))
    an_order(patient, [a_line("1", "A", 2, 2000)], no="T1")
    advance(patient)
    id_ = changed(patient, "T1", [a_line("1", "A", 4, 4000)])
    assert (gifts_of(patient, id_), counted(patient)) == ({"E": 2}, {"E": 2})
    live = [work for work in patient.fulfilments(id_) if work.status == "planned"]
    assert len(live) == 1


def test_a_refund_that_is_withdrawn_gives_the_gift_again(patient: World) -> None:
    gift(patient, "E", 1, stock=5)
    line = a_line("1", "A")
    an_order(patient, [line], no="T1")
    advance(patient)
    id_ = changed(patient, "T1", [line | {"refund": "asked", "case_no": "C1"}])
    assert (gifts_of(patient, id_), counted(patient)) == ({}, {"E": 0})
    changed(patient, "T1", [line | {"refund": "closed", "case_no": "C1"}], at=120)
    assert (gifts_of(patient, id_), counted(patient)) == ({"E": 1}, {"E": 1})
    assert log_of(patient, id_) == [("g1", "E", 1, "given", "")]


def test_what_a_cancelled_order_gives_back_the_next_one_gets(patient: World) -> None:
    gift(patient, "E", 1, stock=1)
    first = taken(patient)
    cancel_order(patient.hub, first, "user:1", "wrong")
    advance(patient)
    assert gifts_of(patient, taken(patient)) == {"E": 1}
    assert gifts_of(patient, taken(patient)) == {}


def test_an_order_in_review_is_planned_once_more_when_its_gift_goes(world: World) -> None:
    review_all(world, "service")
    version = gift(world, "E")
    id_ = taken(world)
    retire(world.hub, set_id(world, version), "user:1", "over")
    walk_again(world, id_)
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled", "planned"]
    pass_orders(world.hub, [id_], 1, "user:1")
    settle(world)
    (notice,) = world.script.asked("create")
    assert [(line.sku_code, line.units) for line in notice.lines] == [("A", 1)]


def test_what_has_been_sent_keeps_its_gift_when_the_rule_ends(world: World) -> None:
    version = gift(world, "E")
    id_ = an_order(world)
    settle(world)
    retire(world.hub, set_id(world, version), "user:1", "over")
    walk_again(world, id_)
    assert gifts_of(world, id_) == {"E": 1}


def test_a_rule_gives_only_within_its_spans(world: World) -> None:
    until = (START + timedelta(hours=1)).isoformat()
    span = [{"from": START.isoformat(), "until": until}]
    gifts_in_force(world, a_rule("g1", ("add_gift", {"sku": "E", "units": 1}), active=span))
    assert gifts_of(world, taken(world)) == {"E": 1}
    world.clock.forward(3601)
    assert gifts_of(world, taken(world)) == {}


def test_the_first_tier_that_stops_gives_alone(world: World) -> None:
    paid = {"fact": "order.paid", "op": "gt", "value": 4999}
    high = a_rule("high", ("add_gift", {"sku": "E", "units": 1}), when=paid, priority=1, stop=True)
    gifts_in_force(world, high, a_rule("low", ("add_gift", {"sku": "D", "units": 1}), priority=2))
    assert gifts_of(world, taken(world, lines=[a_line("1", "A", 1, 6000)])) == {"E": 1}
    assert gifts_of(world, taken(world)) == {"D": 1}


def test_a_rule_past_its_limit_by_the_hour_gives_no_more_and_people_are_asked(world: World) -> None:
    limit = {"rule": "g1", "action": "add_gift", "per_hour": 1}
    gifts_in_force(world, a_rule("g1", ("add_gift", {"sku": "E", "units": 1})), limits=[limit])
    first, second = taken(world), taken(world)
    assert [gifts_of(world, id_) for id_ in (first, second)] == [{"E": 1}, {}]
    assert world.holds(second) == {"by_rule"}


def test_a_gift_of_the_very_sku_that_was_bought_leaves_with_it(world: World) -> None:
    gifts_in_force(world, a_rule("g1", ("add_gift_per_units", {"sku": "A", "units": 1, "per": 2, "bought": "A"})))
    id_ = an_order(world, [a_line("1", "A", 3, 3000)])
    settle(world)
    ship_all(world, id_)
    settle(world)
    assert gifts_of(world, id_) == {"A": 1}
    assert world.phase(id_) == "shipped"
    assert world.one("select shipped from order_line where order_id = :id", id=id_) == 3
    assert len(world.script.asked("push_shipment")) == 1


def test_a_gift_adds_nothing_to_what_is_collected(world: World) -> None:
    gift(world, "E", 3)
    id_ = taken(world, is_cod=True)
    assert world.one("select collect_amount from fulfilment where lead_order_id = :id", id=id_) == 1000


def test_a_team_is_told_by_a_gift_rule(world: World) -> None:
    told = ("notify", {"team": "night", "words": "a large gift"})
    world.run("insert into user_group (code, name) values ('night', 'night')")
    gifts_in_force(world, a_rule("g1", ("add_gift", {"sku": "E", "units": 9}), told))
    taken(world)
    assert world.one("select words from notice") == "a large gift"


def test_a_shop_that_only_observes_gives_nothing(make_world: Any) -> None:
    world = make_world(mode="observing")
    gift(world, "E", 1, stock=5)
    assert log_of(world, taken(world)) == []


def test_an_order_that_changes_and_is_cancelled_at_once_gives_its_gift_back(patient: World) -> None:
    gift(patient, "E", 1, stock=5)
    id_ = an_order(patient, [a_line("1", "A", 1, 1000)], no="T1")
    advance(patient)
    take(patient, raw(a_document("T1", [a_line("1", "A", 2, 2000)], at=60, state="cancelled"), fetched=60))
    patient.clock.forward(3)
    advance(patient)
    assert (gifts_of(patient, id_), counted(patient)) == ({}, {"E": 0})
    assert log_of(patient, id_) == [("g1", "E", 1, "dropped", "closed")]
