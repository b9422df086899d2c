"""Notices to buyers and stores: by template, at their time, with the phone opened only at the call, each once."""

from __future__ import annotations

from typing import Any

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.geocoding import MessageFound
from oms.app.pipeline.stores import handing, notes, tasks
from oms.app.pipeline.stores.changing import change_delivery
from oms.app.pipeline.stores.codes_shown import is_buyer_told
from oms.app.pipeline.stores.overdue import mark_overdue
from oms.app.pipeline.stores.placing import choose_store
from tests.app.stores.kit import FAR, NEAR, carried, code_of, doing, note_of, through_store, with_stores
from tests.factories import RECEIVER, World, settle

PHONE = "13800000001"


SMS, MAIL = 30, 31


def a_template(
    world: World, event: str, *, audience: str = "buyer", shop: int = 0, on: bool = True, after: int = 0, by: int = SMS
) -> None:
    world.run("""insert into account (id, family, vendor, name, push_token)
                 values (30, 'notifier', 'plainsms', 'sms', 'ts'), (31, 'notifier', 'plainmail', 'mail', 'tmail')
                 on conflict do nothing""")
    world.run(
        """insert into buyer_notice (shop_id, event, audience, account_id, template, words, after_min, is_on)
           values (:shop, :event, :audience, :by, 'SMS_1', 'Code {code} at {store} until {until}', :after, :on)""",
        shop=shop, event=event, audience=audience, on=on, after=after, by=by,
    )  # fmt: skip


def arrived(world: World, **changes: Any) -> tuple[int, int]:
    """(order, parcel) that is ready for its buyer."""
    id_, parcel, waybill = carried(world, **changes)
    notes.send_note(world.hub, doing(1), note_of(world))
    notes.receive_parcel(world.hub, doing(NEAR), note_of(world), waybill, shelf="1")
    settle(world)
    return id_, parcel


def test_the_buyer_is_told_the_code_and_nothing_of_it_is_kept(world: World) -> None:
    with_stores(world)
    a_template(world, "ready")
    id_, parcel = arrived(world)
    to, template, values, words = world.script.asked("notify")[0]
    assert (to, template, values["code"]) == (PHONE, "SMS_1", code_of(world, parcel))
    assert words == f"Code {values['code']} at store 11 until 2026-11-28"
    assert "notice_sent" in world.events(id_)
    kept = str(world.rows("select * from outbound where kind = 'notify'")) + str(world.rows("select * from event"))
    assert PHONE not in kept
    assert values["code"] not in kept


def test_who_collects_is_told_instead_of_the_receiver(world: World) -> None:
    with_stores(world)
    a_template(world, "ready")
    arrived(world, delivery={"person": "李雷", "phone": "13900000002"})
    assert [to for to, *_ in world.script.asked("notify")] == ["13900000002"]


def test_nothing_is_sent_where_no_template_is_on_and_a_shops_own_wins(world: World) -> None:
    with_stores(world)
    a_template(world, "ready")
    a_template(world, "ready", shop=1, on=False)
    arrived(world)
    assert world.script.asked("notify") == []


def test_a_lost_answer_is_looked_up_before_anything_is_sent_again(world: World) -> None:
    with_stores(world)
    a_template(world, "ready")
    world.script.next("notify", OutcomeUnknown("no answer"))
    world.script.next("find_message", MessageFound("k", "delivered"))
    arrived(world)
    world.clock.forward(5)
    settle(world)
    assert len(world.script.asked("notify")) == 1
    assert world.one("select state from outbound where kind = 'notify'") == "done"


def test_a_refusal_is_seen_on_the_timeline_and_stops_nothing(world: World) -> None:
    with_stores(world)
    a_template(world, "ready")
    world.script.next("notify", Refused("the phone cannot be sent to"))
    id_, parcel = arrived(world)
    assert "notice_failed" in world.events(id_)
    handing.hand_over(world.hub, doing(NEAR), parcel, code_of(world, parcel))
    assert world.phase(id_) == "completed"


def test_reminders_come_before_the_goods_go_back_unless_they_were_collected(world: World) -> None:
    with_stores(world)
    a_template(world, "overdue_soon", after=2 * 24 * 60)
    a_template(world, "overdue")
    _, waiting = arrived(world)
    _, collected = arrived(world)
    handing.hand_over(world.hub, doing(NEAR), collected, code_of(world, collected))
    settle(world)
    assert world.script.asked("notify") == []
    world.clock.forward(5 * 86400 + 60)
    settle(world)
    assert len(world.script.asked("notify")) == 1
    world.clock.forward(2 * 86400)
    mark_overdue(world.hub)
    settle(world)
    assert len(world.script.asked("notify")) == 2
    states = world.rows("select parcel_id, state from outbound where kind = 'notify' and state = 'void'")
    assert states == [(collected, "void")]
    assert waiting != collected


def test_a_store_hears_of_a_new_task_by_what_the_account_writes_to(world: World) -> None:
    with_stores(world, finds_by="hand")
    a_template(world, "new_task", audience="store")
    a_template(world, "new_task", audience="store", by=MAIL)
    world.run("update store_profile set email = 'store@example.com'")
    choose_store(world.hub, through_store(world, "store_pickup", "pickup", store=""), NEAR, "user:1")
    settle(world)
    assert sorted(to for to, *_ in world.script.asked("notify")) == ["0571-88886666", "store@example.com"]


def test_a_store_without_what_the_account_writes_to_is_not_written_to(world: World) -> None:
    with_stores(world, finds_by="hand")
    a_template(world, "new_task", audience="store", by=MAIL)
    choose_store(world.hub, through_store(world, "store_pickup", "pickup", store=""), NEAR, "user:1")
    settle(world)
    assert world.script.asked("notify") == []
    assert world.one("select state from outbound where kind = 'notify'") == "void"


def test_a_mail_goes_to_the_buyers_mail_address_and_to_nobodys_phone(world: World) -> None:
    with_stores(world)
    a_template(world, "ready", by=MAIL)
    _, unreached = arrived(world)
    assert world.script.asked("notify") == []
    _, reached = arrived(world, receiver={**RECEIVER, "email": "buyer@example.com"})
    with world.hub.engine.connect() as connection:
        assert [is_buyer_told(world.hub, connection, id_) for id_ in (unreached, reached)] == [False, True]
    assert [to for to, *_ in world.script.asked("notify")] == ["buyer@example.com"]
    kept = str(world.rows("select * from outbound where kind = 'notify'")) + str(world.rows("select * from event"))
    assert "buyer@example.com" not in kept


def test_who_is_brought_the_goods_is_not_told_to_collect_them(world: World) -> None:
    with_stores(world)
    for event in ("ready", "overdue_soon", "overdue"):
        a_template(world, event)
    a_template(world, "out")
    a_template(world, "bring_late", audience="store")
    id_, parcel = arrived(world, leg="delivery")
    world.clock.forward(7 * 86400 + 60)
    mark_overdue(world.hub)
    settle(world)
    assert [to for to, *_ in world.script.asked("notify")] == ["0571-88886666"]  # The store alone hears: bring it.
    assert "parcel_bring_late" in world.events(id_)
    assert world.rows("select parcel_id from transfer_parcel") == []
    mark_overdue(world.hub)
    settle(world)
    assert len(world.script.asked("notify")) == 1
    handing.go_out(world.hub, doing(NEAR), parcel)
    settle(world)
    assert world.script.asked("notify")[-1][0] == PHONE


def test_the_buyer_is_told_of_each_attempt_to_bring_it_once(world: World) -> None:
    with_stores(world)
    a_template(world, "out")
    _, parcel = arrived(world, leg="delivery")
    for _ in range(2):
        click = doing(NEAR)
        for _ in range(2):  # A bad line sends the click again.
            handing.go_out(world.hub, click, parcel)
        settle(world)
        handing.not_met(world.hub, doing(NEAR), parcel)
        settle(world)
    assert [to for to, *_ in world.script.asked("notify")] == [PHONE, PHONE]
    assert world.rows("select distinct state from outbound where kind = 'notify'") == [("done",)]


def test_an_attempt_that_failed_before_its_notice_was_sent_is_not_told_with_the_next(world: World) -> None:
    with_stores(world)
    a_template(world, "out", after=10)
    _, parcel = arrived(world, leg="delivery")
    handing.go_out(world.hub, doing(NEAR), parcel)
    handing.not_met(world.hub, doing(NEAR), parcel)
    handing.go_out(world.hub, doing(NEAR), parcel)
    world.clock.forward(11 * 60)
    settle(world)
    assert len(world.script.asked("notify")) == 1


def test_a_parcel_that_is_out_when_it_becomes_late_is_told_of_once_it_is_back(world: World) -> None:
    with_stores(world)
    a_template(world, "bring_late", audience="store")
    _, parcel = arrived(world, leg="delivery")
    handing.go_out(world.hub, doing(NEAR), parcel)
    world.clock.forward(7 * 86400 + 60)
    assert mark_overdue(world.hub) == 0
    handing.not_met(world.hub, doing(NEAR), parcel)
    mark_overdue(world.hub)
    settle(world)
    assert len(world.script.asked("notify")) == 1


def test_goods_that_are_to_be_brought_after_all_are_not_reminded_of_and_do_not_go_back(world: World) -> None:
    with_stores(world)
    a_template(world, "overdue_soon", after=24 * 60)
    a_template(world, "overdue")
    id_, parcel = arrived(world)
    change_delivery(world.hub, id_, "user:1", leg="delivery")
    world.clock.forward(8 * 86400)
    mark_overdue(world.hub)
    settle(world)
    assert world.script.asked("notify") == []
    assert world.rows("select parcel_id from transfer_parcel") == []
    change_delivery(world.hub, id_, "user:1", leg="pickup")
    world.clock.forward(8 * 86400)
    mark_overdue(world.hub)
    settle(world)
    assert "parcel_overdue" in world.events(id_)
    assert world.rows("select parcel_id from transfer_parcel") == [(parcel,)]


def test_a_store_that_gets_an_order_again_hears_of_it_again(world: World) -> None:
    with_stores(world)
    a_template(world, "new_task", audience="store")
    a_template(world, "promised")
    id_ = through_store(world, "store_pickup", "pickup")
    settle(world)
    assert len(world.script.asked("notify")) == 2
    world.clock.forward(3600)
    for point in (FAR, NEAR):
        choose_store(world.hub, id_, point, "user:1")
        settle(world)
    assert [work.stock_point_id for work in world.fulfilments(id_) if work.status == "sent"] == [NEAR]
    assert len(world.script.asked("notify")) == 6


def test_a_store_is_not_told_of_a_task_that_is_gone_by_then(world: World) -> None:
    with_stores(world, finds_by="hand")
    a_template(world, "new_task", audience="store", after=30)
    done, refused, waiting = (through_store(world, "store_pickup", "pickup") for _ in range(3))
    work = world.fulfilments(done)[0]
    for act in (tasks.accept, tasks.pick, tasks.finish):
        act(world.hub, doing(NEAR), work.id)
    tasks.refuse(world.hub, doing(NEAR), world.fulfilments(refused)[0].id, "too_busy")
    world.clock.forward(31 * 60)
    settle(world)
    assert len(world.script.asked("notify")) == 1
    rows = world.rows("select order_id, state from outbound where kind = 'notify' order by order_id")
    assert rows == [(done, "void"), (refused, "void"), (waiting, "done")]
