"""What is kept for orders that wait is left to them by plans looked at again, transfers and swaps while packing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oms.app.pipeline.packing.swaps import swap_goods
from oms.app.pipeline.replanning import pump as replanning
from oms.app.pipeline.replanning.pump import replan_next
from oms.app.stock import transfers
from oms.app.stock.confirming import Confirm, Units
from oms.app.stock.transfers import NewTransfer, create_transfer
from oms.domain.errors import NotPossible
from tests.app.routes import EAST, WEST
from tests.app.test_keeping import hold_back, shared
from tests.app.test_packing import teller
from tests.app.test_packing_swaps import a_bundle, by_hand, swap
from tests.app.test_replanning import arrive, places, split_order, waiting
from tests.app.test_reserving import reserved
from tests.factories import World, a_document, a_line, advance, raw, take

__all__ = ["by_hand", "shared", "waiting"]


def keep(world: World, code: str, units: int) -> int:
    """An order that waits for people and keeps its goods meanwhile."""
    take(world, raw(a_document(f"KEEPS {code}", [a_line(code=code, units=units)])))
    id_ = int(world.one("select max(id) from orders"))
    world.run(
        """insert into hold (order_id, kind, blocks, clears, placed_at, seen)
           values (:id, 'manual', 15, 'person', now(), '{}')""",
        id=id_,
    )
    advance(world)
    world.hub.masters.forget()
    assert reserved(world, id_) == {code: units}
    return id_


def look_again(world: World) -> None:
    world.clock.forward(600)
    assert replan_next(world.hub) > 0


def test_looking_again_leaves_what_another_order_waits_for(waiting: World) -> None:
    id_ = split_order(waiting)
    arrive(waiting, EAST, B=1)
    keep(waiting, "B", 1)
    look_again(waiting)
    assert places(waiting, id_) == [EAST, WEST]
    arrive(waiting, EAST, B=1)
    look_again(waiting)
    assert places(waiting, id_) == [EAST]


def test_goods_that_are_kept_for_somebody_since_the_search_are_left(waiting: World, monkeypatch: Any) -> None:
    id_ = split_order(waiting)
    arrive(waiting, EAST, B=1)
    before, found = replanning._portions, []

    def portions(groups: Any) -> Any:
        found.extend(groups)
        keep(waiting, "B", 1)
        return before(groups)

    monkeypatch.setattr(replanning, "_portions", portions)
    look_again(waiting)
    assert (len(found), places(waiting, id_)) == (1, [EAST, WEST])


def test_what_is_kept_is_left_where_most_lies(waiting: World) -> None:
    id_ = split_order(waiting)
    arrive(waiting, EAST, B=1)
    arrive(waiting, WEST, B=4)
    keep(waiting, "B", 4)
    look_again(waiting)
    assert places(waiting, id_) == [EAST]


def test_looking_again_leaves_what_another_pool_keeps_at_a_shared_point(waiting: World) -> None:
    id_ = split_order(waiting)
    arrive(waiting, EAST, B=1)
    waiting.run("insert into stock_pool (id, code, name) values (2, 'two', '二池')")
    waiting.run("insert into pool_member (pool_id, stock_point_id, rank) values (2, 1, 1)")
    waiting.run("""insert into shop (id, code, name, channel_id, account_id, stock_pool_id, merge_window_s)
                   values (2, 's2', '二店', 1, 1, 2, 0)""")
    waiting.run("update shop set stock_pool_id = 2")
    keep(waiting, "B", 1)
    waiting.run("update shop set stock_pool_id = 1 where id = 1")
    arrive(waiting, WEST, B=5)
    look_again(waiting)
    assert places(waiting, id_) == [EAST, WEST]


def send(world: World, transfer: int, units: int) -> bool:
    lines = (Units(world.skus["A"], "good", units),)
    confirm = Confirm(f"sent {units}", world.clock(), is_final=False, lines=lines, actor="ann")
    return transfers.send(world.hub, transfer, replace(confirm, takes_more=True))


def test_a_transfer_takes_what_nobody_waits_for_in_any_pool_of_its_point(shared: World) -> None:
    hold_back(shared, 2, 8, "HELD")  # Ten lie at the first point, which is all that the second pool has.
    shared.run("insert into stock_point (id, code, name) values (3, 'WH3', 'south')")
    transfer = create_transfer(shared.hub, NewTransfer("WH1", "WH3", {"A": 3}), "ann").id
    with pytest.raises(NotPossible, match="only 2 units"):
        send(shared, transfer, 3)
    assert send(shared, transfer, 2)
    elsewhere = create_transfer(shared.hub, NewTransfer("WH2", "WH3", {"A": 3}), "ann").id
    assert send(shared, elsewhere, 3)


def test_goods_are_not_swapped_for_what_another_order_waits_for(by_hand: World) -> None:
    _, work = a_bundle(by_hand)  # Four units are swapped for some of two hundred.
    keep(by_hand, "C", 197)
    with pytest.raises(NotPossible, match="not enough"):
        swap_goods(by_hand.hub, work, swap(), teller("k"))
    by_hand.run("update demand_reservation set units = 196, kept = 196")
    assert swap_goods(by_hand.hub, work, swap(), teller("k"))
