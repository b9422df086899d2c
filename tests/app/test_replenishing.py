"""Proposals of what to buy on a database: counted from orders, renewed, accepted with a receipt, dismissed for a week."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from oms.app.stock import replenishing
from oms.app.stock.adjusting import Change, adjust
from oms.app.stock.confirming import Confirm, Units
from oms.app.stock.replenishing import Order, Setting, accept_proposal, dismiss_proposal, renew_proposals
from oms.app.stock.replenishing_sales import count_sales
from oms.app.stock.replenishing_settings import set_replenishing
from oms.app.stock.transfers import NewTransfer, create_transfer, send
from oms.domain.errors import Invalid, NotPossible
from tests.app.test_concurrency import wait_until
from tests.factories import START, World, a_line, advance, an_order

OPEN = """select k.code, p.units, p.free, p.backlog, p.incoming, p.days_left from replenish_proposal p
join sku k on k.id = p.sku_id where p.state = 'open' order by 1"""


def sells(world: World, code: str, units: int, days: int) -> None:
    """So many units on each of the days before today."""
    for day in range(1, days + 1):
        at = (START - timedelta(days=day)).isoformat()
        an_order(world, [a_line(code=code, units=units)], created_at=at, paid_at=at)
    advance(world)


def test_a_best_seller_that_runs_out_is_proposed_ordered_and_then_on_its_way(make_world: object) -> None:
    world: World = make_world(stock=30)  # type: ignore[operator]
    world.run("insert into user_group (id, code, name) values (7, 'buyers', '采购')")
    set_replenishing(
        world.hub, 1, "", Setting(lead_days=7, cover_days=14, look_back_days=10, multiple=10, user_group_id=7)
    )
    sells(world, "A", 5, 8)
    assert renew_proposals(world.hub) == 1
    assert [tuple(row) for row in world.rows(OPEN)] == [("A", 70, 20, 0, 0, 5)]  # 4 a day, 84 wanted for 21 days.
    assert renew_proposals(world.hub) == 1
    told = world.rows("select user_group_id, words, detail from notice where kind = 'replenish'")
    assert told == [(7, "A", {"days": 5, "units": 70})]
    id_ = world.one("select id from replenish_proposal")
    receipt = accept_proposal(world.hub, id_, Order(70, "WH1", "PO-1", "supplier"), "ann")
    assert world.one("select purchase_no from goods_receipt where id = :id", id=receipt) == "PO-1"
    assert world.one("select state || receipt_id from replenish_proposal") == f"ordered{receipt}"
    assert renew_proposals(world.hub) == 0
    with pytest.raises(NotPossible):
        dismiss_proposal(world.hub, id_, "late", "ann")


def test_a_proposal_that_was_dismissed_comes_again_after_a_week_while_it_is_needed(make_world: object) -> None:
    world: World = make_world(stock=2)  # type: ignore[operator]
    an_order(world, [a_line(units=9)])
    advance(world)
    assert renew_proposals(world.hub) == 1
    id_ = world.one("select id from replenish_proposal where state = 'open' and backlog = 5")
    with pytest.raises(Invalid):
        dismiss_proposal(world.hub, id_, " ", "ann")
    dismiss_proposal(world.hub, id_, "a substitute comes", "ann")
    assert renew_proposals(world.hub) == 0
    world.clock.forward(8 * 86400)
    assert renew_proposals(world.hub) == 1


@pytest.mark.parametrize(
    "decide",
    [
        lambda world, id_: accept_proposal(world.hub, id_, Order(70, "WH1"), "ann"),
        lambda world, id_: dismiss_proposal(world.hub, id_, "a substitute comes", "ann"),
    ],
    ids=["ordered", "dismissed"],
)
def test_what_is_decided_during_a_renewal_is_not_proposed_once_more(
    make_world: Any, monkeypatch: pytest.MonkeyPatch, decide: Callable[[World, int], Any]
) -> None:
    world: World = make_world(stock=30)
    set_replenishing(world.hub, 1, "", Setting(lead_days=7, cover_days=14, look_back_days=10))
    sells(world, "A", 5, 8)
    renew_proposals(world.hub)
    person = threading.Thread(target=decide, args=(world, world.one("select id from replenish_proposal")))
    cover_of = replenishing.cover_of

    def looked(*given: Any) -> Any:
        covers = cover_of(*given)
        person.start()
        wait_until(world, "select count(*) from pg_locks where not granted")
        return covers

    monkeypatch.setattr(replenishing, "cover_of", looked)
    renew_proposals(world.hub)
    person.join(timeout=30)
    assert world.rows(OPEN) == []
    monkeypatch.undo()
    assert renew_proposals(world.hub) == 0


def test_goods_on_their_way_from_another_point_of_the_pool_are_not_bought_again(make_world: Any) -> None:
    world: World = make_world(stock=60)
    set_replenishing(world.hub, 1, "", Setting(lead_days=7, cover_days=14, look_back_days=10))
    sells(world, "A", 5, 8)
    assert renew_proposals(world.hub) == 0
    transfer = create_transfer(world.hub, NewTransfer("WH2", "WH1", {"A": 60}), "ann").id
    send(world.hub, transfer, Confirm("s1", world.clock(), True, (Units(world.skus["A"], "good", 60),), "ann"))
    assert renew_proposals(world.hub) == 0
    world.run("delete from stock_level where kind = 'in_transit'")
    assert renew_proposals(world.hub) == 1


def test_faulty_goods_on_their_way_are_not_counted_on(make_world: Any) -> None:
    world: World = make_world(stock=60)
    set_replenishing(world.hub, 1, "", Setting(lead_days=7, cover_days=14, look_back_days=10))
    sells(world, "A", 5, 8)
    adjust(world.hub, "WH2", [Change("A", -60), Change("A", 60, "defective")], "damaged", "", "ann")
    transfer = create_transfer(world.hub, NewTransfer("WH2", "WH1", {"A": 60}, "defective"), "ann").id
    send(world.hub, transfer, Confirm("s1", world.clock(), True, (Units(world.skus["A"], "defective", 60),), "ann"))
    assert renew_proposals(world.hub) == 1


def test_days_are_counted_by_shop_without_what_was_cancelled_and_never_twice(world: World) -> None:
    an_order(world, [a_line(units=3, paid=900)])
    an_order(world, [a_line("1", "SET", 2, 1000)])
    advance(world)
    for _ in range(2):
        count_sales(world.hub)
    rows = world.rows("select k.code, units, income, orders from sku_day join sku k on k.id = sku_id order by 1")
    assert [tuple(row) for row in rows] == [("A", 5, 1233, 2), ("B", 4, 667, 1)]
