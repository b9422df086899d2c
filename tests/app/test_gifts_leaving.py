"""Gifts on their way: what warehouses are told, what platforms are not, and what refunds and shortages take back."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from oms.app.kernel.hub import Hub
from oms.app.pipeline.advance import advance_batch
from oms.db.session import make_engine
from tests.app.gift_rules import a_rule, counted, gift, gifts_in_force, gifts_of, log_of
from tests.app.shipping import a_parcel, a_shipment, ship_all
from tests.factories import World, a_document, a_line, advance, an_order, order_id, raw, report, settle, take


def changed(world: World, no: str, lines: list[dict[str, Any]], at: int = 60) -> int:
    """The order as the platform tells it anew."""
    take(world, raw(a_document(no, lines, at=at), fetched=at))
    world.clock.forward(3)
    advance(world)
    return order_id(world, no)


def test_the_warehouse_is_told_that_it_is_a_gift_and_what_it_costs(world: World) -> None:
    gift(world, "E", 2)
    an_order(world)
    settle(world)
    (notice,) = world.script.asked("create")
    told = [(line.sku_code, line.units, line.paid_amount, line.is_gift) for line in notice.lines]
    assert told == [("A", 1, 1000, False), ("E", 2, 0, True)]


def test_a_gift_is_never_written_back(world: World) -> None:
    gift(world, "E")
    id_ = an_order(world)
    settle(world)
    ship_all(world, id_)
    settle(world)
    (notice,) = world.script.asked("push_shipment")
    assert (notice.whole, world.phase(id_)) == (True, "shipped")
    assert log_of(world, id_) == [("g1", "E", 1, "given", "")]


@pytest.mark.parametrize("gift_first", [True, False])
def test_a_gift_in_a_parcel_of_its_own_tells_nothing(world: World, gift_first: bool) -> None:
    gift(world, "E")
    id_ = an_order(world)
    settle(world)
    work = world.fulfilments(id_)[0].id
    goods, given = a_parcel(("A", 1), waybill="YTGOODS"), a_parcel(("E", 1), waybill="YTGIFT")
    first, second = (given, goods) if gift_first else (goods, given)
    report(world, a_shipment(work, first, final=False))
    report(world, a_shipment(work, second))
    settle(world)
    assert [notice.waybill_no for notice in world.script.asked("push_shipment")] == ["YTGOODS"]
    assert world.phase(id_) == "shipped"


def test_a_gift_that_the_warehouse_lacks_is_not_sent_after_its_order(world: World) -> None:
    gift(world, "E", 1, stock=5)
    id_ = an_order(world)
    settle(world)
    report(world, a_shipment(world.fulfilments(id_)[0].id, a_parcel(("A", 1), waybill="YTONE")))
    world.clock.forward(3)
    settle(world)
    assert [notice.waybill_no for notice in world.script.asked("push_shipment")] == ["YTONE"]
    assert log_of(world, id_) == [("g1", "E", 1, "out", "left")]
    assert counted(world) == {"E": 0}
    assert len(world.fulfilments(id_)) == 1


def test_a_refund_of_the_line_that_earned_it_takes_the_gift_back(world: World) -> None:
    gifts_in_force(world, a_rule("g1", ("add_gift_per_units", {"sku": "E", "units": 1, "per": 1, "bought": "A"})))
    world.run("update shop set merge_window_s = 600")
    goods = [a_line("1", "A"), a_line("2", "B")]
    an_order(world, goods, no="T1")
    advance(world)
    id_ = changed(world, "T1", [a_line("1", "A", refund="succeeded", case_no="C1"), goods[1]])
    assert gifts_of(world, id_) == {}
    assert log_of(world, id_)[0][3:] == ("dropped", "not_earned")
    planned = world.rows("select sku_id from fulfilment_line where order_id = :id and planned > cancelled", id=id_)
    assert [row[0] for row in planned] == [world.skus["B"]]


def test_a_part_refund_recomputes(world: World) -> None:
    gifts_in_force(world, a_rule("g1", ("add_gift_per_amount", {"sku": "E", "units": 1, "amount": 1000, "stock": 9})))
    world.run("update shop set merge_window_s = 600")
    goods = [a_line("1", "A", 1, 2000), a_line("2", "B", 1, 1000)]
    an_order(world, goods, no="T1")
    advance(world)
    assert counted(world) == {"E": 3}
    id_ = changed(world, "T1", [goods[0], a_line("2", "B", 1, 1000, refund="succeeded", case_no="C1")])
    assert gifts_of(world, id_) == {"E": 2}
    assert log_of(world, id_) == [("g1", "E", 2, "given", "")]
    assert counted(world) == {"E": 2}
    assert len([work for work in world.fulfilments(id_) if work.status == "planned"]) == 1


def test_a_refund_of_everything_gives_the_gift_back(world: World) -> None:
    gift(world, "E", 1, stock=5)
    world.run("update shop set merge_window_s = 600")
    an_order(world, [a_line("1", "A")], no="T1")
    advance(world)
    id_ = changed(world, "T1", [a_line("1", "A", refund="succeeded", case_no="C1")])
    assert (gifts_of(world, id_), counted(world)) == ({}, {"E": 0})
    assert world.rows("select 1 from stock_level where sku_id = 104 and reserved <> 0") == []


def at_once(*tasks: Callable[[], Any]) -> None:
    with ThreadPoolExecutor(len(tasks)) as pool:
        for future in [pool.submit(task) for task in tasks]:
            future.result(timeout=120)


def until_idle(hub: Hub) -> None:
    for _ in range(200):
        if not advance_batch(hub, limit=5):
            return


@pytest.mark.parametrize("seed", range(2))
def test_limits_hold_when_two_workers_give_at_once(world: World, seed: int) -> None:
    rng = random.Random(seed)
    gifts_in_force(
        world,
        a_rule("g1", ("add_gift", {"sku": "E", "units": 2, "stock": 21})),
        a_rule("g2", ("add_gift", {"sku": "D", "units": 1, "per_buyer": 3})),
    )
    engine = make_engine(world.hub.engine.url.render_as_string(hide_password=False), pool_size=4)
    neighbour = replace(world, hub=Hub(engine, world.hub.keys, world.hub.vendors, clock=world.clock))
    ids = [an_order(world, buyer={"external_id": f"b{rng.randint(1, 6)}", "nick": "买**"}) for _ in range(40)]
    at_once(*[lambda hub=hub: until_idle(hub) for hub in (world.hub, neighbour.hub)])
    engine.dispose()
    assert counted(world) == {"E": 21}
    assert sum(gifts_of(world, id_).get("E", 0) for id_ in ids) == 21
    given = world.rows(
        """select customer_id, sum(units)::int, count(*) from gift_given g where rule_id = 'g2' and state = 'given'
           group by 1"""
    )
    placed = dict(world.rows("select customer_id, count(*) from orders group by 1"))
    assert {row[0]: row[1] for row in given} == {buyer: min(3, count) for buyer, count in placed.items()}


def test_the_log_says_what_the_demands_say(world: World) -> None:
    gift(world, "E", 2, stock=5)
    ids = [an_order(world) for _ in range(4)]
    advance(world)
    for id_ in ids:
        logged = {sku: units for _, sku, units, state, _ in log_of(world, id_) if state == "given"}
        assert logged == gifts_of(world, id_)
