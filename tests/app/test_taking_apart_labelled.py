"""Taking a merge or split back when a number was asked for: nothing comes apart before the carrier has confirmed."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import labels as lb
from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown, Retryable
from oms.app.kernel.holds import hold_order, lift
from oms.app.pipeline.labels.sweep import settle_numbers
from oms.app.pipeline.merging.pump import merge_batch
from oms.app.pipeline.outbound.outbox import send_batch
from oms.app.pipeline.outbound.voiding import void_rows
from oms.app.pipeline.splitting.by_hand import split_fulfilment
from oms.app.pipeline.splitting.coming_apart import undo
from oms.domain.errors import NotPossible
from tests.app.joining import last_joining, live, money, waiting
from tests.app.labels import own_labels, states
from tests.app.test_splitting_by_hand import lines_of
from tests.factories import World, a_line, advance, settle


@pytest.fixture
def labelled(make_world: Any) -> World:
    """A shop with a merge window of ten minutes whose point takes its own numbers."""
    world: World = make_world(window=600)
    own_labels(world)
    return world


def joined(world: World) -> list[int]:
    """Two orders that a rule has joined, whose number is to be asked for."""
    ids = [waiting(world, is_cod=True), waiting(world, a_line("1", "B", 1, 700), is_cod=True)]
    world.clock.forward(601)
    assert merge_batch(world.hub) == 1
    return ids


def take_back(world: World) -> bool:
    return undo(world.hub, last_joining(world), "user:1", "wrong ones")


def apart(world: World, ids: list[int]) -> list[tuple[int, int, int]]:
    """The money of each order's own fulfilment, of which there is one."""
    return [money(*live(world, id_)) for id_ in ids]


def test_a_number_that_was_got_is_cancelled_before_the_orders_come_apart(labelled: World) -> None:
    ids = joined(labelled)
    send_batch(labelled.hub)
    assert states(labelled) == ["got"]
    assert not take_back(labelled)
    assert [labelled.holds(id_) for id_ in ids] == [{"undo_waits"}, {"undo_waits"}]
    assert live(labelled, ids[0])[0].order_count == 2
    with pytest.raises(NotPossible, match="being cancelled"):
        take_back(labelled)
    settle(labelled)
    assert (states(labelled), len(labelled.script.asked("cancel_waybill"))) == (["cancelled"], 1)
    assert [labelled.holds(id_) for id_ in ids] == [set(), set()]
    assert apart(labelled, ids) == [(1000, 0, 1000), (700, 0, 700)]
    assert labelled.events(ids[1])[-1] != "undo_refused"
    labelled.clock.forward(601)
    settle(labelled)
    assert sorted(notice.collect_amount for notice in labelled.script.asked("create")) == [700, 1000]
    assert sorted(states(labelled)) == ["cancelled", "got", "got"]


def test_while_a_number_is_asked_for_its_answer_is_awaited_and_then_it_is_given_back(labelled: World) -> None:
    labelled.script.next("request_waybill", Retryable("later"))
    ids = joined(labelled)
    send_batch(labelled.hub)
    assert not take_back(labelled)
    assert live(labelled, ids[0])[0].status == "sending"
    labelled.clock.forward(10)
    settle(labelled)
    assert labelled.script.asked("create") == []
    assert states(labelled) == ["cancelled"]
    assert apart(labelled, ids) == [(1000, 0, 1000), (700, 0, 700)]


def test_a_number_that_is_refused_has_nothing_to_wait_for(labelled: World) -> None:
    labelled.script.next("request_waybill", Retryable("later"), lb.Unreachable("超区"))
    ids = joined(labelled)
    send_batch(labelled.hub)
    assert not take_back(labelled)
    labelled.clock.forward(10)
    send_batch(labelled.hub)
    assert [labelled.holds(id_) for id_ in ids] == [set(), set()]
    assert apart(labelled, ids) == [(1000, 0, 1000), (700, 0, 700)]


def test_what_was_not_asked_for_yet_comes_apart_at_once(labelled: World) -> None:
    ids = joined(labelled)
    assert take_back(labelled)
    settle_numbers(labelled.hub)
    assert apart(labelled, ids) == [(1000, 0, 1000), (700, 0, 700)]
    assert (states(labelled), labelled.script.asked("cancel_waybill")) == (["cancelled"], [])


def test_a_carrier_that_keeps_its_number_leaves_the_choice_to_people(labelled: World) -> None:
    ids = joined(labelled)
    send_batch(labelled.hub)
    labelled.script.next("cancel_waybill", OutcomeUnknown("no answer"), lb.LabelInUse("已揽收"))
    labelled.script.next("find_waybill", n.Label("WB", "print"))
    assert not take_back(labelled)
    settle(labelled)
    assert (states(labelled), live(labelled, ids[0])[0].order_count) == (["cancelling"], 2)
    labelled.clock.forward(10)
    settle(labelled)
    assert (states(labelled), live(labelled, ids[0])[0].order_count) == (["wasted"], 2)
    assert [labelled.holds(id_) for id_ in ids] == [{"undo_waits"}, {"undo_waits"}]
    assert "undo_refused" in labelled.events(ids[0])
    assert labelled.script.asked("create") == []
    assert take_back(labelled)
    assert [labelled.holds(id_) for id_ in ids] == [set(), set()]
    assert apart(labelled, ids) == [(1000, 0, 1000), (700, 0, 700)]


def test_people_who_give_the_cancelling_up_can_take_it_back_without_it(labelled: World) -> None:
    ids = joined(labelled)
    send_batch(labelled.hub)
    labelled.script.next("cancel_waybill", Retryable("later"))
    assert not take_back(labelled)
    send_batch(labelled.hub)
    row = labelled.one("select id from outbound where kind = 'cancel_waybill'")
    assert void_rows(labelled.hub, [row], "user:1", "lost") == 1
    settle_numbers(labelled.hub)
    assert take_back(labelled)
    assert len(live(labelled, ids[1])) == 1
    assert labelled.rows("select state from joining_undo") == [("done",)]


def test_lifting_the_hold_lets_them_leave_as_one(labelled: World) -> None:
    ids = joined(labelled)
    send_batch(labelled.hub)
    assert not take_back(labelled)
    for hold in labelled.rows("select id from hold where kind = 'undo_waits'"):
        lift(labelled.hub, hold.id, "user:1", "after all")
    settle(labelled)
    (work,) = live(labelled, ids[0])
    assert (work.order_count, work.status) == (2, "sent")
    assert labelled.rows("select state from joining_undo") == [("refused",)]


def test_a_refund_that_comes_while_the_carrier_is_asked_ends_the_undo(labelled: World) -> None:
    ids = joined(labelled)
    send_batch(labelled.hub)
    assert not take_back(labelled)
    hold_order(labelled.hub, ids[0], "user:1", "wait")
    advance(labelled)
    settle(labelled)
    assert labelled.rows("select state from joining_undo") == [("refused",)]
    assert (labelled.holds(ids[0]), labelled.holds(ids[1])) == ({"manual"}, set())


def test_once_the_warehouse_was_called_it_is_not_taken_back(labelled: World) -> None:
    ids = joined(labelled)
    settle(labelled)
    assert live(labelled, ids[0])[0].status == "sent"
    with pytest.raises(NotPossible, match="handed to its warehouse"):
        take_back(labelled)


def test_the_parcels_of_a_split_are_put_together_when_all_their_numbers_are_cancelled(labelled: World) -> None:
    id_ = waiting(labelled, a_line("1", "A", 3, 999), is_cod=True)
    (before,) = live(labelled, id_)
    split_fulfilment(labelled.hub, before.id, [{lines_of(labelled, id_)["A"]: 1}], "user:1", "")
    labelled.clock.forward(601)
    advance(labelled)
    merge_batch(labelled.hub)
    send_batch(labelled.hub)
    assert states(labelled) == ["got", "got"]
    assert not take_back(labelled)
    settle(labelled)
    (after,) = live(labelled, id_)
    assert (after.id, money(after), states(labelled)[:2]) == (before.id, money(before), ["cancelled", "cancelled"])
