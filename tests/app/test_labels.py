"""E-waybills that are ours: got before the warehouse hears, handed on, given back, counted; refusals by their reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.contract import labels as lb
from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown, Retryable
from oms.app.intercept import emergency
from oms.app.kernel.holds import hold_order, lift
from oms.app.pipeline.labels.sweep import look_at_balance, settle_numbers
from oms.app.pipeline.outbound.outbox import send_batch
from oms.app.pipeline.outbound.voiding import void_rows
from tests.app.labels import TRACK_ACCOUNT, numbers, own_labels, states
from tests.app.shipping import a_parcel, a_shipment, number_of, ship_fulfilment
from tests.factories import RECEIVER, World, advance, an_order, report, settle


@pytest.fixture
def labelled(world: World) -> World:
    """A world whose first stock point takes its own numbers of ZTO."""
    own_labels(world)
    return world


def test_the_number_is_got_first_and_the_warehouse_is_told_it_with_its_print_data(labelled: World) -> None:
    order = an_order(labelled)
    advance(labelled)
    assert [name for name, _ in labelled.script.calls] == []
    settle(labelled)
    (work,) = labelled.fulfilments(order)
    (asked,) = labelled.script.asked("request_waybill")
    key = f"{number_of(work.id)}_1"
    assert (asked.number, asked.carrier_code, asked.receiver.name) == (key, "ZTO", RECEIVER["name"])
    assert (asked.sender.city, asked.weight_g, asked.items) == ("杭州市", 400, (n.LabelItem("A", 1),))
    assert [name for name, _ in labelled.script.calls] == ["request_waybill", "create"]
    (told,) = labelled.script.asked("create")
    assert (told.waybill_no, told.print_data) == (f"WB{key}", f"print {RECEIVER['name']}")
    (row,) = numbers(labelled)
    assert (row.state, row.waybill_no, row.prints) == ("got", f"WB{key}", 1)
    assert RECEIVER["name"].encode() not in bytes(row.sealed_print)
    assert work.status == "sent"
    assert "waybill_got" in labelled.events(order)


def test_other_points_and_carriers_get_the_numbers_of_their_warehouse(world: World) -> None:
    own_labels(world, carrier="SF")
    order = an_order(world)
    settle(world)
    assert [name for name, _ in world.script.calls] == ["create"]
    assert world.script.asked("create")[0].waybill_no == ""
    assert world.fulfilments(order)[0].status == "sent"


def test_a_point_without_a_system_shows_it_to_its_people_when_the_number_is_there(labelled: World) -> None:
    labelled.run("update stock_point set account_id = null where id = 1")
    order = an_order(labelled)
    advance(labelled)
    assert labelled.fulfilments(order)[0].status == "sending"
    settle(labelled)
    assert labelled.fulfilments(order)[0].status == "sent"
    assert states(labelled) == ["got"]


def test_a_lost_answer_is_looked_up_and_no_second_number_is_taken(labelled: World) -> None:
    labelled.script.next("request_waybill", OutcomeUnknown("no answer"))
    labelled.script.next("find_waybill", n.Label("WB-found", "print"))
    order = an_order(labelled)
    settle(labelled)
    labelled.clock.forward(10)
    settle(labelled)
    assert len(labelled.script.asked("request_waybill")) == 1
    assert labelled.script.asked("create")[0].waybill_no == "WB-found"
    assert labelled.fulfilments(order)[0].status == "sent"


def test_a_number_that_another_label_bears_is_no_answer(labelled: World) -> None:
    first = an_order(labelled)
    settle(labelled)
    (held,) = numbers(labelled)
    labelled.script.next("request_waybill", OutcomeUnknown("no answer"))
    labelled.script.next("find_waybill", n.Label(held.waybill_no, "print"))
    second = an_order(labelled)
    settle(labelled)
    labelled.clock.forward(10)
    settle(labelled)
    assert states(labelled) == ["got", "refused"]
    assert labelled.fulfilments(second)[0].status == "planned"
    (hold,) = labelled.rows("select id, seen from hold where order_id = :id and kind = 'label_refused'", id=second)
    assert "another label bears" in hold.seen["words"]
    lift(labelled.hub, hold.id, "user:1", "the carrier says that it is the first one's")
    settle(labelled)
    waybills = [notice.waybill_no for notice in labelled.script.asked("create")]
    assert len(waybills) == len(set(waybills)) == 2
    assert labelled.fulfilments(first)[0].status == labelled.fulfilments(second)[0].status == "sent"


STARS = {**RECEIVER, "name": "周**", "phone": "*******0001", "address": "文三***", "masked": True}


@pytest.mark.parametrize(("token", "is_asked"), [("oaid", True), ("phone", False)])
def test_a_masked_receiver_whom_only_the_warehouse_can_open_is_left_to_it(
    labelled: World, token: str, is_asked: bool
) -> None:
    order = an_order(labelled, receiver={**STARS, "tokens": {token: "~cipher~"}})
    settle(labelled)
    assert bool(labelled.script.asked("request_waybill")) is is_asked
    assert bool(labelled.script.asked("create")[0].waybill_no) is is_asked
    assert labelled.fulfilments(order)[0].status == "sent"


def test_a_masked_receiver_of_a_point_without_a_system_waits_for_people(labelled: World) -> None:
    labelled.run("update stock_point set account_id = null where id = 1")
    labelled.script.next("request_waybill", lb.ReceiverMasked("it cannot be opened"))
    order = an_order(labelled, receiver={**STARS, "tokens": {"phone": "~cipher~"}})
    settle(labelled)
    assert labelled.holds(order) == {"label_refused"}
    assert labelled.fulfilments(order)[0].status == "planned"


def test_where_a_carrier_does_not_go_another_is_taken_and_it_is_not_asked_again(labelled: World) -> None:
    labelled.script.next("request_waybill", lb.Unreachable("收件地址超区", code="isv.x"))
    order = an_order(labelled)
    settle(labelled)
    first, second = labelled.fulfilments(order)
    assert (first.status, second.status, second.carrier_id) == ("cancelled", "sent", labelled.carriers["YTO"])
    assert labelled.rows("select carrier_id, reason from carrier_refusal") == [
        (labelled.carriers["ZTO"], "label-unreachable")
    ]
    assert states(labelled) == ["refused"]
    assert {"withdraw", "cancel_fulfilment"} <= set(labelled.events(order))


def test_when_no_carrier_is_left_the_order_waits_as_out_of_zone(labelled: World) -> None:
    labelled.run("update carrier set is_suspended = true where code <> 'ZTO'")
    labelled.script.next("request_waybill", lb.Unreachable("停运"))
    order = an_order(labelled)
    settle(labelled)
    assert labelled.holds(order) == {"out_of_zone"}
    assert len(labelled.script.asked("request_waybill")) == 1


@pytest.mark.parametrize("refusal", [lb.NumbersUsedUp, lb.SenderUnknown, lb.TokenStale])
def test_other_refusals_hold_the_order_until_somebody_has_mended_them(
    labelled: World, refusal: Callable[..., lb.LabelRefused]
) -> None:
    error = refusal("余额不足", code="isv.y")
    labelled.script.next("request_waybill", error)
    order = an_order(labelled)
    settle(labelled)
    assert labelled.holds(order) == {"label_refused"}
    (hold,) = labelled.rows("select id, seen from hold where order_id = :id", id=order)
    assert (hold.seen["reason"], hold.seen["carrier"]) == (error.reason, "ZTO")
    assert labelled.fulfilments(order)[0].status == "planned"
    lift(labelled.hub, hold.id, "user:1", "bought numbers")
    settle(labelled)
    assert labelled.fulfilments(order)[0].status == "sent"
    assert states(labelled) == ["got"]
    again = labelled.rows("select 1 from pending_reference")
    assert bool(again) is (refusal is lb.TokenStale)


def test_a_stop_before_the_number_was_asked_for_asks_nobody(labelled: World) -> None:
    order = an_order(labelled)
    advance(labelled)
    hold_order(labelled.hub, order, "user:1", "wait")
    settle(labelled)
    assert labelled.script.calls == []
    assert labelled.fulfilments(order)[0].status == "cancelled"


def test_a_stop_while_the_number_is_asked_for_ends_when_the_answer_comes(labelled: World) -> None:
    labelled.script.next("request_waybill", Retryable("later"))
    order = an_order(labelled)
    advance(labelled)
    send_batch(labelled.hub)
    hold_order(labelled.hub, order, "user:1", "wait")
    advance(labelled)
    assert labelled.fulfilments(order)[0].status == "sending"
    labelled.clock.forward(10)
    settle(labelled)
    assert labelled.script.asked("create") == []
    assert labelled.fulfilments(order)[0].status == "cancelled"
    assert labelled.one("select state from interception where order_id = :id", id=order) == "succeeded"
    assert numbers(labelled)[0].account_id == TRACK_ACCOUNT


def sweep(world: World) -> None:
    """Look which numbers are over, and give back what nothing leaves under."""
    settle_numbers(world.hub)
    settle(world)


def test_numbers_are_counted_as_used_given_back_or_wasted(labelled: World) -> None:
    left, changed, cancelled, late = (an_order(labelled) for _ in range(4))
    settle(labelled)
    sweep(labelled)
    assert states(labelled) == ["got"] * 4
    works = {order: labelled.fulfilments(order)[0] for order in (left, changed, cancelled, late)}
    ship_fulfilment(labelled, works[left].id, waybill=f"WB{number_of(works[left].id)}_1")
    report(labelled, a_shipment(works[changed].id, a_parcel(("A", 1), waybill="other", carrier="SF")))
    hold_order(labelled.hub, cancelled, "user:1", "wait")
    hold_order(labelled.hub, late, "user:1", "wait")
    settle(labelled)
    labelled.script.next("cancel_waybill", n.Receipt(), OutcomeUnknown("no answer"), lb.LabelInUse("已揽收"))
    sweep(labelled)
    assert sorted(states(labelled)) == ["cancelled", "cancelling", "used", "wasted"]
    labelled.script.next("find_waybill", None)
    labelled.clock.forward(10)
    settle(labelled)
    assert sorted(states(labelled)) == ["cancelled", "cancelled", "used", "wasted"]
    assert len(labelled.script.asked("cancel_waybill")) == 3
    assert labelled.one("select state from e_waybill where fulfilment_id = :id", id=works[left].id) == "used"


def test_people_hear_when_numbers_run_out_and_the_word_ends_when_some_were_bought(labelled: World) -> None:
    labelled.script.next("balance", (n.NumbersLeft("ZTO", 150),), (n.NumbersLeft("ZTO", 5000), n.NumbersLeft("SF", None)))
    assert (look_at_balance(labelled.hub), look_at_balance(labelled.hub)) == (1, 0)
    question = "select state, words from alert where kind = 'waybills_low'"
    assert labelled.rows(question) == [("open", "150 waybill numbers are left, fewer than 200")]
    labelled.clock.forward(301)
    assert look_at_balance(labelled.hub) == 1
    assert labelled.rows(question)[0].state == "closed"
    assert labelled.one("select numbers from e_waybill_stock") == 5000


def test_orders_held_for_want_of_numbers_go_on_by_themselves_when_some_were_bought(labelled: World) -> None:
    labelled.script.next("request_waybill", lb.NumbersUsedUp("余额不足"))
    order = an_order(labelled)
    settle(labelled)
    labelled.script.next("balance", (n.NumbersLeft("ZTO", 0),), (n.NumbersLeft("ZTO", 9000),))
    look_at_balance(labelled.hub)
    assert labelled.holds(order) == {"label_refused"}
    labelled.clock.forward(301)
    look_at_balance(labelled.hub)
    settle(labelled)
    assert labelled.holds(order) == set()
    assert labelled.fulfilments(order)[0].status == "sent"


def test_a_request_that_people_give_up_leaves_its_order_held_and_never_waiting(labelled: World) -> None:
    labelled.script.next("request_waybill", Retryable("down"))
    order = an_order(labelled)
    advance(labelled)
    send_batch(labelled.hub)
    (row,) = labelled.rows("select id from outbound where kind = 'request_waybill'")
    assert void_rows(labelled.hub, [row.id], "user:1", "use the warehouse's") == 1
    settle(labelled)
    assert labelled.holds(order) == {"label_refused"}
    assert labelled.fulfilments(order)[0].status == "planned"
    assert states(labelled) == ["refused"]


@pytest.mark.parametrize("state", ["cancelled", "wasted"])
def test_who_needs_a_number_after_giving_one_back_asks_under_another_key(labelled: World, state: str) -> None:
    stop = emergency.place(labelled.hub, "all", 0, "x", "user:1")
    order = an_order(labelled)
    settle(labelled)
    (work,) = labelled.fulfilments(order)
    assert work.status == "planned"
    labelled.run(
        """insert into e_waybill (id, key, fulfilment_id, version, package, order_id, account_id, carrier_id,
             stock_point_id, state, waybill_no, asked_at, ended_at)
           select 1, :key, f.id, f.version, 1, f.lead_order_id, :account, f.carrier_id, f.stock_point_id, :state, 'OLD',
             now(), now() from fulfilment f where f.id = :id""",
        key=f"{number_of(work.id)}_1", account=TRACK_ACCOUNT, state=state, id=work.id,
    )  # fmt: skip
    emergency.end(labelled.hub, stop, "user:1")
    settle(labelled)
    (asked,) = labelled.script.asked("request_waybill")
    assert asked.number != f"{number_of(work.id)}_1"
    (work,) = labelled.fulfilments(order)
    assert (work.status, work.version) == ("sent", 2)
    assert sorted(states(labelled)) == sorted([state, "got"])
