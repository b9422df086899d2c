"""Orders are chosen to wait for goods that were promised twice; they come back, go on by themselves, or are let go."""

from __future__ import annotations

import pytest

from oms.app.kernel.queries.oversold import holders_of, picks_of
from oms.app.stock.oversold import hold_as_oversold, undo_oversold
from oms.app.stock.waking import wake_short
from oms.domain.errors import NotPossible
from tests.app.routes import plan, taken
from tests.app.stocking import counted, moved
from tests.factories import World, a_line, advance

SKU = 100


@pytest.fixture
def short(world: World) -> tuple[World, list[int]]:
    """Four orders hold two units each of goods of which a count finds only five, at the only point that has them."""
    world.run("update stock_level set safety = on_hand where stock_point_id = 2 and sku_id = 100")
    ids = []
    for _ in range(4):
        ids.append(taken(world, a_line(units=2)))
        world.clock.forward(60)
    counted(world, {"A": 5}, world.clock())
    return world, ids


def walk(world: World) -> None:
    world.clock.forward(5)
    wake_short(world.hub)
    advance(world)


def proposed(world: World) -> list[int]:
    with world.hub.engine.connect() as connection:
        return [row.order_id for row in holders_of(connection, 1, SKU) if row.is_proposed]


def test_the_newest_are_proposed_until_what_is_missing_is_there(short: tuple[World, list[int]]) -> None:
    world, ids = short
    assert world.one("select reserved - on_hand from stock_level where stock_point_id = 1 and sku_id = 100") == 3
    assert proposed(world) == [ids[3], ids[2]]


def test_chosen_orders_wait_and_go_on_by_themselves_when_goods_arrive(short: tuple[World, list[int]]) -> None:
    world, ids = short
    hold_as_oversold(world.hub, 1, SKU, proposed(world), "user:7")
    walk(world)
    assert [world.holds(id_) for id_ in ids] == [set(), set(), {"kept_waiting"}, {"kept_waiting"}]
    assert [len(plan(world, id_)) for id_ in ids] == [1, 1, 0, 0]
    assert proposed(world) == [], "nothing is oversold any more"
    moved(world, 1, None)
    walk(world)
    assert [len(plan(world, id_)) for id_ in ids] == [1, 1, 1, 0], "two are there: the older of the two goes on"
    moved(world, 2, None)
    walk(world)
    assert [(len(plan(world, id_)), world.holds(id_)) for id_ in ids] == [(1, set())] * 4
    assert "hold_cleared" in world.events(ids[3])


def test_it_is_taken_back_once_and_leaves_a_trail(short: tuple[World, list[int]]) -> None:
    world, ids = short
    pick = hold_as_oversold(world.hub, 1, SKU, ids[2:], "user:7")
    with world.hub.engine.connect() as connection:
        assert [(row.id, row.waiting) for row in picks_of(connection, 1, SKU)] == [(pick, 2)]
    assert undo_oversold(world.hub, pick, "user:7") == 2
    with pytest.raises(NotPossible):
        undo_oversold(world.hub, pick, "user:7")
    walk(world)
    assert [len(plan(world, id_)) for id_ in ids] == [1] * 4
    kinds = {row[0] for row in world.rows("select kind from event where order_id = 0")}
    assert {"oversold_held", "oversold_undone"} <= kinds


def test_nothing_is_held_where_nothing_is_oversold_or_that_holds_no_unit(short: tuple[World, list[int]]) -> None:
    world, ids = short
    other = taken(world, a_line(code="B"))
    with pytest.raises(NotPossible, match="holds none"):
        hold_as_oversold(world.hub, 1, SKU, [ids[3], other], "user:7")
    moved(world, 50, None)
    with pytest.raises(NotPossible, match="not oversold"):
        hold_as_oversold(world.hub, 1, SKU, ids[3:], "user:7")
    assert world.rows("select 1 from oversold_pick") == []
