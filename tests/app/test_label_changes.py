"""改面单: the three ways it goes, told beforehand; nothing is claimed that nobody confirmed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import labels as lb
from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.records import ReceiverRecord
from oms.app.kernel.holds import hold_order
from oms.app.kernel.queries.packing import load_work
from oms.app.kernel.receivers import open_receiver
from oms.app.pipeline.labels.acknowledged import acknowledge, relabellings
from oms.app.pipeline.labels.changing import ask_change, look_ahead
from oms.app.pipeline.labels.sweep import settle_numbers
from oms.app.pipeline.packing import desk as packing
from oms.app.pipeline.packing.parcels import PackedParcel
from oms.domain.errors import Invalid, NotFound, NotPossible
from oms.domain.numbers import document_no
from tests.app.labels import numbers, own_labels, states
from tests.app.shipping import a_parcel, a_shipment, progress, ship_fulfilment
from tests.factories import RECEIVER, World, a_document, advance, an_order, raw, report, settle, take

OLD = ReceiverRecord(**RECEIVER)  # type: ignore[arg-type]
NEW = replace(OLD, name="吴兰", phone="13900000009", address="古墩路 8 号")


def change(world: World, order: int, **changes: Any) -> str:
    return ask_change(world.hub, order, "user:1", "buyer wrote", **({"receiver": NEW} | changes))


def receiver(world: World, order: int) -> ReceiverRecord:
    with world.hub.engine.connect() as connection:
        return open_receiver(world.hub, connection, order)[0]


def changes(world: World, order: int) -> list[tuple[str, str]]:
    rows = world.rows("select way, state from label_change where order_id = :id order by id", id=order)
    return [(row.way, row.state) for row in rows]


def test_what_nobody_was_told_of_is_simply_changed_and_planned_anew(world: World) -> None:
    world.run("update shop set merge_window_s = 600")
    order = an_order(world)
    advance(world)
    assert look_ahead(world.hub, order).way == "direct"
    assert change(world, order, expected="direct") == "direct"
    assert (receiver(world, order), changes(world, order)) == (NEW, [("direct", "confirmed")])
    settle(world)
    world.clock.forward(700)
    settle(world)
    assert world.script.asked("create")[-1].receiver == NEW
    assert world.holds(order) == set()
    assert {"label_asked", "receiver_changed"} <= set(world.events(order))


def test_the_carrier_changes_our_label_while_the_warehouse_works_on(world: World) -> None:
    own_labels(world)
    order = an_order(world)
    settle(world)
    (work,) = world.fulfilments(order)
    ahead = look_ahead(world.hub, order)
    assert (ahead.way, ahead.numbers) == ("update", (document_no("fulfilment", work.id),))
    change(world, order)
    assert (receiver(world, order), changes(world, order)) == (OLD, [("update", "asked")])
    settle(world)
    (told,) = world.script.asked("change_label")
    assert (told.receiver, told.waybill_no) == (NEW, numbers(world)[0].waybill_no)
    assert (receiver(world, order), changes(world, order)) == (OLD, [("update", "told")])
    with pytest.raises(NotPossible, match="a change is being worked on"):
        change(world, order)
    with world.hub.engine.connect() as connection:
        (to_do,) = relabellings(connection, [work.stock_point_id])
    with pytest.raises(NotFound):
        acknowledge(world.hub, to_do.id, "user:7", [99], is_done=True)
    acknowledge(world.hub, to_do.id, "user:7", [work.stock_point_id], is_done=True)
    assert (receiver(world, order), changes(world, order)) == (NEW, [("update", "confirmed")])
    with pytest.raises(NotPossible, match="answered already"):
        acknowledge(world.hub, to_do.id, "user:7", [work.stock_point_id], is_done=True)
    assert world.script.asked("cancel") == []
    assert [row.prints for row in numbers(world)] == [2]
    assert world.fulfilments(order)[0].status == "sent"
    (notice,) = world.rows("select kind, words from notice")
    assert (notice.kind, notice.words) == ("label", document_no("fulfilment", work.id))


@pytest.mark.parametrize("ends", ["cannot", "left", "stopped", "refused"])
def test_a_label_that_nobody_says_was_put_on_is_not_claimed(world: World, ends: str) -> None:
    own_labels(world)
    order = an_order(world)
    settle(world)
    (work,) = world.fulfilments(order)
    change(world, order)
    settle(world)
    (change_id,) = world.rows("select id from label_change")[0]
    if ends == "cannot":
        acknowledge(world.hub, change_id, "user:7", [1], is_done=False, words="包好了")
    elif ends == "left":
        ship_fulfilment(world, work.id)
        settle_numbers(world.hub)
    elif ends == "stopped":
        hold_order(world.hub, order, "user:1", "wait")
        settle(world)
    else:
        progress(world, work.id, n.WarehouseState.REFUSED)
    is_ours = ends in ("stopped", "refused")
    assert changes(world, order) == [("update", "confirmed" if is_ours else "refused")]
    assert receiver(world, order) == (NEW if is_ours else OLD)


def test_at_the_packing_table_nothing_leaves_before_it_bears_the_new_label(world: World) -> None:
    own_labels(world)
    world.run("update stock_point set account_id = null")
    order = an_order(world)
    settle(world)
    (work,) = world.fulfilments(order)
    assert look_ahead(world.hub, order).is_by_hand
    change(world, order)
    settle(world)
    parcels = [PackedParcel("ZTO", "ZT1000")]
    with pytest.raises(NotPossible, match="its label has changed"):
        packing.ship(world.hub, work.id, parcels, packing.Teller("user:7", (1,), "a"))
    (change_id,) = world.rows("select id from label_change")[0]
    acknowledge(world.hub, change_id, "user:7", [1], is_done=True)
    assert packing.ship(world.hub, work.id, parcels, packing.Teller("user:7", (1,), "b"))
    assert (receiver(world, order), world.fulfilments(order)[0].status) == (NEW, "shipped")


def test_a_label_that_the_carrier_does_not_change_keeps_its_receiver(world: World) -> None:
    own_labels(world)
    order = an_order(world)
    settle(world)
    world.script.next("change_label", OutcomeUnknown("no answer"), lb.LabelInUse("已揽收"))
    change(world, order)
    settle(world)
    assert changes(world, order) == [("update", "asked")]
    with pytest.raises(NotPossible, match="a change is being worked on"):
        change(world, order)
    world.clock.forward(10)
    settle(world)
    assert (receiver(world, order), changes(world, order)) == (OLD, [("update", "refused")])
    assert "label_refused" in world.events(order)


@pytest.mark.parametrize("is_held", [True, False])
def test_a_number_that_another_label_bears_does_not_come_with_a_change_either(world: World, is_held: bool) -> None:
    own_labels(world)
    other, order = an_order(world), an_order(world)
    settle(world)
    held, mine = (next(row for row in numbers(world) if row.order_id == id_) for id_ in (other, order))
    world.script.next("change_label", n.Label(held.waybill_no if is_held else "WB-new", "print"))
    change(world, order)
    settle(world)
    assert changes(world, order) == [("update", "refused" if is_held else "told")]
    told = [row.waybill_no for row in numbers(world)]
    assert sorted(told) == sorted([held.waybill_no, mine.waybill_no if is_held else "WB-new"])
    (row,) = world.rows("select words from label_change")
    assert ("another label bears" in row.words) is is_held
    assert receiver(world, order) == OLD


def test_a_point_without_a_system_is_answered_with_what_its_word_did(world: World) -> None:
    world.run("update stock_point set account_id = null")
    order = an_order(world)
    settle(world)
    (work,) = world.fulfilments(order)
    assert change(world, order) == "renew"
    settle(world)
    told = packing.Teller("user:7", (work.stock_point_id,), "k" * 8)
    assert [packing.answer_stop(world.hub, work.id, True, told) for _ in range(2)] == [True, False]
    with world.hub.engine.connect() as connection:
        assert load_work(connection, told.points, work.id) is None
        seen = load_work(connection, told.points, work.id, is_answered=True)
    assert seen is not None
    assert (seen.work.status, seen.work.stop, seen.work.version) == ("planned", "none", 2)


def test_the_warehouse_gives_it_back_and_gets_it_anew_as_another_version(world: World) -> None:
    order = an_order(world)
    settle(world)
    (work,) = world.fulfilments(order)
    assert look_ahead(world.hub, order).way == "renew"
    change(world, order)
    advance(world)
    assert (receiver(world, order), changes(world, order)) == (OLD, [("renew", "asked")])
    settle(world)
    (again,) = world.fulfilments(order)
    assert (again.id, again.version, again.status) == (work.id, 2, "sent")
    first, second = world.script.asked("create")
    assert (first.number, second.number) == (document_no("fulfilment", work.id), document_no("fulfilment", work.id, 2))
    assert (first.receiver, second.receiver) == (OLD, NEW)
    assert (receiver(world, order), changes(world, order)) == (NEW, [("renew", "confirmed")])
    assert world.holds(order) == set()
    ship_fulfilment_of(world, work.id, 2)
    assert world.fulfilments(order)[0].status == "shipped"


def ship_fulfilment_of(world: World, fulfilment_id: int, version: int, waybill: str = "") -> None:
    """The warehouse tells that a version of it left."""
    told = a_shipment(fulfilment_id, a_parcel(("A", 1), waybill=waybill))
    report(world, replace(told, number=document_no("fulfilment", fulfilment_id, version)))


def test_a_number_of_the_former_version_is_given_back_and_a_new_one_taken(world: World) -> None:
    own_labels(world)
    order = an_order(world)
    settle(world)
    ask_change(world.hub, order, "user:1", "cheaper", carrier_id=world.carriers["YTO"])
    settle(world)
    (work,) = world.fulfilments(order)
    assert (work.version, work.carrier_id, work.status) == (2, world.carriers["YTO"], "sent")
    settle_numbers(world.hub)
    settle(world)
    assert states(world) == ["cancelled"]
    assert world.script.asked("create")[-1].carrier_code == "YTO"


@pytest.mark.parametrize("leaves", [False, True])
def test_what_the_warehouse_does_not_give_back_leaves_as_it_was(world: World, leaves: bool) -> None:
    order = an_order(world)
    settle(world)
    (work,) = world.fulfilments(order)
    world.script.next("cancel", Refused("已打包"))
    change(world, order)
    if leaves:
        advance(world)
        ship_fulfilment(world, work.id)
    settle(world)
    assert (receiver(world, order), changes(world, order)) == (OLD, [("renew", "refused")])
    assert world.holds(order) == set()
    (again,) = world.fulfilments(order)
    assert (again.version, again.status) == (1, "shipped" if leaves else "sent")
    assert len(world.script.asked("create")) == 1


def test_word_of_a_former_version_moves_nothing_unless_it_left_twice(world: World) -> None:
    order = an_order(world)
    settle(world)
    (work,) = world.fulfilments(order)
    change(world, order)
    settle(world)
    progress(world, work.id, n.WarehouseState.CANCELLED, version=1)
    assert world.fulfilments(order)[0].status == "sent"
    ship_fulfilment_of(world, work.id, 1)
    settle(world)
    assert "shipped_after_cancel" in world.events(order)
    assert "already_shipped" in world.holds(order)
    assert world.fulfilments(order)[0].status == "cancelled"


def test_a_platform_that_still_tells_the_old_receiver_does_not_change_it_back(world: World) -> None:
    order = an_order(world, no="T1")
    settle(world)
    change(world, order)
    settle(world)
    take(world, raw(a_document("T1", at=60, platform_status="PACKED"), 60))
    settle(world)
    assert receiver(world, order) == NEW
    assert world.holds(order) == set()
    third = {**RECEIVER, "address": "莫干山路 3 号"}
    take(world, raw(a_document("T1", at=90, receiver=third), 90))
    settle(world)
    assert receiver(world, order).address == third["address"]
    assert world.script.asked("create")[-1].receiver.address == third["address"]


def test_what_cannot_be_changed_says_why_and_another_way_than_was_seen_does_nothing(world: World) -> None:
    order = an_order(world)
    settle(world)
    (work,) = world.fulfilments(order)
    with pytest.raises(NotPossible, match="another way"):
        change(world, order, expected="direct")
    with pytest.raises(Invalid, match="nothing is different"):
        change(world, order, receiver=OLD)
    progress(world, work.id, n.WarehouseState.WORKING, "PACKAGE")
    ahead = look_ahead(world.hub, order)
    assert (ahead.way, ahead.why) == ("", "it is packed: the warehouse does not open it again")
    ship_fulfilment(world, work.id)
    assert look_ahead(world.hub, order).why == "it has left: ask the courier to call it back"
    assert changes(world, order) == []


def test_a_buyer_who_changes_it_meanwhile_has_the_last_word(world: World) -> None:
    order = an_order(world, no="T2")
    settle(world)
    change(world, order)
    third = {**RECEIVER, "address": "莫干山路 3 号"}
    take(world, raw(a_document("T2", at=60, receiver=third), 60))
    settle(world)
    assert changes(world, order) == [("renew", "refused"), ("renew", "confirmed")]
    assert receiver(world, order).address == third["address"]
    assert world.script.asked("create")[-1].receiver.address == third["address"]
    assert world.holds(order) == set()
