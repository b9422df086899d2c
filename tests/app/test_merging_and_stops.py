"""Merging by window, cap and the platform's word; emergency stops placed, released in stages and ended."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from connectors.contract.errors import Retryable
from oms.app.intercept import emergency
from oms.app.kernel.holds import hold_order, lift
from oms.app.pipeline.advance import advance_batch
from oms.app.pipeline.merging.pump import merge_batch
from tests.app.shipping import ship_all
from tests.factories import RECEIVER, World, a_document, a_line, advance, an_order, drain, raw, settle, take

BUYER = {"external_id": "one-buyer", "nick": "买**"}
MASKED = {**RECEIVER, "name": "周**", "masked": True, "tokens": {"oaid": "x"}}


def pair(world: World, count: int = 2, **changes: Any) -> list[int]:
    """Orders of one buyer to one receiver."""
    return [an_order(world, [a_line("1", "A", 1, 1000)], buyer=BUYER, **changes) for _ in range(count)]


def sent_lines(world: World) -> list[int]:
    """How many lines each fulfilment had that was handed over."""
    return [len(notice.lines) for notice in world.script.asked("create")]


def let_window_end(world: World) -> None:
    advance(world)
    world.clock.forward(601)
    settle(world)


@pytest.fixture
def patient(make_world: Any) -> World:
    """A shop with a merge window of ten minutes."""
    made: World = make_world(window=600)
    return made


def test_orders_of_one_buyer_leave_as_one_when_the_window_ends(patient: World) -> None:
    ids = pair(patient)
    advance(patient)
    assert {patient.phase(id_) for id_ in ids} == {"merging"}
    patient.clock.forward(599)
    settle(patient)
    assert sent_lines(patient) == []
    patient.clock.forward(2)
    settle(patient)
    assert sent_lines(patient) == [2]
    (notice,) = patient.script.asked("create")
    assert (notice.goods_amount - notice.discount_amount, notice.paid_amount) == (2000, 2000)
    ship_all(patient, ids[0])
    settle(patient)
    assert {notice.order_no for notice in patient.script.asked("push_shipment")} == {"T1", "T2"}
    assert {patient.phase(id_) for id_ in ids} == {"shipped"}


def test_a_later_sibling_joins_the_window_that_runs(patient: World) -> None:
    pair(patient, 1)
    advance(patient)
    patient.clock.forward(300)
    pair(patient, 1)
    advance(patient)
    patient.clock.forward(301)
    settle(patient)
    assert sent_lines(patient) == [2]


@pytest.mark.parametrize(
    "changes",
    [{"is_cod": True}, {"receiver": {**RECEIVER, "address": "别处"}}, {"buyer": {"external_id": "another"}}],
    ids=["cod", "address", "buyer"],
)
def test_orders_that_differ_leave_alone(patient: World, changes: dict[str, Any]) -> None:
    pair(patient, 1)
    an_order(patient, [a_line("1", "A", 1, 1000)], **({"buyer": BUYER} | changes))
    let_window_end(patient)
    assert sent_lines(patient) == [1, 1]


def test_a_group_is_cut_to_the_cap(make_world: Any) -> None:
    world = make_world(window=600, merge_cap=2)
    pair(world, 5)
    let_window_end(world)
    assert sorted(sent_lines(world)) == [1, 2, 2]


def test_the_platform_decides_for_masked_receivers(patient: World) -> None:
    pair(patient, 3, receiver=MASKED)
    patient.script.next("merge_groups", [frozenset({"T1", "T3"})])
    let_window_end(patient)
    assert sorted(sent_lines(patient)) == [1, 2]


def test_the_platform_is_told_which_orders_may_leave_together(patient: World) -> None:
    pair(patient, 2, receiver=MASKED)
    other = {**BUYER, "external_id": "another"}
    for _ in range(2):
        an_order(patient, [a_line("1", "A", 1, 1000)], buyer=other, receiver=MASKED)
    let_window_end(patient)
    (asked,) = patient.script.asked("merge_groups")
    assert len({candidate.group for candidate in asked}) == 2
    by_order = {candidate.order_no: candidate.group for candidate in asked}
    assert (by_order["T1"], by_order["T3"]) == (by_order["T2"], by_order["T4"])


def test_a_platform_that_never_answers_lets_each_leave_alone(patient: World) -> None:
    pair(patient, 2, receiver=MASKED)
    patient.script.next("merge_groups", *[Retryable("busy")] * 20)
    let_window_end(patient)
    for _ in range(12):
        patient.clock.forward(60)
        settle(patient)
    assert sent_lines(patient) == [1, 1]


def test_a_group_of_which_an_order_is_locked_is_looked_at_again_in_a_moment(patient: World) -> None:
    ids = pair(patient)
    advance(patient)
    patient.clock.forward(601)
    told: list[tuple[str, float]] = []
    patient.hub.poke_later = lambda name, seconds: told.append((name, seconds))
    with patient.hub.engine.begin() as click:
        click.execute(text("select from orders where id = :id for update"), {"id": ids[1]})
        for _ in range(7):
            assert merge_batch(patient.hub) == 1
            patient.clock.forward(1)
    assert told == [("merge", 0.2)] * 7
    settle(patient)
    assert sent_lines(patient) == [2]


def test_a_group_with_an_erased_buyer_does_not_keep_the_others_from_being_asked_about(patient: World) -> None:
    erased, _ = pair(patient, receiver=MASKED)
    patient.run("delete from data_key where id = :id", id=erased)
    other = {**BUYER, "external_id": "another"}
    ids = [an_order(patient, [a_line("1", "A", 1, 1000)], buyer=other, receiver=MASKED) for _ in range(2)]
    patient.script.next("merge_groups", [{"T3", "T4"}])
    let_window_end(patient)
    assert {patient.phase(id_) for id_ in ids} == {"at_warehouse"}
    assert sorted(sent_lines(patient)) == [1, 2]


def test_merged_then_one_refunded_the_rest_still_ships(patient: World) -> None:
    first, second = pair(patient)
    let_window_end(patient)
    patient.clock.forward(60)
    line = a_line("1", "A", 1, 1000, refund="asked", case_no="C1")
    take(patient, raw(a_document("T1", [line], at=2000, buyer=BUYER)))
    settle(patient)
    let_window_end(patient)
    assert patient.phase(second) == "at_warehouse"
    assert patient.phase(first) == "blocked"
    assert sent_lines(patient) == [2, 1]


def test_a_member_that_was_held_when_its_window_ended_leaves_once_it_is_lifted(patient: World) -> None:
    first, second = pair(patient)
    advance(patient)
    patient.run("insert into hold (order_id, kind, blocks, clears) values (:id, 'below_floor', 15, 'person')", id=first)
    patient.clock.forward(601)
    settle(patient)
    assert (patient.phase(second), sent_lines(patient)) == ("at_warehouse", [1])
    lift(patient.hub, patient.one("select id from hold where cleared_at is null"), "u1", "checked")
    let_window_end(patient)
    assert patient.phase(first) == "at_warehouse"


def test_what_is_merged_waits_while_one_of_its_orders_is_held(patient: World) -> None:
    first, second = pair(patient)
    stop = emergency.place(patient.hub, "all", 0, "fire drill", "u1")
    let_window_end(patient)
    assert sent_lines(patient) == []
    patient.run("insert into hold (order_id, kind, blocks, clears) values (:id, 'below_floor', 15, 'person')", id=first)
    emergency.end(patient.hub, stop, "u1")
    let_window_end(patient)
    assert sent_lines(patient) == []
    lift(patient.hub, patient.one("select id from hold where kind = 'below_floor'"), "u1", "checked")
    let_window_end(patient)
    assert sent_lines(patient) == [2]
    assert {patient.phase(first), patient.phase(second)} == {"at_warehouse"}


def test_a_hold_by_hand_calls_back_and_lets_go_again(world: World) -> None:
    id_ = an_order(world)
    settle(world)
    hold_order(world.hub, id_, "u1", "wait for the gift")
    settle(world)
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled"]
    lift(world.hub, world.one("select id from hold where cleared_at is null"), "u1", "it is here")
    settle(world)
    assert world.phase(id_) == "at_warehouse"


@pytest.mark.parametrize(("scope", "scope_id", "kept"), [("all", 0, 2), ("stock_point", 1, 2), ("stock_point", 2, 0)])
def test_a_stop_keeps_what_it_covers(world: World, scope: str, scope_id: int, kept: int) -> None:
    emergency.place(world.hub, scope, scope_id, "flood", "u1")
    ids = [an_order(world) for _ in range(2)]
    settle(world)
    assert [world.phase(id_) for id_ in ids].count("blocked") == kept
    assert len(world.script.asked("create")) == 2 - kept


def test_rows_not_yet_called_are_kept_back_and_woken(world: World) -> None:
    an_order(world)
    advance(world)
    stop = emergency.place(world.hub, "shop", 1, "flood", "u1")
    settle(world)
    assert world.script.asked("create") == []
    with world.hub.engine.connect() as connection:
        assert emergency.waiting_count(connection, stop) == 1
    emergency.end(world.hub, stop, "u1")
    settle(world)
    assert len(world.script.asked("create")) == 1


def test_a_staged_release_lets_so_many_a_minute_go_and_then_ends(world: World) -> None:
    stop = emergency.place(world.hub, "all", 0, "flood", "u1")
    for _ in range(7):
        an_order(world)
    settle(world)
    emergency.release(world.hub, stop, 2, "u1")
    gone = []
    for _ in range(4):
        settle(world)
        gone.append(len(world.script.asked("create")))
        world.clock.forward(60)
        emergency.release_due(world.hub)
    assert gone == [1, 3, 5, 7]
    assert world.one("select ended_at is not null from emergency_stop") is True


def test_passing_one_stop_is_not_passing_another(world: World) -> None:
    first = emergency.place(world.hub, "all", 0, "flood", "u1")
    id_ = an_order(world)
    settle(world)
    emergency.place(world.hub, "shop", 1, "strike", "u1")
    emergency.release(world.hub, first, 10, "u1")
    settle(world)
    assert world.script.asked("create") == []
    assert "emergency_stop" in world.holds(id_)


def test_an_observing_shop_decides_everything_and_sends_nothing(make_world: Any) -> None:
    world = make_world(mode="observing")
    id_ = an_order(world)
    settle(world)
    assert (world.phase(id_), world.script.calls) == ("blocked", [])
    assert world.fulfilments(id_) == []


def test_pumps_with_nothing_to_do_say_so(world: World) -> None:
    assert (advance_batch(world.hub), drain(merge_batch, world)) == (0, 0)
