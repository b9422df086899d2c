"""Stock is looked at before it is locked: what is gone by then is looked at again, and nothing is promised twice."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.capture.intake import Taken, take_in_safely
from oms.app.kernel.batch import Batch
from oms.app.pipeline import route
from oms.app.pipeline.advance import advance_batch
from tests.app.invariants import check_invariants
from tests.factories import World, a_document, an_order, raw, settle

HELD = "select count(*) from hold where kind = 'short_of_stock' and cleared_at is null"


@pytest.fixture
def somebody_else(world: World, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Takes all that is free right after the first look at it; fills with how each look was made."""
    looks: list[bool] = []
    look = route.sellable

    def looked_at(batch: Batch, *places: Any, **how: Any) -> dict[tuple[int, int], int]:
        seen = look(batch, *places, **how)
        if not looks:
            world.run(
                """with gone as (select * from stock_level for update),
                   taken as (update stock_level l set on_hand = 0 from gone g
                     where g.stock_point_id = l.stock_point_id and g.sku_id = l.sku_id and g.kind = l.kind)
                   insert into stock_movement (month, stock_point_id, sku_id, id, kind, on_hand, reserved, reason, at)
                   select date_trunc('month', now()), stock_point_id, sku_id, nextval('id_seq'), kind, -on_hand, 0,
                     'somebody else', now() from gone"""
            )
        looks.append(batch.locks_late)
        return seen

    monkeypatch.setattr(route, "sellable", looked_at)
    return looks


def test_an_order_whose_goods_are_taken_meanwhile_is_short(world: World, somebody_else: list[bool]) -> None:
    an_order(world)
    assert advance_batch(world.hub) == 1
    assert somebody_else == [True, False]
    assert world.one(HELD) == 1
    assert world.one("select count(*) from fulfilment") == 0
    assert world.one("select count(*) from stock_level where reserved > on_hand") == 0


def test_a_page_whose_goods_are_taken_meanwhile_is_stored_whole_with_its_orders_held(
    world: World, somebody_else: list[bool]
) -> None:
    shop = world.hub.masters.get(world.hub.engine, world.clock()).shops[1]
    page = (raw(a_document("T1")), raw(a_document("T2")))
    assert take_in_safely(world.hub, shop, page, lambda _connection: None) == Taken(2, 0, 0, 0)
    assert somebody_else == [True, False]
    assert world.one(HELD) == 2
    assert world.one("select count(*) from stock_level where reserved > on_hand") == 0


def test_what_is_there_is_locked_once_and_late(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    locked_first: list[bool] = []
    lock = route.lock_skus
    monkeypatch.setattr(route, "lock_skus", lambda *given: (locked_first.append(True), lock(*given))[1])
    an_order(world)
    settle(world)
    assert locked_first == []
    assert world.one("select sum(reserved) from stock_level") > 0
    check_invariants(world)
