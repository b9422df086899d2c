"""Rules of merging: alone, at once, or after another wait than the shop's; what they ask is recorded and taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oms.app.kernel.holds import lift
from oms.app.pipeline.merging.pump import merge_batch
from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.versions import activate, retire
from oms.app.rulebook.waking import wake_held
from oms.domain.errors import NotPossible
from tests.app.routes import Asked, a_rule, again, held, in_force
from tests.app.rule_sets import ANY_ORDER, set_id
from tests.factories import START, World, a_line, advance, an_order, drain, settle

BUYER = {"external_id": "one-buyer", "nick": "买**"}


@pytest.fixture
def patient(make_world: Any) -> World:
    """A shop with a merge window of ten minutes."""
    made: World = make_world(window=600)
    return made


def merge_by(world: World, *actions: Asked, when: Any = None) -> int:
    return in_force(world, "merge", a_rule("m1", *actions, when=when))


def a_sibling(world: World, **changes: Any) -> int:
    id_ = an_order(world, [a_line("1", "A", 1, 1000)], buyer=BUYER, **changes)
    advance(world)
    return id_


def sent_lines(world: World) -> list[int]:
    """How many lines each fulfilment had that was handed over."""
    return sorted(len(notice.lines) for notice in world.script.asked("create"))


def due(world: World) -> timedelta:
    """When the only group is joined, from the beginning on."""
    end: timedelta = world.one("select due_at from merge_group") - START
    return end


def wait(world: World, seconds: int) -> None:
    world.clock.forward(seconds)
    settle(world)


def test_a_rule_prolongs_the_wait_of_a_shop_that_does_not_wait(world: World) -> None:
    merge_by(world, ("wait_for_merge", {"span": 1800}))
    a_sibling(world)
    wait(world, 1700)
    a_sibling(world)
    assert sent_lines(world) == []
    wait(world, 101)
    assert sent_lines(world) == [2]


def test_a_rule_shortens_the_wait_of_a_shop_that_waits(patient: World) -> None:
    merge_by(patient, ("wait_for_merge", {"span": 60}))
    a_sibling(patient)
    a_sibling(patient)
    wait(patient, 61)
    assert sent_lines(patient) == [2]


def test_an_order_that_never_merges_leaves_alone_at_once(patient: World) -> None:
    gift = {"fact": "order.number", "op": "eq", "value": "T2"}
    merge_by(patient, ("never_merge", {}), when=gift)
    first, second = a_sibling(patient), a_sibling(patient)
    settle(patient)
    assert [patient.phase(id_) for id_ in (first, second)] == ["merging", "at_warehouse"]
    wait(patient, 601)
    assert sent_lines(patient) == [1, 1]


def test_an_order_that_merges_at_once_takes_along_who_waits(patient: World) -> None:
    hurried = {"fact": "order.number", "op": "eq", "value": "T2"}
    merge_by(patient, ("merge_at_once", {}), when=hurried)
    a_sibling(patient)
    assert due(patient) == timedelta(seconds=600)
    patient.clock.forward(100)
    a_sibling(patient)
    wait(patient, 10)
    assert sent_lines(patient) == [2]


def test_alone_it_leaves_at_once_without_waiting(patient: World) -> None:
    merge_by(patient, ("merge_at_once", {}))
    a_sibling(patient)
    settle(patient)
    assert sent_lines(patient) == [1]


def test_the_first_wait_of_a_group_that_ends_ends_it(patient: World) -> None:
    large = {"fact": "order.number", "op": "eq", "value": "T1"}
    merge_by(patient, ("wait_for_merge", {"span": 7200}), when=large)
    a_sibling(patient)
    assert due(patient) == timedelta(hours=2)
    patient.clock.forward(60)
    a_sibling(patient)
    assert due(patient) == timedelta(seconds=660)


def test_a_wait_by_rule_ends_before_the_order_must_be_out(world: World) -> None:
    in_force(world, "sla", a_rule("s1", ("set_deadline", {"after": 14400})))
    merge_by(world, ("wait_for_merge", {"span": 86400}))
    id_ = a_sibling(world)
    ship_by = world.one("select ship_by from orders where id = :id", id=id_)
    assert world.one("select due_at from merge_group") == ship_by - timedelta(hours=1)


def test_who_waits_by_rule_waits_as_the_shop_does_once_the_rule_is_out_of_force(patient: World) -> None:
    version = merge_by(patient, ("wait_for_merge", {"span": 43200}))
    a_sibling(patient)
    assert due(patient) == timedelta(hours=12)
    retire(patient.hub, set_id(patient, version), "user:1", "too long")
    patient.clock.forward(5)
    drain(wake_held, patient)
    advance(patient)
    assert due(patient) == timedelta(seconds=605)


def test_who_waits_leaves_alone_once_a_rule_says_so(patient: World) -> None:
    id_ = a_sibling(patient)
    other = a_sibling(patient)
    merge_by(patient, ("never_merge", {}), when={"fact": "order.number", "op": "eq", "value": "T1"})
    again(patient, id_)
    assert world_key(patient, id_) is None
    wait(patient, 601)
    assert sent_lines(patient) == [1, 1]
    assert patient.phase(other) == "at_warehouse"


def world_key(world: World, id_: int) -> Any:
    return world.one("select merge_key from fulfilment where lead_order_id = :id", id=id_)


def test_the_pump_joins_and_asks_no_rule_again(patient: World) -> None:
    a_sibling(patient)
    a_sibling(patient)
    merge_by(patient, ("never_merge", {}))
    patient.clock.forward(601)
    assert merge_batch(patient.hub) == 1
    assert patient.one("select count(*) from decision where stage = 'merge'") == 0
    settle(patient)
    assert sent_lines(patient) == [2]


def test_what_was_asked_is_recorded_once(patient: World) -> None:
    merge_by(patient, ("wait_for_merge", {"span": 900}))
    id_ = a_sibling(patient)
    again(patient, id_)
    rows = patient.rows("select verdict, matched from decision where order_id = :id and stage = 'merge'", id=id_)
    assert [tuple(row) for row in rows] == [("wait_for_merge", ["m1"])]


def test_a_rule_that_cannot_be_judged_keeps_the_order_until_it_can(world: World) -> None:
    heavy = {"fact": "goods.weight", "op": "gt", "value": 1}
    merge_by(world, ("never_merge", {}), when=heavy)
    world.run("update sku set weight_g = 0")
    id_ = a_sibling(world)
    settle(world)
    assert held(world, id_)["by_rule"] == {"rules": ["m1"], "reason": "m1: unknown fact", "stage": "merge"}
    assert sent_lines(world) == []
    again(world, id_)
    assert world.events(id_).count("hold_placed") == 1
    world.run("update sku set weight_g = 400")
    again(world, id_)
    settle(world)
    assert (held(world, id_), sent_lines(world)) == ({}, [1])


def test_a_person_lets_an_order_merge_that_rules_could_not_judge(world: World) -> None:
    merge_by(world, ("never_merge", {}), when={"fact": "goods.weight", "op": "gt", "value": 1})
    world.run("update sku set weight_g = 0")
    id_ = a_sibling(world)
    lift(world.hub, world.one("select id from hold where cleared_at is null"), "user:1", "seen")
    settle(world)
    assert (held(world, id_), sent_lines(world)) == ({}, [1])


@pytest.mark.parametrize(
    ("one", "other"),
    [(("wait_for_merge", {"span": 60}), ("wait_for_merge", {"span": 90})), (("never_merge", {}), ("merge_at_once", {})),
     (("wait_for_merge", {"span": 60}), ("never_merge", {}))],
)  # fmt: skip
def test_rules_of_merging_that_contradict_are_not_activated(world: World, one: Asked, other: Asked) -> None:
    content = Content([a_rule("r1", one), a_rule("r2", other, when=ANY_ORDER)], [], "first")
    draft = create_set(world.hub, "merge", "global", 0, "set", content, "user:1")
    with pytest.raises(NotPossible, match="contradict"):
        activate(world.hub, draft, "user:1")
