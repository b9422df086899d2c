"""A change on the platform reaches an order wherever it is: nothing with the old content ever leaves silently."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.contract import notices as n
from connectors.contract.errors import Refused
from oms.app.intercept.orders import cancel_order
from oms.app.pipeline.reviewing.passing import pass_orders
from oms.db.sealed import KeyRing
from oms.domain.numbers import document_no
from tests.app.shipping import number_of, open_items, progress, ship_all
from tests.factories import KEYS, World, a_document, a_line, advance, an_order, raw, review_all, settle, take

Document = dict[str, Any]

PLACES = ("nowhere", "planned", "sending", "sent", "accepted", "shipped")


def bring_to(world: World, place: str) -> int:
    """An order of two lines that is in this place."""
    if place == "planned":
        world.run("update shop set merge_window_s = 600")
    id_ = an_order(world, two_lines(), no="T")
    if place == "nowhere":
        return id_
    advance(world)
    if place in ("sent", "accepted", "shipped"):
        settle(world)
    if place == "accepted":
        progress(world, world.fulfilments(id_)[0].id, n.WarehouseState.ACCEPTED)
    if place == "shipped":
        ship_all(world, id_)
    status = {"planned": "planned", "sending": "sending", "sent": "sent", "accepted": "accepted", "shipped": "shipped"}
    assert [work.status for work in world.fulfilments(id_)] == [status[place]]
    return id_


def two_lines() -> list[Document]:
    return [a_line("1", "A", 2, 2000), a_line("2", "B", 1, 500)]


def changed(world: World, lines: list[Document] | None = None, **changes: Any) -> None:
    """A newer version of the order comes in, and the pumps run until they rest."""
    world.clock.forward(60)
    at = int((world.clock() - world.clock().replace(hour=2, minute=0)).total_seconds())
    taken = take(world, raw(a_document("T", lines or two_lines(), at=at, **changes), at))
    assert taken.newer == 1
    settle(world)
    world.clock.forward(3600)
    settle(world)


def live_items(world: World, id_: int) -> list[tuple[str, int]]:
    """What warehouses hold of an order now."""
    items = []
    for work in world.fulfilments(id_):
        if work.status not in ("cancelled", "merged"):
            items += open_items(world, work.id)
    return sorted(items)


def old_work(world: World, id_: int) -> Any:
    return world.fulfilments(id_)[0]


def one_line_refund(world: World, state: str) -> None:
    changed(world, [a_line("1", "A", 2, 2000, refund=state, case_no="C1"), a_line("2", "B", 1, 500)])


@pytest.mark.parametrize("place", PLACES[:-1])
def test_a_refund_asked_for_a_line_keeps_it_from_leaving(world: World, place: str) -> None:
    id_ = bring_to(world, place)
    one_line_refund(world, "asked")
    assert live_items(world, id_) in ([("B", 1)], [])
    assert "refund_asked" in world.holds(id_)
    assert "A" not in dict(live_items(world, id_))
    (told,) = world.script.asked("confirm_interception")
    assert (told.case_no, told.stopped) == ("C1", True)


def test_a_refund_asked_after_shipment_is_answered_too_late(world: World) -> None:
    id_ = bring_to(world, "shipped")
    one_line_refund(world, "asked")
    assert old_work(world, id_).status == "shipped"
    assert world.script.asked("cancel") == []


@pytest.mark.parametrize("place", PLACES[:-1])
def test_a_refund_withdrawn_lets_everything_go_on(world: World, place: str) -> None:
    id_ = bring_to(world, place)
    one_line_refund(world, "asked")
    one_line_refund(world, "closed")
    assert world.holds(id_) == set()
    assert live_items(world, id_) == [("A", 2), ("B", 1)]


@pytest.mark.parametrize("place", PLACES[:-1])
@pytest.mark.parametrize("asked_first", [True, False])
def test_a_refund_that_succeeded_drops_the_line_and_ships_the_rest(world: World, place: str, asked_first: bool) -> None:
    id_ = bring_to(world, place)
    if asked_first:
        one_line_refund(world, "asked")
    one_line_refund(world, "succeeded")
    assert live_items(world, id_) == [("B", 1)]
    assert world.one("select cancelled from order_line where order_id = :id and external_no = '1'", id=id_) == 2
    ship_all(world, id_)
    settle(world)
    assert world.phase(id_) == "shipped"


@pytest.mark.parametrize("place", PLACES[:-1])
def test_an_order_closed_by_the_platform_is_stopped(world: World, place: str) -> None:
    id_ = bring_to(world, place)
    changed(world, state="cancelled")
    assert live_items(world, id_) == []
    assert world.phase(id_) == "cancelled"


@pytest.mark.parametrize("place", PLACES[:-1])
def test_a_new_address_is_where_the_goods_go(world: World, place: str) -> None:
    id_ = bring_to(world, place)
    changed(world, receiver={**a_document("T")["receiver"], "address": "学院路 9 号"})
    assert live_items(world, id_) == [("A", 2), ("B", 1)]
    assert world.script.asked("create")[-1].receiver.address == "学院路 9 号"
    work = [work for work in world.fulfilments(id_) if work.status not in ("cancelled", "merged")][-1]
    assert world.script.asked("create")[-1].number == document_no("fulfilment", work.id, work.version)


LINES: dict[str, tuple[list[Document], list[tuple[str, int]]]] = {
    "fewer": ([a_line("1", "A", 1, 1000), a_line("2", "B", 1, 500)], [("A", 1), ("B", 1)]),
    "more": ([a_line("1", "A", 3, 3000), a_line("2", "B", 1, 500)], [("A", 3), ("B", 1)]),
    "other": ([a_line("1", "C", 2, 2000), a_line("2", "B", 1, 500)], [("B", 1), ("C", 2)]),
    "removed": ([a_line("1", "A", 2, 2000)], [("A", 2)]),
    "added": ([*two_lines(), a_line("3", "C", 1, 300)], [("A", 2), ("B", 1), ("C", 1)]),
    "bundle": ([a_line("1", "SET", 1, 2000), a_line("2", "B", 1, 500)], [("A", 1), ("B", 3)]),
}


@pytest.mark.parametrize("place", PLACES[:-1])
@pytest.mark.parametrize("change", LINES)
def test_changed_lines_are_what_leaves(world: World, place: str, change: str) -> None:
    id_ = bring_to(world, place)
    lines, wanted = LINES[change]
    changed(world, lines)
    assert world.holds(id_) == set()
    assert live_items(world, id_) == wanted
    ship_all(world, id_)
    settle(world)
    assert world.phase(id_) == "shipped"
    (notice,) = [asked for asked in world.script.asked("create") if asked.number == number_of(last_live(world, id_))]
    assert notice.goods_amount - notice.discount_amount == sum(line["paid_amount"] for line in lines)


def last_live(world: World, id_: int) -> int:
    return int([work.id for work in world.fulfilments(id_) if work.status == "shipped"][-1])


@pytest.mark.parametrize("place", ["sent", "accepted"])
@pytest.mark.parametrize(
    "change",
    [
        lambda world: one_line_refund(world, "asked"),
        lambda world: changed(world, state="cancelled"),
        lambda world: changed(world, LINES["fewer"][0]),
        lambda world: changed(world, receiver={**a_document("T")["receiver"], "address": "学院路 9 号"}),
    ],
    ids=["refund", "cancel", "fewer", "address"],
)
def test_a_warehouse_that_refuses_to_stop_is_told_to_people(
    world: World, place: str, change: Callable[[World], None]
) -> None:
    id_ = bring_to(world, place)
    world.script.next("cancel", Refused("already packed", code="S001"))
    change(world)
    work = old_work(world, id_)
    assert (work.status, work.stop) == (place, "too_late")
    assert world.one("select state from interception where order_id = :id", id=id_) == "failed"
    assert len(world.script.asked("create")) == 1


def test_paying_lets_an_unpaid_order_go(world: World) -> None:
    id_ = an_order(world, two_lines(), no="T", state="unpaid")
    settle(world)
    assert (world.phase(id_), world.fulfilments(id_)) == ("unpaid", [])
    changed(world)
    assert world.phase(id_) == "at_warehouse"
    assert world.one("select state from payment where order_id = :id", id=id_) == "paid"


def test_a_payment_that_stays_the_same_keeps_its_row(world: World) -> None:
    id_ = bring_to(world, "nowhere")
    before = world.one("select id from payment where order_id = :id", id=id_)
    changed(world, seller_memo="please hurry")
    assert world.one("select id from payment where order_id = :id", id=id_) == before


def test_a_line_that_comes_back_is_shipped_again(world: World) -> None:
    id_ = bring_to(world, "sent")
    changed(world, two_lines()[:1])
    assert live_items(world, id_) == [("A", 2)]
    changed(world, two_lines())
    assert live_items(world, id_) == [("A", 2), ("B", 1)]


def test_a_sticky_flag_of_a_changed_address_calls_back_once(world: World) -> None:
    masked = {**a_document("T")["receiver"], "name": "周**", "masked": True, "tokens": {"oaid": "one"}}
    id_ = an_order(world, two_lines(), no="T", receiver=masked)
    settle(world)
    moved = {**masked, "tokens": {"oaid": "two"}}
    changed(world, receiver=moved, address_changed=True)
    assert len(world.script.asked("cancel")) == 1
    changed(world, receiver=moved, address_changed=True, seller_memo="again")
    assert len(world.script.asked("cancel")) == 1
    assert live_items(world, id_) == [("A", 2), ("B", 1)]


def test_another_week_of_tokens_is_no_new_address(world: World) -> None:
    masked = {**a_document("T")["receiver"], "name": "周**", "masked": True, "tokens": {"oaid": "one"}}
    an_order(world, two_lines(), no="T", receiver=masked)
    settle(world)
    changed(world, receiver={**masked, "tokens": {"oaid": "two"}})
    assert world.script.asked("cancel") == []


def test_a_change_of_master_keys_is_no_new_address(world: World) -> None:
    bring_to(world, "sent")
    world.hub.keys = KeyRing("k2", KEYS)
    changed(world, seller_memo="hello")
    assert world.script.asked("cancel") == []
    changed(world, receiver={**a_document("T")["receiver"], "address": "学院路 9 号"})
    assert len(world.script.asked("cancel")) == 1


def test_an_order_cancelled_by_hand_is_not_revived_by_the_platform(world: World) -> None:
    id_ = bring_to(world, "sent")
    cancel_order(world.hub, id_, "u1", "buyer called")
    settle(world)
    changed(world, seller_memo="still open over there")
    assert (world.phase(id_), live_items(world, id_)) == ("cancelled", [])


@pytest.mark.parametrize(
    ("change", "asked"), [({"seller_memo": "different"}, True), ({"flag": "red"}, False)], ids=["memo", "flag"]
)
def test_what_a_tier_has_passed_is_void_when_what_it_looked_at_changes(
    world: World, change: Document, asked: bool
) -> None:
    review_all(world, "service")
    id_ = bring_to(world, "nowhere")
    settle(world)
    assert world.phase(id_) == "review"
    pass_orders(world.hub, [id_], 1, "u1")
    settle(world)
    assert world.phase(id_) == "at_warehouse"
    changed(world, **change)
    waiting = world.one("select tiers_waiting from orders where id = :id", id=id_)
    void = world.one("select invalidated_at is not null from review_decision where order_id = :id", id=id_)
    assert (waiting, void) == ((1, True) if asked else (0, False))
