"""Pushing stock: what a shop may sell reaches its platform, absolute, once for each change, refusals kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from connectors.contract.errors import AuthFailed, RateLimited, Retryable
from connectors.contract.manifest import Manifest
from connectors.contract.notices import StockAnswer, StockLevel
from oms.app.kernel.queries.pushes import push_by_shop, refused_levels
from oms.app.stock.pushing import AGAIN, EVERY, push_next
from oms.app.stock.switching import push_all, switch_push
from oms.domain.errors import Invalid, NotFound
from tests.factories import START, World, a_line, advance, an_order
from tests.fakes import PlainMarket


class Shelves(PlainMarket):
    """A marketplace whose stock is set two levels at a time."""

    manifest = Manifest("plain", "marketplace", "平常", "Plain", "平", "http://127.0.0.1:1", levels_a_push=2)

    def push_stock(self, levels: Sequence[StockLevel]) -> StockAnswer:
        return self.script.play("push_stock", list(levels), StockAnswer(len(levels)))  # type: ignore[no-any-return]


@pytest.fixture
def shelves(world: World) -> World:
    world.hub.vendors["plain"] = type("ShelvesHere", (Shelves,), {"script": world.script})
    return world


def a_listing(world: World, no: str, sku: str = "", **values: Any) -> int:
    row = {"no": no, "sku": world.skus.get(sku), "bundle": None, "sale": True} | values
    world.run(
        """insert into listing (shop_id, listing_no, variant_no, seller_code, sku_id, bundle_id, is_on_sale)
           values (1, :no, 'V', 'code', :sku, :bundle, :sale)""",
        **row,
    )
    return int(world.one("select max(id) from listing"))


def switch_on(world: World, safety: int = 0) -> None:
    switch_push(world.hub, 1, is_on=True, safety=safety, actor="ann")


def told(world: World) -> list[dict[str, int]]:
    """Listing and units of each call so far."""
    return [{level.listing_no: level.units for level in call} for call in world.script.asked("push_stock")]


def moves(world: World, code: str, units: int) -> None:
    """So many units come to, or leave, each of the two points."""
    given = {"sku": world.skus[code], "units": units, "at": START}
    world.run("update stock_level set on_hand = on_hand + :units where sku_id = :sku", sku=given["sku"], units=units)
    world.run(
        """insert into stock_movement (month, stock_point_id, sku_id, id, on_hand, reason, at)
           select '2026-11-01', p.id, :sku, nextval('id_seq'), :units, 'count', :at from stock_point p""",
        **given,
    )


def a_round(world: World) -> int:
    world.clock.forward(EVERY.total_seconds())
    return push_next(world.hub)


def test_units_of_open_points_less_what_is_kept_back_are_pushed_in_the_connectors_batches(shelves: World) -> None:
    for no, sku in (("L1", "A"), ("L2", "B"), ("L3", "C")):
        a_listing(shelves, no, sku)
    an_order(shelves, [a_line(units=7, listing_no="L1", variant_no="V")])
    advance(shelves)
    shelves.run("update stock_level set safety = 3 where stock_point_id = 2 and sku_id = 100")
    shelves.run("insert into demand_reservation (pool_id, sku_id, holder, units, kept) values (1, 101, 'D1', 40, 40)")
    shelves.run("update stock_level set safety = 500 where sku_id = 102")
    switch_on(shelves, safety=10)
    assert push_next(shelves.hub) == 1
    assert told(shelves) == [{"L1": 180, "L2": 150}, {"L3": 0}]
    shelves.run("update stock_level set safety = 5 where sku_id = 102")
    shelves.run("update stock_point set state = 'outage' where id = 2")
    a_round(shelves)
    assert told(shelves)[2:] == [{"L1": 83, "L2": 50}, {"L3": 85}]


def test_only_what_changed_since_it_was_accepted_is_told_again(shelves: World) -> None:
    a_listing(shelves, "L1", "A")
    a_listing(shelves, "L2", "B")
    switch_on(shelves)
    push_next(shelves.hub)
    assert a_round(shelves) == 1
    assert len(told(shelves)) == 1
    an_order(shelves, [a_line(units=3, listing_no="L1", variant_no="V")])
    advance(shelves)
    a_round(shelves)
    assert told(shelves)[1:] == [{"L1": 197}]
    assert push_next(shelves.hub) == 0


def test_a_bundle_has_what_its_scarcest_part_allows(shelves: World) -> None:
    a_listing(shelves, "SET", bundle=900)
    switch_on(shelves, safety=1)
    push_next(shelves.hub)
    assert told(shelves) == [{"SET": 99}]
    shelves.run("update sku set is_archived = true where code = 'B'")
    a_round(shelves)
    assert told(shelves)[1:] == [{"SET": 0}]


def test_what_is_no_goods_of_ours_is_left_alone(shelves: World) -> None:
    a_listing(shelves, "unmatched")
    a_listing(shelves, "off sale", "A", sale=False)
    a_listing(shelves, "virtual", "E")
    shelves.run("update sku set is_virtual = true where code = 'E'")
    switch_on(shelves)
    assert push_next(shelves.hub) == 1
    assert told(shelves) == []


def test_a_refusal_is_kept_with_its_words_and_told_again_later_or_with_other_units(shelves: World) -> None:
    id_ = a_listing(shelves, "L1", "A")
    shelves.script.next("push_stock", *[StockAnswer(0, {("L1", "V"): "no such goods"})] * 2)
    switch_on(shelves)
    push_next(shelves.hub)
    with shelves.hub.begin() as connection:
        ((row,), state) = refused_levels(connection, 1), push_by_shop(connection, [1])[1]
    assert (row.listing_id, row.refusal, state.refused, state.accepted) == (id_, "no such goods", 1, 0)
    a_round(shelves)
    assert len(told(shelves)) == 1
    shelves.clock.forward(AGAIN.total_seconds() + 1)
    a_round(shelves)
    moves(shelves, "A", -95)
    a_round(shelves)
    assert told(shelves) == [{"L1": 200}, {"L1": 200}, {"L1": 10}]
    assert shelves.rows("select units, refusal from listing_push")[0] == (10, "")


def test_a_lost_answer_leaves_units_in_doubt_so_the_old_number_is_told_again(shelves: World) -> None:
    a_listing(shelves, "L1", "A")
    switch_on(shelves)
    push_next(shelves.hub)
    moves(shelves, "A", -50)
    shelves.script.next("push_stock", Retryable("time-out"))
    a_round(shelves)
    assert shelves.rows("select failures, last_error from stock_push")[0] == (1, "time-out")
    moves(shelves, "A", 50)
    a_round(shelves)
    assert told(shelves) == [{"L1": 200}, {"L1": 100}, {"L1": 200}]
    assert shelves.rows("select failures, last_error from stock_push")[0] == (0, "")


def test_a_batch_that_fails_keeps_what_was_accepted_and_waits_as_asked(shelves: World) -> None:
    for no, sku in (("L1", "A"), ("L2", "B"), ("L3", "C")):
        a_listing(shelves, no, sku)
    shelves.script.next("push_stock", StockAnswer(2), RateLimited("slower", retry_after=300))
    switch_on(shelves)
    push_next(shelves.hub)
    assert a_round(shelves) == 0
    shelves.clock.forward(300)
    push_next(shelves.hub)
    assert told(shelves) == [{"L1": 200, "L2": 200}, {"L3": 200}, {"L3": 200}]


def test_refused_credentials_pause_the_account(shelves: World) -> None:
    a_listing(shelves, "L1", "A")
    shelves.script.next("push_stock", AuthFailed("token revoked"))
    switch_on(shelves)
    push_next(shelves.hub)
    assert shelves.one("select state from account where id = 1") == "paused"
    assert a_round(shelves) == 0


def test_everything_is_told_again_on_demand(shelves: World) -> None:
    a_listing(shelves, "L1", "A")
    with pytest.raises(Invalid, match="not pushed"):
        push_all(shelves.hub, 1)
    switch_on(shelves)
    push_next(shelves.hub)
    assert push_all(shelves.hub, 1) == 1
    assert push_next(shelves.hub) == 1
    assert told(shelves) == [{"L1": 200}, {"L1": 200}]


@pytest.mark.parametrize("change", ["mode = 'observing'", "mode = 'closed'"])
def test_a_shop_that_is_not_live_tells_nothing(shelves: World, change: str) -> None:
    a_listing(shelves, "L1", "A")
    switch_on(shelves)
    shelves.run(f"update shop set {change}")
    assert push_next(shelves.hub) == 0


def test_a_round_that_was_taken_over_writes_nothing(shelves: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a_listing(shelves, "L1", "A")
    switch_on(shelves)

    def meanwhile(connector: Shelves, levels: Sequence[StockLevel]) -> StockAnswer:
        push_all(shelves.hub, 1)
        return StockAnswer(len(levels))

    monkeypatch.setattr(shelves.hub.vendors["plain"], "push_stock", meanwhile)
    assert push_next(shelves.hub) == 1
    assert shelves.one("select units from listing_push") is None
    assert push_next(shelves.hub) == 1


def test_a_shop_that_lost_its_pool_pushes_no_noughts(shelves: World) -> None:
    a_listing(shelves, "L1", "A")
    switch_on(shelves)
    shelves.run("update shop set stock_pool_id = null")
    assert push_next(shelves.hub) == 1
    assert told(shelves) == []
    assert "no stock pool" in shelves.one("select last_error from stock_push")


def test_a_switch_is_refused_where_it_could_do_nothing(world: World) -> None:
    for safety in (-1, 1_000_001):
        with pytest.raises(Invalid, match="too small or too large"):
            switch_push(world.hub, 1, is_on=True, safety=safety, actor="ann")
    with pytest.raises(Invalid, match="cannot set stock"):
        switch_on(world)
    with pytest.raises(NotFound):
        switch_push(world.hub, 77, is_on=False, safety=0, actor="ann")
    world.hub.vendors["plain"] = type("ShelvesHere", (Shelves,), {"script": world.script})
    world.run("update shop set stock_pool_id = null")
    with pytest.raises(Invalid, match="no stock pool"):
        switch_on(world)
    assert world.rows("select * from stock_push") == []


def test_what_was_taken_off_sale_is_told_nothing_is_left_once(shelves: World) -> None:
    id_ = a_listing(shelves, "L1", "A")
    switch_on(shelves)
    push_next(shelves.hub)
    shelves.run("update listing set is_on_sale = false where id = :id", id=id_)
    a_round(shelves)
    a_round(shelves)
    assert told(shelves) == [{"L1": 200}, {"L1": 0}]
    shelves.run("update listing set is_on_sale = true where id = :id", id=id_)
    a_round(shelves)
    assert told(shelves)[2:] == [{"L1": 200}]


def test_a_platform_that_no_longer_knows_what_was_taken_off_sale_is_not_asked_again(shelves: World) -> None:
    id_ = a_listing(shelves, "L1", "A")
    switch_on(shelves)
    push_next(shelves.hub)
    shelves.script.next("push_stock", StockAnswer(0, {("L1", "V"): "no such goods"}))
    shelves.run("update listing set is_on_sale = false where id = :id", id=id_)
    a_round(shelves)
    shelves.clock.forward(AGAIN.total_seconds() + 1)
    a_round(shelves)
    assert told(shelves) == [{"L1": 200}, {"L1": 0}]


def test_a_defect_is_seen_and_lets_the_shop_go_on_soon(shelves: World) -> None:
    a_listing(shelves, "L1", "A")
    shelves.script.next("push_stock", ZeroDivisionError("oops"))
    switch_on(shelves)
    assert push_next(shelves.hub) == 1
    assert shelves.rows("select failures, last_error from stock_push") == [(1, "a defect of the hub: ZeroDivisionError")]
    assert a_round(shelves) == 1
    assert told(shelves) == [{"L1": 200}] * 2


def test_a_limit_that_names_no_wait_is_not_asked_again_at_once(shelves: World) -> None:
    a_listing(shelves, "L1", "A")
    shelves.script.next("push_stock", RateLimited("slow down", retry_after=0))
    switch_on(shelves)
    assert [push_next(shelves.hub), push_next(shelves.hub)] == [1, 0]
    shelves.clock.forward(1)
    assert push_next(shelves.hub) == 1
