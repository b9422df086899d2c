"""Orders through stores from the platform to the buyer's hands: both kinds of goods, both last legs."""

from __future__ import annotations

import pytest

from oms.app.kernel.holds import hold_order
from oms.app.pipeline.stores import handing, notes, sending_back, tasks
from oms.app.pipeline.stores.codes_shown import is_buyer_told, waiting_codes
from oms.app.pipeline.stores.money import Taken
from oms.app.pipeline.stores.overdue import mark_overdue
from oms.domain.errors import HubError, Invalid, NotFound, NotPossible
from tests.app.stores.kit import (
    NEAR,
    at_once,
    carried,
    code_of,
    doing,
    note_of,
    on_hand,
    parcel_state,
    through_store,
    with_stores,
)
from tests.factories import World, a_document, a_line, raw, settle, take

UNIFIED = {"mode": "unified", "leg": "pickup", "store_code": "S11"}


def told_platform(world: World) -> list[str]:
    """Orders whose shipment the platform has heard of."""
    settle(world)
    return [notice.order_no for notice in world.script.asked("push_shipment")]


def test_warehouse_goods_are_carried_to_the_store_and_collected_with_the_code(world: World) -> None:
    with_stores(world)
    id_, parcel, waybill = carried(world)
    other, other_parcel, _ = carried(world)
    assert [work.mode for work in world.fulfilments(id_)] == ["unified"]
    note = note_of(world)
    assert world.one("select count(*) from delivery_note_parcel where delivery_note_id = :id", id=note) == 2
    notes.send_note(world.hub, doing(1), note)
    assert parcel_state(world, parcel) == "on_the_way"
    assert told_platform(world) == []
    click = doing(NEAR)
    for _ in range(2):  # A click that is repeated changes nothing.
        assert notes.receive_parcel(world.hub, click, note, waybill.lower()) == parcel
    notes.receive_parcel(world.hub, doing(NEAR), note, waybill)
    handing.ready(world.hub, doing(NEAR), parcel, "A-3")
    assert len(told_platform(world)) == 1
    with world.hub.begin() as connection:
        assert waiting_codes(world.hub, connection, id_) == [(waybill, code_of(world, parcel))]
        assert waiting_codes(world.hub, connection, other) == []
        assert not is_buyer_told(world.hub, connection, parcel)
    with pytest.raises(Invalid, match="not the code"):
        handing.hand_over(world.hub, doing(NEAR), parcel, "000000")
    handing.hand_over(world.hub, doing(NEAR), parcel, code_of(world, parcel))
    assert (world.phase(id_), parcel_state(world, parcel)) == ("completed", "delivered")
    assert notes.finish_receiving(world.hub, doing(NEAR), note) == 1
    assert (parcel_state(world, other_parcel), world.phase(other)) == ("trouble", "trouble")
    finding = world.one("select id from arrival_finding where kind = 'missing' and resolved_at is null")
    notes.resolve_finding(world.hub, doing(NEAR), finding, "found")
    assert world.one("select status from delivery_note where id = :id", id=note) == "closed"
    assert parcel_state(world, other_parcel) == "at_store"


def test_damaged_and_uncollected_parcels_go_back_and_are_stock_again(world: World) -> None:
    with_stores(world)
    before = on_hand(world, 1)
    id_, parcel, waybill = carried(world)
    _, late, late_waybill = carried(world)
    note = note_of(world)
    notes.send_note(world.hub, doing(1), note)
    notes.receive_parcel(world.hub, doing(NEAR), note, waybill, damage="wet box")
    notes.receive_parcel(world.hub, doing(NEAR), note, late_waybill, shelf="B1")
    finding = world.one("select id from arrival_finding where resolved_at is null")
    notes.resolve_finding(world.hub, doing(NEAR), finding, "sent_back")
    world.clock.forward(7 * 86400 + 60)
    assert mark_overdue(world.hub) == 1
    assert mark_overdue(world.hub) == 0
    transfer = world.one("select id from transfer")
    sending_back.send_transfer(world.hub, doing(NEAR), transfer, "VAN 1")
    with pytest.raises(NotPossible):
        handing.hand_over(world.hub, doing(NEAR), late, code_of(world, late))
    sending_back.receive_back(world.hub, doing(1), transfer, waybill, "damaged")
    sending_back.receive_back(world.hub, doing(1), transfer, late_waybill, "received")
    assert (parcel_state(world, parcel), parcel_state(world, late)) == ("returned", "returned")
    assert (on_hand(world, 1), on_hand(world, 1, kind="defective")) == (before - 1, 1)
    assert world.one("select status from transfer") == "closed"
    assert world.phase(id_) == "trouble"


def test_a_buyer_who_comes_before_the_van_still_gets_the_goods(world: World) -> None:
    with_stores(world)
    _, parcel, waybill = carried(world)
    notes.send_note(world.hub, doing(1), note_of(world))
    notes.receive_parcel(world.hub, doing(NEAR), note_of(world), waybill, shelf="1")
    world.clock.forward(8 * 86400)
    mark_overdue(world.hub)
    handing.hand_over(world.hub, doing(NEAR), parcel, code_of(world, parcel))
    assert world.one("select count(*) from transfer_parcel") == 0


def test_store_goods_are_accepted_picked_brought_and_paid_at_the_door(world: World) -> None:
    with_stores(world, tells_at="handed_over")
    due = {"kind": "store", "amount": 700, "paid_at": None}
    paid = {"kind": "online", "amount": 300, "paid_at": "2026-11-21T02:00:00+00:00"}
    id_ = through_store(world, "store_delivery", "delivery", payments=[paid, due])
    work = world.fulfilments(id_)[0]
    assert (work.stock_point_id, work.mode, work.status) == (NEAR, "store_delivery", "sent")
    with pytest.raises(NotPossible):
        tasks.finish(world.hub, doing(NEAR), work.id)
    tasks.accept(world.hub, doing(NEAR), work.id)
    tasks.pick(world.hub, doing(NEAR), work.id)
    tasks.finish(world.hub, doing(NEAR), work.id)
    assert on_hand(world, NEAR) == 9
    parcel = world.one("select parcel_id from store_parcel")
    handing.go_out(world.hub, doing(NEAR), parcel)
    with pytest.raises(Invalid, match="amount"):
        handing.hand_over(world.hub, doing(NEAR), parcel)
    assert told_platform(world) == []
    handing.hand_over(world.hub, doing(NEAR), parcel, taken=Taken(700, "wechat", "w-1"))
    assert len(told_platform(world)) == 1
    assert world.phase(id_) == "completed"
    assert world.rows("select state, amount from payment where kind = 'store'") == [("paid", 700)]
    assert "store_paid" in world.events(id_)


def test_refused_store_goods_are_stock_again_at_once(world: World) -> None:
    with_stores(world)
    id_ = through_store(world, "store_pickup", "pickup")
    work = world.fulfilments(id_)[0].id
    for act in (tasks.accept, tasks.pick, tasks.finish):
        act(world.hub, doing(NEAR), work)
    parcel = world.one("select parcel_id from store_parcel")
    handing.refuse(world.hub, doing(NEAR), parcel, "damaged")
    assert (parcel_state(world, parcel), on_hand(world, NEAR)) == ("returned", 10)


def test_two_clerks_hand_one_parcel_over_once(world: World) -> None:
    with_stores(world)
    id_ = through_store(world, "store_pickup", "pickup", payments=[{"kind": "store", "amount": 1000, "paid_at": None}])
    work = world.fulfilments(id_)[0].id
    tasks.accept(world.hub, doing(NEAR), work)
    tasks.finish(world.hub, doing(NEAR), work)
    parcel = world.one("select parcel_id from store_parcel")
    code, taken = code_of(world, parcel), Taken(1000, "cash")
    ends = at_once(world, *[
        lambda actor=actor: handing.hand_over(world.hub, doing(NEAR, actor), parcel, code, taken)
        for actor in ("user:1", "user:2", "user:3")
    ])  # fmt: skip
    assert ends == ["NotPossible", "NotPossible", "done"]
    assert world.one("select count(*) from store_receipt") == 1
    assert world.events(id_).count("parcel_delivered") == 1


def test_wrong_codes_lock_a_parcel_until_a_new_one_is_sent(world: World) -> None:
    with_stores(world)
    _, parcel, waybill = carried(world)
    notes.send_note(world.hub, doing(1), note_of(world))
    notes.receive_parcel(world.hub, doing(NEAR), note_of(world), waybill, shelf="1")
    old = code_of(world, parcel)
    for _ in range(5):
        with pytest.raises(Invalid):
            handing.hand_over(world.hub, doing(NEAR), parcel, "12345x")
    with pytest.raises(NotPossible, match="too often"):
        handing.hand_over(world.hub, doing(NEAR), parcel, old)
    handing.renew_code(world.hub, doing(NEAR), parcel)
    with pytest.raises(Invalid):
        handing.hand_over(world.hub, doing(NEAR), parcel, old)
    again = doing(NEAR)
    with pytest.raises(Invalid):
        handing.hand_over(world.hub, again, parcel, "000001")
    handing.hand_over(world.hub, again, parcel, code_of(world, parcel))
    assert parcel_state(world, parcel) == "delivered"
    kept = bytes(world.one("select code_hash from store_parcel where parcel_id = :id", id=parcel))
    assert code_of(world, parcel).encode() not in kept


def test_goods_whose_money_is_asked_back_stay_at_the_store(world: World) -> None:
    with_stores(world)
    id_, parcel, waybill = carried(world)
    notes.send_note(world.hub, doing(1), note_of(world))
    notes.receive_parcel(world.hub, doing(NEAR), note_of(world), waybill, shelf="1")
    no = world.one("select external_no from orders where id = :id", id=id_)
    asked = a_document(no, [a_line(refund="asked")], at=60, delivery=UNIFIED)
    take(world, raw(asked, fetched=60))
    with pytest.raises(NotPossible, match="called off"):
        handing.hand_over(world.hub, doing(NEAR), parcel, code_of(world, parcel))
    handing.refuse(world.hub, doing(NEAR), parcel, "not_wanted")
    assert world.one("select reason from transfer_parcel") == "refused"


def test_a_step_that_breaks_leaves_nothing_and_the_same_click_does_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_stores(world)
    id_ = through_store(world, "store_pickup", "pickup", payments=[{"kind": "store", "amount": 1000, "paid_at": None}])
    work = world.fulfilments(id_)[0].id
    tasks.accept(world.hub, doing(NEAR), work)
    click = doing(NEAR)

    def broken(*_given: object, **_named: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr("oms.app.pipeline.stores.tasks.close_batch", broken)
        with pytest.raises(RuntimeError):
            tasks.finish(world.hub, click, work)
    assert (on_hand(world, NEAR), world.one("select count(*) from parcel")) == (10, 0)
    tasks.finish(world.hub, click, work)
    parcel = world.one("select parcel_id from store_parcel")
    code, paying = code_of(world, parcel), doing(NEAR)
    with monkeypatch.context() as patched:
        patched.setattr("oms.app.pipeline.stores.acting.close_batch", broken)
        with pytest.raises(RuntimeError):
            handing.hand_over(world.hub, paying, parcel, code, Taken(1000, "cash"))
    assert (world.one("select count(*) from store_receipt"), parcel_state(world, parcel)) == (0, "ready")
    for _ in range(2):
        handing.hand_over(world.hub, paying, parcel, code, Taken(1000, "cash"))
    assert (world.one("select count(*) from store_receipt"), world.phase(id_)) == (1, "completed")


def test_a_task_that_is_called_off_is_put_back(world: World) -> None:
    with_stores(world)
    id_ = through_store(world, "store_pickup", "pickup")
    work = world.fulfilments(id_)[0].id
    tasks.accept(world.hub, doing(NEAR), work)
    hold_order(world.hub, id_, "user:1", "buyer rang")
    settle(world)
    with pytest.raises(NotPossible, match="called off"):
        tasks.finish(world.hub, doing(NEAR), work)
    tasks.give_stopped_back(world.hub, doing(NEAR), work)
    assert world.fulfilments(id_)[0].status == "cancelled"


def test_a_clerk_of_another_store_reaches_nothing(world: World) -> None:
    with_stores(world)
    id_ = through_store(world, "store_pickup", "pickup")
    _, parcel, waybill = carried(world)
    notes.send_note(world.hub, doing(1), note_of(world))
    acts = (
        lambda: tasks.accept(world.hub, doing(12), world.fulfilments(id_)[0].id),
        lambda: notes.receive_parcel(world.hub, doing(12), note_of(world), waybill),
        lambda: handing.ready(world.hub, doing(12), parcel),
        lambda: notes.finish_receiving(world.hub, doing(12), note_of(world)),
    )
    for act in acts:
        with pytest.raises(HubError):
            act()
    with pytest.raises(NotFound, match="no parcel has this number"):
        notes.receive_parcel(world.hub, doing(NEAR), note_of(world), "nonsense")
    assert parcel_state(world, parcel) == "on_the_way"


def test_parts_of_an_order_from_two_warehouses_wait_for_each_other(world: World) -> None:
    """An order is done when its last parcel is collected."""
    with_stores(world)
    world.run("update stock_level set safety = on_hand where stock_point_id = 1 and sku_id = :b", b=world.skus["B"])
    world.run("update stock_level set safety = on_hand where stock_point_id = 2 and sku_id = :a", a=world.skus["A"])
    world.run("update shop set max_parcels = 2 where id = 1")
    id_ = through_store(world, "unified", "pickup", lines=[a_line("1", "A"), a_line("2", "B")])
    assert sorted(work.stock_point_id for work in world.fulfilments(id_)) == [1, 2]


def test_two_clerks_receive_one_note_at_once(world: World) -> None:
    """Each parcel is received once, whoever scans it, and the note closes."""
    with_stores(world)
    waybills = [carried(world)[2] for _ in range(3)]
    note = note_of(world)
    notes.send_note(world.hub, doing(1), note)
    ends = at_once(world, *[
        lambda no=no, actor=actor: notes.receive_parcel(world.hub, doing(NEAR, actor), note, no)
        for actor in ("user:1", "user:2") for no in waybills
    ])  # fmt: skip
    assert ends.count("done") >= 3
    for no in waybills:
        if world.one("select state from parcel where waybill_no = :no", no=no) != "at_store":
            notes.receive_parcel(world.hub, doing(NEAR), note, no)
    assert world.one("select status from delivery_note where id = :id", id=note) == "closed"
    told = world.rows("select count(*) from event where kind = 'parcel_at_store' group by order_id")
    assert [row[0] for row in told] == [1, 1, 1]


def test_a_warehouse_has_nothing_to_do_with_the_buyer_of_what_it_sent(world: World) -> None:
    with_stores(world)
    id_, parcel, waybill = carried(world, "delivery")
    notes.send_note(world.hub, doing(1), note_of(world))
    notes.receive_parcel(world.hub, doing(NEAR), note_of(world), waybill, shelf="1")
    for act in (
        lambda: handing.go_out(world.hub, doing(1), parcel),
        lambda: handing.refuse(world.hub, doing(1), parcel, "not_wanted"),
        lambda: handing.renew_code(world.hub, doing(1), parcel),
    ):
        with pytest.raises(NotFound):
            act()
    handing.go_out(world.hub, doing(NEAR), parcel)
    with pytest.raises(NotFound):
        handing.hand_over(world.hub, doing(1), parcel)
    handing.hand_over(world.hub, doing(NEAR), parcel)
    assert world.phase(id_) == "completed"
