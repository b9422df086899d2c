"""留货 on a database: streams and giants, pools that share a point, announced goods, presale that arrives by receipt."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from oms.app.kernel.holds import lift
from oms.app.pipeline.advance import advance_batch
from oms.app.stock.confirming import Confirm, Units
from oms.app.stock.presale import set_presale
from oms.app.stock.quotas import set_policy
from oms.app.stock.receipts import receive
from oms.app.stock.telling import units_told
from oms.app.stock.waking import wake_short
from tests.app.test_reserving import RESERVED, arrive, expect, is_planned, reserved, scarce, taken
from tests.factories import START, World, a_document, a_line, advance, an_order, drain, raw, take

__all__ = ["scarce"]


def come(world: World, receipt_id: int, units: int, key: str = "1") -> None:
    """Goods of a receipt come, and everybody who waits for them has a turn."""
    lines = (Units(world.skus["A"], "good", units),)
    receive(world.hub, receipt_id, Confirm(key, world.clock(), is_final=False, lines=lines, actor="ann"))
    drain(wake_short, world)
    advance(world)


def test_an_order_that_is_next_is_served_through_a_stream_of_smaller_ones(scarce: World) -> None:
    receipt = expect(scarce, {"A": 8})
    big = taken(scarce, a_line(units=10), no="BIG")
    assert scarce.one(RESERVED) == 2
    small = [is_planned(scarce, taken(scarce, a_line(units=1), no=f"S{n}")) for n in range(3)]
    assert small == [True, True, False]
    for part in ("1", "2"):
        come(scarce, receipt, 4, part)
        taken(scarce, a_line(units=1), no=f"T{part}")
    assert is_planned(scarce, big)


def test_goods_that_come_are_kept_for_whoever_is_next_before_it_has_its_turn(scarce: World) -> None:
    big = taken(scarce, a_line(units=6), no="BIG")
    giants = [taken(scarce, a_line(units=90_000), no=f"G{n}") for n in range(3)]
    arrive(scarce, "A", 2)
    between = taken(scarce, a_line(units=1), no="B")  # Neither was anybody woken, nor has anybody had a turn.
    drain(wake_short, scarce)
    advance(scarce)
    assert [is_planned(scarce, id_) for id_ in (big, between, *giants)] == [True, False, False, False, False]
    assert scarce.one(RESERVED) == 0


@pytest.fixture
def shared(make_world: Any) -> World:
    """Ten of goods at the first point, which is all that a second pool has; three at the first pool's other point."""
    world: World = make_world(stock=3)
    arrive(world, "A", 7)
    world.run("insert into stock_pool (id, code, name) values (2, 'two', '二池')")
    world.run("insert into pool_member (pool_id, stock_point_id, rank) values (2, 1, 1)")
    world.run("""insert into shop (id, code, name, channel_id, account_id, stock_pool_id, merge_window_s)
                 values (2, 's2', '二店', 1, 1, 2, 0)""")
    return world


def sold(world: World, shop: int, units: int, no: str, **changes: Any) -> int:
    take(world, raw(a_document(no, [a_line(units=units)], **changes)), shop=shop)
    world.hub.masters.forget()
    advance(world)
    return int(world.one("select id from orders where external_no = :no", no=no))


def hold_back(world: World, shop: int, units: int, no: str) -> int:
    """An order that could be served now and waits for people."""
    take(world, raw(a_document(no, [a_line(units=units)])), shop=shop)
    id_ = int(world.one("select id from orders where external_no = :no", no=no))
    world.run(
        """insert into hold (order_id, kind, blocks, clears, placed_at, seen)
           values (:id, 'manual', 15, 'person', now(), '{}')""",
        id=id_,
    )
    world.hub.masters.forget()
    advance(world)
    return id_


def test_what_one_pool_keeps_at_a_shared_point_is_not_given_to_another(shared: World) -> None:
    kept = hold_back(shared, 2, 8, "HELD")
    assert reserved(shared, kept) == {"A": 8}
    with shared.hub.engine.connect() as connection:
        masters = shared.hub.masters.get(connection, shared.clock())
        told = {id_: units_told(connection, masters, masters.shops[id_], [shared.skus["A"]]) for id_ in (1, 2)}
    assert [list(one.values()) for one in told.values()] == [[5], [2]]
    assert not is_planned(shared, sold(shared, 1, 6, "TOO MANY"))
    first = sold(shared, 1, 3, "OWN POINT")
    assert [work.stock_point_id for work in shared.fulfilments(first)] == [2]
    assert not is_planned(shared, sold(shared, 1, 3, "SHARED"))
    assert is_planned(shared, sold(shared, 1, 2, "REST"))
    lift(shared.hub, shared.one("select id from hold where kind = 'manual'"), "ann", "looked at")
    advance(shared)
    assert is_planned(shared, kept)


def test_two_pools_that_race_for_a_shared_point_never_take_more_than_there_is(shared: World) -> None:
    kept = hold_back(shared, 1, 6, "HELD")
    for n in range(20):
        take(shared, raw(a_document(f"R{n}", [a_line(units=1)])), shop=1 + n % 2)
    shared.hub.masters.forget()
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            list(pool.map(lambda _: advance_batch(shared.hub, 3), range(4)))
    advance(shared)
    planned = shared.one("select sum(reserved) from stock_level")
    assert planned == 7  # Thirteen are there, six of them kept.
    assert shared.rows("select 1 from stock_level where reserved > on_hand") == []
    assert reserved(shared, kept) == {"A": 6}


def test_a_receipt_turns_presale_into_goods_for_the_oldest_paid_balance_first(world: World) -> None:
    world.run("update stock_level set safety = on_hand where sku_id = 100")
    set_presale(world.hub, "WH1", "A", 6, "ann")
    due = {"kind": "balance", "amount": 700, "paid_at": None}
    paid = {"kind": "balance", "amount": 700, "paid_at": START.isoformat()}
    ids = [taken(world, a_line(units=2), no=f"P{n}", is_presale=True, payments=[due]) for n in (1, 2, 3)]
    take(world, raw(a_document("P3", [a_line(units=2)], is_presale=True, payments=[paid], at=9), 9))
    advance(world)
    receipt = expect(world, {"A": 10})
    come(world, receipt, 3)
    assert is_planned(world, ids[2])
    assert [reserved(world, id_) for id_ in ids[:2]] == [{"A": 1, "A presale": 1}, {"A presale": 2}]
    assert world.one("select on_hand from stock_level where kind = 'presale'") == 3
    come(world, receipt, 4, "2")
    assert [reserved(world, id_) for id_ in ids[:2]] == [{"A": 2}, {"A": 2}]
    assert world.one("select on_hand from stock_level where kind = 'presale'") == 0
    assert is_planned(world, an_order(world, [a_line(units=1)])) is False


def test_a_pool_may_let_waiting_orders_keep_nothing(scarce: World) -> None:
    set_policy(scarce.hub, 1, 0, {"keep_bp": 0}, "ann")
    expect(scarce, {"A": 4})
    taken(scarce, a_line(units=6), no="BIG")
    assert scarce.one(RESERVED) == 0
    assert is_planned(scarce, taken(scarce, a_line(units=4)))
