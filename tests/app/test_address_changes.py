"""改地址: a receiver that the platform changes on the way out, without stopping the work where that can be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from connectors.contract import labels as lb
from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown, Refused
from oms.app.kernel.receivers import open_receiver
from oms.app.pipeline.labels.acknowledged import acknowledge, relabellings
from oms.app.pipeline.labels.packages import add_package
from oms.app.pipeline.labels.sweep import settle_numbers
from oms.app.pipeline.outbound.outbox import send_batch
from oms.domain.errors import HubError
from tests.app.joining import BUYER
from tests.app.labels import own_labels
from tests.app.shipping import open_items, progress, ship_fulfilment
from tests.app.test_label_changes import change, changes
from tests.factories import RECEIVER, World, a_document, a_line, advance, an_order, raw, settle, take

AT = iter(range(60, 10_000_000))


def moves(world: World, address: str, *lines: Any, **where: Any) -> None:
    """The platform tells another receiver, and these lines."""
    world.clock.forward(1)
    at = next(AT)
    told = a_document("T1", list(lines) or None, at=at, receiver={**RECEIVER, "address": address, **where})
    assert take(world, raw(told, at)).newer == 1


def address(world: World, order: int) -> str:
    with world.hub.engine.connect() as connection:
        return open_receiver(world.hub, connection, order)[0].address


def live(world: World, order: int) -> list[Any]:
    return [work for work in world.fulfilments(order) if work.status not in ("cancelled", "merged")]


def put_on(world: World, *, is_done: bool = True) -> None:
    with world.hub.engine.connect() as connection:
        (to_do,) = relabellings(connection, [1, 2])
    acknowledge(world.hub, to_do.id, "user:7", [1, 2], is_done=is_done, words="" if is_done else "包好了")


def sent(world: World, *, ours: bool, no: str = "T1", **changes: Any) -> int:
    if ours:
        own_labels(world)
    order = an_order(world, no=no, **changes)
    settle(world)
    assert world.fulfilments(order)[0].status == "sent"
    return order


@pytest.mark.parametrize("accepted", [False, True])
def test_where_the_label_is_ours_the_carrier_changes_it_and_the_work_goes_on(world: World, accepted: bool) -> None:
    order = sent(world, ours=True)
    (work,) = world.fulfilments(order)
    if accepted:
        progress(world, work.id, n.WarehouseState.ACCEPTED)
    moves(world, "学院路 9 号")
    settle(world)
    (told,) = world.script.asked("change_label")
    assert told.receiver.address == "学院路 9 号"
    assert (changes(world, order), world.holds(order)) == ([("update", "told")], set())
    put_on(world)
    settle(world)
    assert changes(world, order) == [("update", "confirmed")]
    assert (world.script.asked("cancel"), len(world.script.asked("create"))) == ([], 1)
    (again,) = world.fulfilments(order)
    assert (again.id, again.version, again.status) == (work.id, 1, "accepted" if accepted else "sent")
    asked = world.one("select detail from event where kind = 'label_asked'")
    assert asked == {"field": ["address"], "way": "update"}
    assert {"address_changed", "label_told", "label_confirmed"} <= set(world.events(order))


def test_where_the_label_is_the_warehouses_it_goes_anew_as_another_version(world: World) -> None:
    order = sent(world, ours=False)
    (work,) = world.fulfilments(order)
    moves(world, "学院路 9 号")
    settle(world)
    (again,) = world.fulfilments(order)
    assert (again.id, again.version, again.status) == (work.id, 2, "sent")
    assert [told.receiver.address for told in world.script.asked("create")] == [RECEIVER["address"], "学院路 9 号"]
    assert (changes(world, order), world.holds(order)) == ([("renew", "confirmed")], set())


ENDINGS: dict[str, Callable[[World], None]] = {
    "refused": lambda world: world.script.next("change_label", lb.LabelInUse("已揽收")),
    "unreachable": lambda world: world.script.next("change_label", lb.Unreachable("不到")),
    "lost": lambda world: world.script.next("change_label", OutcomeUnknown("no answer"), lb.LabelInUse("已揽收")),
    "cannot": lambda world: None,
    "silent": lambda world: None,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_label_that_does_not_change_has_the_goods_asked_back_and_sent_anew(world: World, ending: str) -> None:
    order = sent(world, ours=True)
    (work,) = world.fulfilments(order)
    ENDINGS[ending](world)
    moves(world, "学院路 9 号")
    settle(world)
    if ending == "cannot":
        put_on(world, is_done=False)
    elif ending == "silent":
        world.clock.forward(31 * 60)
        settle_numbers(world.hub)
        settle_numbers(world.hub)
    world.clock.forward(10)
    settle(world)
    assert changes(world, order) == [("update", "refused")]
    assert "label_called_back" in world.events(order)
    (again,) = live(world, order)
    assert (again.id != work.id, again.status) == (True, "sent")
    assert world.script.asked("create")[-1].receiver.address == "学院路 9 号"
    assert world.holds(order) == set()
    if ending == "unreachable":
        assert world.script.asked("create")[-1].carrier_code != "ZTO"


@pytest.mark.parametrize("ours", [True, False], ids=["ours", "theirs"])
def test_a_warehouse_that_gives_nothing_back_leaves_it_to_people(world: World, ours: bool) -> None:
    order = sent(world, ours=ours)
    if ours:
        world.script.next("change_label", lb.LabelInUse("已揽收"))
    world.script.next("cancel", Refused("已打包"))
    moves(world, "学院路 9 号")
    settle(world)
    (work,) = world.fulfilments(order)
    assert (work.status, work.stop, work.version) == ("sent", "too_late", 1)
    assert (address(world, order), world.holds(order)) == ("学院路 9 号", {"address_changed"})
    assert changes(world, order) == [("update" if ours else "renew", "refused")]
    assert world.one("select state from interception") == "failed"
    moves(world, "古墩路 3 号")
    settle(world)
    assert len(world.script.asked("cancel")) == 2
    assert world.script.asked("create")[-1].receiver.address == "古墩路 3 号"


@pytest.mark.parametrize("when", ["before the carrier answered", "before the warehouse answered"])
def test_what_left_meanwhile_is_never_claimed_and_stands_in_the_ledger(world: World, when: str) -> None:
    order = sent(world, ours=True)
    (work,) = world.fulfilments(order)
    moves(world, "学院路 9 号")
    if when.endswith("warehouse answered"):
        settle(world)
    ship_fulfilment(world, work.id)
    settle(world)
    settle_numbers(world.hub)
    settle(world)
    assert changes(world, order) == [("update", "refused")]
    (row,) = world.rows("select reason, state, asked_of from interception")
    assert tuple(row) == ("address_changed", "failed", "nobody")
    assert (world.fulfilments(order)[0].status, world.holds(order)) == ("shipped", set())


@pytest.mark.parametrize("ours", [True, False], ids=["ours", "theirs"])
@pytest.mark.parametrize("when", ["asked", "calling", "lost", "told"])
def test_a_second_change_ends_in_the_newest_address(world: World, ours: bool, when: str) -> None:
    order = sent(world, ours=ours)
    if when == "lost":
        world.script.next("change_label" if ours else "cancel", OutcomeUnknown("no answer"))
    moves(world, "学院路 9 号")
    if when == "calling":
        world.run("update outbound set state = 'sending', attempts = 1, due_at = :at where state = 'waiting'",
                  at=world.clock())  # fmt: skip
    elif when != "asked":
        advance(world)
        send_batch(world.hub)
    moves(world, "古墩路 3 号")
    settle(world)
    world.clock.forward(60)
    settle(world)
    if ours:
        assert world.script.asked("change_label")[-1].receiver.address == "古墩路 3 号"
        assert world.script.asked("cancel") == []
        put_on(world)
        assert changes(world, order) == [("update", "refused"), ("update", "confirmed")]
    else:
        assert world.script.asked("create")[-1].receiver.address == "古墩路 3 号"
    assert (len(live(world, order)), address(world, order), world.holds(order)) == (1, "古墩路 3 号", set())


def test_the_platforms_word_ends_a_change_that_people_have_asked_for(world: World) -> None:
    order = sent(world, ours=True)
    change(world, order)
    settle(world)
    moves(world, "莫干山路 3 号")
    settle(world)
    put_on(world)
    assert changes(world, order) == [("update", "refused"), ("update", "confirmed")]
    assert address(world, order) == "莫干山路 3 号"
    moves(world, RECEIVER["address"])
    settle(world)
    assert address(world, order) == RECEIVER["address"], "the buyer may go back to where it went at first"


def test_another_place_is_planned_anew_where_the_point_or_the_carrier_does_not_go(world: World) -> None:
    order = sent(world, ours=True)
    (work,) = world.fulfilments(order)
    world.run(
        "insert into carrier_coverage (carrier_id, division_prefix, is_deliverable) values (:id, '44', false)",
        id=world.carriers["ZTO"],
    )
    world.hub.masters.forget()
    moves(world, "体育东路 1 号", state="广东省", city="广州市", district="天河区")
    settle(world)
    assert (changes(world, order), world.script.asked("change_label")) == ([], [])
    (again,) = live(world, order)
    assert (again.id != work.id, world.script.asked("create")[-1].receiver.state) == (True, "广东省")


def test_a_tier_that_passed_the_old_address_has_it_given_back(world: World) -> None:
    order = sent(world, ours=True)
    world.run("update orders set tiers_passed = 15")
    moves(world, "学院路 9 号")
    settle(world)
    assert changes(world, order) == [("renew", "confirmed")]


@pytest.mark.parametrize("ours", [True, False], ids=["ours", "theirs"])
@pytest.mark.parametrize("alike", [True, False], ids=["alike", "apart"])
def test_joined_orders_stay_together_only_when_all_of_them_moved_alike(
    make_world: Callable[..., World], ours: bool, alike: bool
) -> None:
    world = make_world(window=60)
    if ours:
        own_labels(world)
    orders = [an_order(world, no=no, buyer=BUYER) for no in ("T1", "T2")]
    settle(world)
    world.clock.forward(120)
    settle(world)
    (work,) = live(world, orders[0])
    assert (work.order_count, work.status) == (2, "sent")
    at = next(AT)
    there = {**RECEIVER, "address": "学院路 9 号"}
    told = [a_document(no, at=at, receiver=there, buyer=BUYER) for no in ("T1", "T2")]
    take(world, *[raw(document, at) for document in told[: 2 if alike else 1]])
    settle(world)
    world.clock.forward(120)
    settle(world)
    if ours and alike:
        put_on(world)
    (again,) = live(world, orders[0])
    assert ((again.id == work.id) and again.order_count == 2) is alike
    assert len(world.script.asked("cancel")) == (0 if ours and alike else 1)
    kinds = [event for order in orders for event in world.events(order) if event == "label_asked"]
    assert len(kinds) == (2 if alike else 0)
    assert {told.receiver.address for told in world.script.asked("change_label")} == (
        {"学院路 9 号"} if ours and alike else set()
    )
    assert sorted(item for work in live(world, orders[1]) for item in open_items(world, work.id))


def test_what_is_given_back_while_its_label_changes_simply_goes_to_the_new_place(world: World) -> None:
    order = sent(world, ours=True, lines=[a_line("1", "A", 2, 2000)])
    moves(world, "学院路 9 号", a_line("1", "A", 2, 2000))
    moves(world, "学院路 9 号", a_line("1", "A", 1, 1000))
    settle(world)
    assert changes(world, order) == [("update", "confirmed")]
    assert [item for work in live(world, order) for item in open_items(world, work.id)] == [("A", 1)]
    assert world.script.asked("create")[-1].receiver.address == "学院路 9 号"


@pytest.mark.parametrize("turn", range(3))
def test_a_race_with_the_warehouses_word_ends_in_one_of_both(world: World, turn: int) -> None:
    order = sent(world, ours=turn != 1)
    (work,) = world.fulfilments(order)
    gate, failed = threading.Barrier(2), []

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
        except HubError as error:
            failed.append(error)

    acts = (lambda: moves(world, "学院路 9 号"), lambda: ship_fulfilment(world, work.id))
    people = [threading.Thread(target=run, args=(act,)) for act in acts]
    for person in people:
        person.start()
    for person in people:
        person.join()
    settle(world)
    settle_numbers(world.hub)
    settle(world)
    assert (failed, world.fulfilments(order)[0].status, world.holds(order)) == ([], "shipped", set())
    assert all(state == "refused" for _, state in changes(world, order))
    assert address(world, order) == "学院路 9 号"


@pytest.mark.parametrize("refused", ["one", "both"])
def test_each_package_has_the_ending_of_its_own_label(world: World, refused: str) -> None:
    own_labels(world)
    world.run("update stock_point set account_id = null")
    order = an_order(world, no="T1")
    settle(world)
    (work,) = world.fulfilments(order)
    add_package(world.hub, work.id, 2, "user:7", [1, 2])
    settle(world)
    no = lb.LabelInUse("已揽收")
    world.script.next("change_label", *([no] if refused == "one" else [no, no]))
    change(world, order)
    settle(world)
    if refused == "both":
        assert changes(world, order) == [("update", "refused")]
        return
    assert changes(world, order) == [("update", "told")]
    packages = world.rows("select package, prints from e_waybill order by prints")
    assert [row.prints for row in packages] == [1, 2]
    words = f"{packages[0].package}: 已揽收"
    put_on(world)
    assert changes(world, order) == [("update", "confirmed")]
    assert world.one("select words from label_change") == words, "which package keeps its old label stays told"
