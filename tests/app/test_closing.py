"""An order that is over holds nobody up, and what cannot be done to an order is refused whoever asks."""

from __future__ import annotations

import pytest

from oms.app.intercept.orders import cancel_order
from oms.app.kernel.holds import hold_order
from oms.app.pipeline.reviewing.passing import pass_orders, send_back
from oms.domain.errors import WrongState
from tests.app.shipping import ship_all
from tests.factories import RECEIVER, World, a_document, a_line, advance, an_order, raw, review_all, settle, take

NOWHERE = {**RECEIVER, "state": "", "city": "", "district": ""}


def tiers(world: World, id_: int) -> int:
    return int(world.one("select tiers_waiting from orders where id = :id", id=id_))


def why_cleared(world: World, id_: int) -> set[tuple[str, str]]:
    rows = world.rows("select detail from event where order_id = :id and kind = 'hold_cleared'", id=id_)
    return {(detail["kind"], detail["reason"]) for (detail,) in rows}


def test_a_cancelled_order_is_neither_passed_nor_sent_back(world: World) -> None:
    review_all(world, "finance")
    id_ = an_order(world)
    settle(world)
    assert tiers(world, id_) == 2
    cancel_order(world.hub, id_, "u1", "buyer called")
    assert tiers(world, id_) == 0
    world.run("update orders set tiers_waiting = 2 where id = :id", id=id_)  # As older versions left it.
    assert [o.words for o in pass_orders(world.hub, [id_], 2, "u1")] == ["the order is cancelled"]
    assert [o.words for o in send_back(world.hub, [id_], 2, "u1", "odd")] == ["the order is cancelled"]
    assert world.one("select review from orders where id = :id", id=id_) == "waiting"
    assert world.one("select count(*) from review_decision") == 0


def test_a_hold_that_keeps_an_order_from_review_keeps_people_from_passing_it(world: World) -> None:
    review_all(world, "finance")
    id_ = an_order(world)
    settle(world)
    world.run("insert into hold (order_id, kind, blocks, clears) values (:id, 'amounts_differ', 15, 'either')", id=id_)
    (refused,) = pass_orders(world.hub, [id_], 2, "u1")
    assert (refused.is_done, refused.words) == (False, "a hold keeps it from review; lift that first")
    assert [o.is_done for o in pass_orders(world.hub, [id_], 2, "u1", "urgent", forced=True)] == [True]


def test_an_order_that_opens_again_is_reviewed_again(world: World) -> None:
    review_all(world, "finance")
    id_ = an_order(world, no="T")
    settle(world)
    take(world, raw(a_document("T", at=10, state="cancelled")))
    settle(world)
    take(world, raw(a_document("T", at=20)))
    settle(world)
    assert (world.phase(id_), tiers(world, id_)) == ("review", 2)


@pytest.mark.parametrize("state", ["cancelled", "completed"])
def test_closing_clears_the_holds_and_says_so(world: World, state: str) -> None:
    id_ = an_order(world, no="T", receiver=NOWHERE)
    settle(world)
    hold_order(world.hub, id_, "u1", "wait for the gift")
    assert world.holds(id_) == {"bad_address", "manual"}
    take(world, raw(a_document("T", at=10, state=state, receiver=NOWHERE)))
    settle(world)
    assert world.holds(id_) == set()
    assert why_cleared(world, id_) == {("bad_address", "order closed"), ("manual", "order closed")}


def test_what_closing_cleared_nobody_has_lifted(world: World) -> None:
    id_ = an_order(world, no="T", receiver=NOWHERE)
    settle(world)
    cancel_order(world.hub, id_, "user:1", "buyer called")
    settle(world)
    assert world.holds(id_) == set()
    take(world, raw(a_document("T", at=10, state="cancelled", receiver=NOWHERE)))
    take(world, raw(a_document("T", at=20, receiver=NOWHERE)))
    settle(world)
    assert world.holds(id_) == {"bad_address"}


def test_a_platform_that_waits_for_a_word_hears_it_though_the_order_was_cancelled_meanwhile(world: World) -> None:
    line = a_line("1", "A", 1, 1000, refund="asked", case_no="C1")
    id_ = an_order(world, no="T")
    settle(world)
    take(world, raw(a_document("T", [line], at=10)))
    cancel_order(world.hub, id_, "u1", "buyer called")
    assert world.holds(id_) == {"refund_asked"}
    settle(world)
    assert (world.phase(id_), world.holds(id_)) == ("cancelled", set())
    assert [notice.stopped for notice in world.script.asked("confirm_interception")] == [True]


def test_an_order_is_held_by_hand_once_and_only_while_there_is_something_to_hold(world: World) -> None:
    fee = a_line("9", "A", 1, 500, kind="freight")
    held, shipped, gone = an_order(world), an_order(world, [a_line(), fee]), an_order(world)
    settle(world)
    hold_order(world.hub, held, "u1", "wait for the gift")
    ship_all(world, shipped)
    settle(world)
    cancel_order(world.hub, gone, "u1", "buyer called")
    for id_, words in ((held, "by hand already"), (shipped, "everything has shipped"), (gone, "order is cancelled")):
        with pytest.raises(WrongState, match=words):
            hold_order(world.hub, id_, "u2", "wait for the gift")
    assert world.one("select count(*) from hold where kind = 'manual'") == 1


def test_what_has_shipped_in_part_is_not_cancelled(world: World) -> None:
    id_ = an_order(world)
    settle(world)
    ship_all(world, id_)
    advance(world)
    with pytest.raises(WrongState, match="part of it has shipped"):
        cancel_order(world.hub, id_, "u1", "buyer called")
