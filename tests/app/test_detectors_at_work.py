"""Detectors on orders that came through a connector: what they hold, who lifts it, what clears it, what is switched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oms.app.kernel.holds import lift
from oms.app.pipeline.reviewing.passing import pass_orders
from tests.factories import RECEIVER, World, a_document, a_line, an_order, raw, receive_stock, review_all, settle, take

BUYER = {"external_id": "b-1", "nick": "买**"}
TWO = "文三路1号 江苏省南京市玄武区中山路2号"
ODD = {
    "bad_phone": {"phone": "12800000001"},
    "double_address": {"address": TWO},
    "ciphertext_address": {"name": "~AgAAAAAbc123=="},
}


def switch(
    world: World, kind: str, scope: str = "global", scope_id: int = 0, *, is_on: bool = True, **limits: int
) -> None:
    """Set a detector in a place by hand."""
    world.run(
        """insert into detector_setting (scope, scope_id, kind, is_on, thresholds)
           values (:scope, :id, :kind, :is_on, cast(:limits as jsonb))""",
        scope=scope, id=scope_id, kind=kind, is_on=is_on, limits=str(limits).replace("'", '"'),
    )  # fmt: skip


def again(world: World, minutes: int = 0) -> None:
    """Take all orders up once more."""
    world.clock.forward(minutes * 60)
    world.run("update orders set ready_at = :now where status = 'open'", now=world.clock())
    settle(world)


def restock(world: World) -> None:
    """Fifty units more of everything at the first point."""
    with world.hub.begin() as connection:
        for sku_id in world.skus.values():
            receive_stock(connection, 1, sku_id, 50)


def enlist(world: World, kind: str, value: str, **more: Any) -> int:
    """Put somebody on the blacklist; answers the entry's number."""
    world.run(
        "insert into blacklist_entry (kind, blind, reason, source, expires_at) values (:kind, :blind, 'r', :by, :until)",
        kind=kind, blind=world.hub.keys.blind(kind, value), by=more.get("source", ""), until=more.get("until"),
    )  # fmt: skip
    return int(world.one("select max(id) from blacklist_entry"))


@pytest.mark.parametrize("kind", ODD)
def test_what_is_odd_of_a_receiver_holds_the_order_until_the_platform_tells_another(world: World, kind: str) -> None:
    id_ = an_order(world, no="T", receiver={**RECEIVER, **ODD[kind]})
    settle(world)
    assert (world.holds(id_), world.script.asked("create")) == ({kind}, [])
    again(world)
    assert world.holds(id_) == {kind}
    take(world, raw(a_document("T", at=10)))
    settle(world)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")


@pytest.mark.parametrize("kind", ODD)
def test_a_person_who_lifts_an_oddity_vouches_for_it(world: World, kind: str) -> None:
    id_ = an_order(world, receiver={**RECEIVER, **ODD[kind]})
    settle(world)
    lift(world.hub, world.one("select id from hold"), "u1", "asked the buyer")
    settle(world)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")


def test_nothing_of_a_receivers_text_is_kept_beside_its_seal(world: World) -> None:
    id_ = an_order(world, receiver={**RECEIVER, "phone": "12800000001", "address": TWO})
    settle(world)
    assert world.one("select oddities from receiver where order_id = :id", id=id_) == [
        "bad_phone:format",
        "double_address",
    ]
    kept = str(world.rows("select seen from hold") + world.rows("select detail from event"))
    assert "12800000001" not in kept
    assert "南京" not in kept


@pytest.mark.parametrize(("kind", "value"), [("phone", RECEIVER["phone"]), ("buyer", "b-1")])
def test_the_blacklist_holds_by_phone_and_by_buyer_and_counts_its_hits(world: World, kind: str, value: str) -> None:
    entry = enlist(world, kind, value, source="court")
    id_ = an_order(world, buyer=BUYER)
    settle(world)
    assert world.holds(id_) == {"blacklist"}
    assert world.one("select seen from hold") == {"by": [kind], "entries": [entry], "sources": ["court"]}
    again(world)
    assert world.one("select hits from blacklist_entry") == 1
    an_order(world, buyer=BUYER)
    settle(world)
    assert world.one("select hits from blacklist_entry") == 2


def test_an_expired_entry_holds_nobody(world: World) -> None:
    enlist(world, "phone", RECEIVER["phone"], until=world.clock() - timedelta(seconds=1))
    id_ = an_order(world)
    settle(world)
    assert world.holds(id_) == set()


def test_a_blacklisted_order_waits_for_a_person_though_the_entry_is_gone(world: World) -> None:
    enlist(world, "phone", RECEIVER["phone"])
    id_ = an_order(world)
    settle(world)
    world.run("delete from blacklist_entry")
    again(world)
    assert world.holds(id_) == {"blacklist"}
    lift(world.hub, world.one("select id from hold"), "u1", "verified")
    settle(world)
    assert world.phase(id_) == "at_warehouse"


def test_a_flag_of_risk_is_told_apart_and_goes_with_the_flag(world: World) -> None:
    id_ = an_order(world, no="T", platform_holds=["risk_control"])
    settle(world)
    assert world.holds(id_) == {"platform_hold", "fraud_flag"}
    take(world, raw(a_document("T", at=10)))
    settle(world)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")


def test_advice_holds_only_where_it_is_switched_on(world: World) -> None:
    first = an_order(world, seller_memo="leave at the door")
    settle(world)
    assert world.holds(first) == set()
    switch(world, "memo_present", "shop", world.shop)
    second = an_order(world, seller_memo="leave at the door")
    settle(world)
    assert world.holds(second) == {"memo_present"}


def test_the_most_exact_place_decides_for_switch_and_thresholds(world: World) -> None:
    world.run("insert into cost_price (sku_id, valid_from, amount) values (:id, '2020-01-01', 950)", id=world.skus["A"])
    switch(world, "negative_margin", margin_bp=1000)
    held = an_order(world, [a_line("1", "A", 1, 1000)])
    settle(world)
    assert world.holds(held) == {"negative_margin"}
    switch(world, "negative_margin", "channel", 1, is_on=False)
    free = an_order(world, [a_line("1", "A", 1, 1000)])
    settle(world)
    assert world.holds(free) == set()
    switch(world, "negative_margin", "shop", world.shop, margin_bp=-5000)
    lenient = an_order(world, [a_line("1", "A", 1, 600)])
    settle(world)
    assert world.holds(lenient) == set()


def test_a_switched_off_detector_lets_go_of_what_clears_by_itself(world: World) -> None:
    id_ = an_order(world, receiver={**RECEIVER, "phone": "12800000001"})
    settle(world)
    switch(world, "bad_phone", is_on=False)
    again(world)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")


def test_an_order_waits_for_the_buyers_unpaid_one_and_goes_on_by_itself(world: World) -> None:
    switch(world, "unpaid_sibling")
    an_order(world, no="U", state="unpaid", buyer=BUYER)
    id_ = an_order(world, buyer=BUYER)
    settle(world)
    assert world.holds(id_) == {"unpaid_sibling"}
    assert world.one("select seen from hold") == {"orders": ["U"]}
    take(world, raw(a_document("U", at=10, state="cancelled", buyer=BUYER)))
    settle(world)
    world.clock.forward(300)
    settle(world)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")


def test_only_the_shortage_of_the_whole_pool_is_oversold(make_world: Any) -> None:
    world = make_world(stock=3)
    switch(world, "oversold")
    split = an_order(world, [a_line("1", "A", 4)])
    beyond = an_order(world, [a_line("1", "B", 7)])
    settle(world)
    assert "oversold" not in world.holds(split)
    assert world.holds(beyond) == {"short_of_stock", "oversold"}
    restock(world)
    again(world, minutes=2)
    assert (world.holds(beyond), world.phase(beyond)) == (set(), "at_warehouse")


def test_a_suspended_courier_is_told_where_no_other_goes(world: World) -> None:
    world.run("update carrier set is_suspended = true")
    id_ = an_order(world)
    settle(world)
    assert world.holds(id_) == {"out_of_zone", "courier_suspended"}
    world.run("update carrier set is_suspended = false")
    again(world, minutes=2)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")


def test_sourcing_that_fails_again_and_again_is_told_once_and_cleared_with_success(make_world: Any) -> None:
    world = make_world(stock=0)
    switch(world, "routed_too_often", attempts=3)
    id_ = an_order(world)
    settle(world)
    again(world, minutes=2)
    assert world.holds(id_) == {"short_of_stock"}
    again(world, minutes=3)
    assert world.holds(id_) == {"short_of_stock", "routed_too_often"}
    restock(world)
    again(world, minutes=5)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")


def test_an_order_waits_for_a_sibling_in_review_that_it_could_be_merged_with(make_world: Any) -> None:
    world = make_world(window=600)
    switch(world, "mergeable_sibling")
    review_all(world, "finance", fact="order.paid", op="gt", value=2000)
    first = an_order(world, [a_line("1", "A", 1, 5000)], no="BIG", buyer=BUYER)
    settle(world)
    assert world.phase(first) == "review"
    second = an_order(world, buyer=BUYER)
    stranger = an_order(world)
    settle(world)
    assert (world.holds(second), world.holds(stranger)) == ({"mergeable_sibling"}, set())
    assert world.one("select seen from hold where kind = 'mergeable_sibling'") == {"orders": ["BIG"]}
    assert pass_orders(world.hub, [first], 2, "user:1")[0].is_done
    settle(world)
    world.clock.forward(60)
    settle(world)
    assert world.holds(second) == set()
    world.clock.forward(700)
    settle(world)
    assert world.rows("select order_count from fulfilment where status <> 'merged' order by order_count desc")[0][0] == 2


def test_two_that_could_be_merged_never_wait_for_each_other(make_world: Any) -> None:
    world = make_world(window=600, stock=0)
    switch(world, "mergeable_sibling")
    ids = [an_order(world, buyer=BUYER) for _ in range(2)]
    settle(world)
    again(world, minutes=11)
    restock(world)
    again(world, minutes=11)
    again(world, minutes=11)
    again(world, minutes=11)
    assert [world.holds(id_) for id_ in ids] == [set(), set()]


def test_without_a_merge_window_nobody_waits_to_be_merged(world: World) -> None:
    switch(world, "mergeable_sibling")
    review_all(world, "finance", fact="order.paid", op="gt", value=2000)
    an_order(world, [a_line("1", "A", 1, 5000)], buyer=BUYER)
    settle(world)
    second = an_order(world, buyer=BUYER)
    settle(world)
    assert world.holds(second) == set()


def test_a_refund_of_the_buyers_other_order_holds_until_it_is_settled(world: World) -> None:
    switch(world, "sibling_refund")
    first = an_order(world, no="R", buyer=BUYER)
    settle(world)
    world.run(
        """insert into cases (shop_id, external_no, order_id, kind, opened_at, changed_at)
           values (1, 'C1', :id, 'refund', :now, :now)""",
        id=first,
        now=world.clock(),
    )
    second = an_order(world, buyer=BUYER)
    settle(world)
    assert world.holds(second) == {"sibling_refund"}
    world.run("update cases set outcome = 'closed'")
    world.clock.forward(900)
    settle(world)
    assert (world.holds(second), world.phase(second)) == (set(), "at_warehouse")


def test_a_presale_waits_for_its_balance(world: World) -> None:
    due = {"kind": "balance", "amount": 700, "paid_at": None}
    paid = {"kind": "deposit", "amount": 300, "paid_at": world.clock().isoformat()}
    id_ = an_order(world, no="P", is_presale=True, payments=[paid, due])
    settle(world)
    assert world.holds(id_) == {"balance_unpaid"}
    assert world.one("select seen from hold") == {"due": 700}
    settled = {**due, "paid_at": world.clock().isoformat()}
    take(world, raw(a_document("P", at=10, is_presale=True, payments=[paid, settled])))
    settle(world)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")


def test_a_wish_for_an_invoice_and_gifts_alone_are_advice(world: World) -> None:
    for kind in ("invoice_wanted", "gift_only"):
        switch(world, kind)
    world.run("insert into invoice_request (order_id, kind, sealed) values (0, 'normal', '')")
    gift = an_order(world, [a_line("1", "A", 1, 0, is_gift=True)])
    wish = an_order(world)
    world.run("update invoice_request set order_id = :id", id=wish)
    settle(world)
    assert (world.holds(gift), world.holds(wish)) == ({"gift_only"}, {"invoice_wanted"})
    world.run("update invoice_request set state = 'issued'")
    world.clock.forward(900)
    settle(world)
    assert (world.holds(wish), world.phase(wish)) == (set(), "at_warehouse")


def test_advice_comes_not_for_what_is_at_the_warehouse_already(world: World) -> None:
    id_ = an_order(world, seller_memo="leave at the door")
    settle(world)
    switch(world, "memo_present")
    again(world)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")
