"""A hand-over nobody wants any more is not made up for: void when it never arrived, called back when it did."""

from __future__ import annotations

import pytest

from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown, Refused, Retryable
from oms.app.intercept import orders
from tests.app.shipping import a_parcel, a_shipment, progress
from tests.factories import World, a_document, a_line, advance, an_order, raw, report, settle, take


def lost(world: World, error: Exception | None = None) -> tuple[int, int]:
    """An order whose hand-over has no answer, cancelled meanwhile: (order, fulfilment)."""
    id_ = an_order(world, no="T")
    advance(world)
    world.script.next("create", error or OutcomeUnknown("no answer came back"))
    settle(world)
    world.clock.forward(1)
    orders.cancel_order(world.hub, id_, "user:1", "the buyer rang")
    advance(world)
    (work,) = world.fulfilments(id_)
    assert (work.status, work.stop) == ("sending", "asked")
    return id_, work.id


def later(world: World, seconds: float, *found: n.FulfilmentFound | Exception) -> None:
    world.clock.forward(seconds)
    world.script.next("find", *found)
    settle(world)


def ends(world: World) -> list[tuple[str, str, str]]:
    rows = world.rows("select reason, state, words from interception order by asked_at, id")
    return [tuple(row) for row in rows]


def reserved(world: World) -> int:
    return int(world.one("select sum(reserved) from stock_level"))


def has(world: World, work: int, state: n.WarehouseState) -> n.FulfilmentFound:
    return n.FulfilmentFound(world.script.asked("create")[0].number, state)


def test_what_the_warehouse_does_not_have_is_never_sent(world: World) -> None:
    id_, _ = lost(world)
    later(world, 5)
    assert [work.status for work in world.fulfilments(id_)] == ["sending"]
    later(world, 61)
    assert len(world.script.asked("create")) == 1
    assert world.script.asked("cancel") == []
    assert ends(world) == [("order_cancelled", "succeeded", "the warehouse never had it")]
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled"]
    assert reserved(world) == 0
    later(world, 601)
    assert len(world.script.asked("create")) == 1


def test_a_call_that_surely_did_not_arrive_is_void_at_once(world: World) -> None:
    id_, _ = lost(world, Retryable("the warehouse could not be reached"))
    later(world, 5)
    assert (len(world.script.asked("create")), len(world.script.asked("find"))) == (1, 0)
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled"]


def test_a_look_up_without_an_answer_proves_nothing(world: World) -> None:
    id_, _ = lost(world)
    later(world, 5)
    later(world, 61, OutcomeUnknown("no answer"))
    later(world, 61)
    assert [work.status for work in world.fulfilments(id_)] == ["sending"]
    later(world, 61)
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled"]


def test_a_hand_over_that_arrives_late_is_found_and_called_back_for_the_true_reason(world: World) -> None:
    id_, work = lost(world)
    later(world, 5)
    later(world, 61, has(world, work, n.WarehouseState.ACCEPTED))
    (asked,) = world.script.asked("cancel")
    assert (asked.reason, len(world.script.asked("create"))) == ("订单取消", 1)
    assert [one[:2] for one in ends(world)] == [("order_cancelled", "succeeded")]
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled"]


@pytest.mark.parametrize("told", ["found", "reported"])
@pytest.mark.parametrize("answer", ["gives back", "refuses"])
def test_one_that_arrives_after_it_was_given_up_is_called_back(world: World, told: str, answer: str) -> None:
    _, work = lost(world)
    later(world, 5)
    later(world, 61)
    if answer == "refuses":
        world.script.next("cancel", Refused("packed"))
    if told == "reported":
        progress(world, work, n.WarehouseState.ACCEPTED)
        progress(world, work, n.WarehouseState.WORKING)
        settle(world)
    else:
        later(world, 601, has(world, work, n.WarehouseState.WORKING))
    assert [asked.reason for asked in world.script.asked("cancel")] == ["订单取消"]
    assert [one[1] for one in ends(world)] == ["succeeded", "succeeded" if answer == "gives back" else "failed"]


def test_one_that_left_after_it_was_given_up_is_booked_and_told(world: World) -> None:
    id_, work = lost(world)
    later(world, 5)
    later(world, 61)
    report(world, a_shipment(work, a_parcel(("A", 1))))
    assert "shipped_after_cancel" in world.events(id_)
    assert world.one("select count(*) from parcel") == 1


def test_goods_wanted_again_are_planned_anew_and_sent_once(world: World) -> None:
    an_order(world, no="T")
    advance(world)
    world.script.next("create", OutcomeUnknown("no answer came back"))
    settle(world)
    for at, line in ((1, a_line(refund="asked", case_no="C1")), (70, a_line())):
        world.clock.forward(at)
        take(world, raw(a_document("T", [line], at=at), at))
        settle(world)
    later(world, 61)
    numbers = [notice.number for notice in world.script.asked("create")]
    assert len(numbers) == len(set(numbers)) == 2
