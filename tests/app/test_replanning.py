"""Planned orders looked at again: what is joined and exchanged, what is left alone, and that everything adds up."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest

from oms.app.pipeline.advance import advance_batch
from oms.app.pipeline.merging.pump import merge_batch
from oms.app.pipeline.replanning import ground as replanning_ground
from oms.app.pipeline.replanning import pump as replanning
from oms.app.pipeline.replanning.pump import replan_next
from tests.app.explained import told as explained
from tests.app.invariants import check_invariants
from tests.app.routes import EAST, WEST, route_by
from tests.factories import World, a_line, advance, an_order, receive_stock, settle

HOUR = 3600


@pytest.fixture
def waiting(make_world: Any) -> World:
    """Plans wait an hour for others of their buyer; nothing is there yet, and the pool is looked at again."""
    world: World = make_world(stock=0, window=HOUR)
    world.run("insert into replan_setting (pool_id, is_on, due_at) values (1, true, :now)", now=world.clock())
    return world


def arrive(world: World, point: int, **units: int) -> None:
    """Goods arrive at a point."""
    with world.hub.begin() as connection:
        for code, count in units.items():
            receive_stock(connection, point, world.skus[code], count)


def split_order(world: World, **changes: Any) -> int:
    """An order of which A is in the east and B in the west alone."""
    arrive(world, EAST, A=1)
    arrive(world, WEST, B=1)
    id_ = an_order(world, [a_line("1", "A", 1, 1001), a_line("2", "B", 1, 2000)], **changes)
    advance(world)
    assert places(world, id_) == [EAST, WEST]
    return id_


def places(world: World, id_: int) -> list[int]:
    return sorted(work.stock_point_id for work in world.fulfilments(id_) if work.status == "planned")


def look_again(world: World, seconds: float = 600) -> None:
    world.clock.forward(seconds)
    assert replan_next(world.hub) > 0
    check_invariants(world)


def test_goods_that_came_meanwhile_make_one_parcel_of_two_and_the_window_stays(waiting: World) -> None:
    id_ = split_order(waiting, is_cod=True)
    due = waiting.rows("select min(due_at) as due from merge_group")[0].due
    arrive(waiting, EAST, B=1)
    look_again(waiting)
    assert places(waiting, id_) == [EAST]
    works = [work for work in waiting.fulfilments(id_) if work.status == "planned"]
    assert [(w.goods_amount, w.collect_amount, w.is_split) for w in works] == [(3001, 3001, False)]
    assert waiting.one("select max(due_at) from merge_group g join fulfilment f on f.merge_key = g.merge_key "
                       "and f.status = 'planned'") == due  # fmt: skip
    assert "replanned" in waiting.events(id_)
    assert waiting.rows("select kind, parcels from replan where order_id = :id", id=id_) == [("moved", 1)]
    waiting.clock.forward(HOUR)
    settle(waiting)
    assert [work.status for work in waiting.fulfilments(id_)][-1:] == ["sent"]
    assert waiting.one("select count(*) from outbound where kind = 'create_fulfilment'") == 1


def test_an_exchange_is_told_on_both_timelines_and_on_the_page_that_says_why(waiting: World) -> None:
    split = split_order(waiting)
    arrive(waiting, EAST, B=1)
    single = an_order(waiting, [a_line("1", "B", 1)])
    advance(waiting)
    assert places(waiting, single) == [EAST]
    look_again(waiting)
    assert (places(waiting, split), places(waiting, single)) == ([EAST], [WEST])
    kinds = dict(waiting.rows("select order_id, kind from replan"))
    assert kinds == {split: "exchanged", single: "gave_way"}
    told = waiting.one("select detail from event where order_id = :id and kind = 'replanned'", id=single)
    number = waiting.one("select external_no from orders where id = :id", id=split)
    assert (told["was_at"], told["goes_from"], told["exchanged_with"]) == (["WH1"], ["WH2"], [number])
    decision = explained(waiting, split, "route")
    assert decision.verdict == "replanned"
    assert [(len(one.points), one.is_chosen) for one in decision.candidates] == [(1, True), (2, False)]
    assert {note.code for note in decision.notes} == {"exchanged", "parcels_saved"}


@pytest.mark.parametrize(
    "statement",
    [
        "update replan_setting set is_on = false",
        "update fulfilment set is_sealed = true",
        "update fulfilment set order_count = 2",
        "update orders set is_sealed = true",
        "update orders set ready_at = now() - interval '1 year'",
        "update stock_point set state = 'outage' where id = 1",
        "insert into emergency_stop (scope, scope_id, reason, placed_by) values ('stock_point', 1, 'flood', 'u1')",
        "insert into hold (order_id, kind, blocks, clears) select id, 'manual', 14, 'person' from orders",
        "insert into replan (pool_id, order_id, kind, at) select 1, id, 'moved', '2026-11-21T01:59:00Z' from orders",
    ],
)
def test_what_has_gone_on_is_held_or_was_changed_lately_is_left_alone(waiting: World, statement: str) -> None:
    id_ = split_order(waiting)
    arrive(waiting, EAST, B=1)
    waiting.run(statement)
    waiting.clock.forward(600)
    replan_next(waiting.hub)
    assert places(waiting, id_) == [EAST, WEST]


def test_rules_are_kept(waiting: World) -> None:
    id_ = split_order(waiting)
    arrive(waiting, EAST, B=1)
    route_by(waiting, ("forbid_point", {"point": "WH1"}))
    look_again(waiting)
    assert places(waiting, id_) == [EAST, WEST]
    arrive(waiting, WEST, A=1)
    look_again(waiting)
    assert places(waiting, id_) == [WEST]


def test_what_a_rule_allows_in_one_parcel_is_not_joined(waiting: World) -> None:
    id_ = split_order(waiting)
    route_by(waiting, ("limit_parcel", {"measure": "units", "most": 1}))
    arrive(waiting, EAST, B=1)
    waiting.clock.forward(600)
    replan_next(waiting.hub)
    assert places(waiting, id_) == [EAST, WEST]


@pytest.mark.parametrize("parted", [True, False])
def test_a_line_is_parted_only_where_the_setting_of_sourcing_allows_it(waiting: World, *, parted: bool) -> None:
    waiting.run("insert into sourcing_setting (scope, scope_id, splits_units) values ('pool', 1, :it)", it=parted)
    waiting.run("insert into stock_point (id, code, name, account_id) values (3, 'WH3', 'south', 2)")
    waiting.run("insert into pool_member (pool_id, stock_point_id, rank) values (1, 3, 3)")
    arrive(waiting, EAST, A=4)
    arrive(waiting, WEST, B=1)
    arrive(waiting, 3, C=1)
    id_ = an_order(waiting, [a_line("1", "A", 4), a_line("2", "B", 1), a_line("3", "C", 1)])
    advance(waiting)
    assert places(waiting, id_) == [EAST, WEST, 3]
    arrive(waiting, WEST, A=2)
    arrive(waiting, 3, A=2)
    waiting.clock.forward(600)
    replan_next(waiting.hub)
    assert places(waiting, id_) == ([WEST, 3] if parted else [EAST, WEST, 3])


def test_nothing_that_was_sent_comes_back_and_nothing_joined_is_torn(waiting: World) -> None:
    one = split_order(waiting, buyer={"external_id": "b"})
    two = split_order(waiting, buyer={"external_id": "b"})
    arrive(waiting, EAST, B=2)
    look_again(waiting)  # Both parts of both wait beside each other: two parcels for two orders already.
    assert (places(waiting, one), places(waiting, two)) == ([EAST, WEST], [EAST, WEST])
    waiting.clock.forward(HOUR)
    settle(waiting)
    waiting.clock.forward(HOUR)
    replan_next(waiting.hub)
    assert waiting.one("select count(*) from replan") == 0
    assert waiting.one("select count(*) from fulfilment where status = 'cancelled'") == 0


def test_an_order_that_moves_on_between_look_and_change_stays_as_it_is(
    waiting: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = split_order(waiting)
    arrive(waiting, EAST, B=1)
    find = replanning.search

    def found(*given: Any) -> Any:
        seen = find(*given)
        waiting.run("update orders set version = version + 1")
        return seen

    monkeypatch.setattr(replanning, "search", found)
    look_again(waiting)
    assert places(waiting, id_) == [EAST, WEST]


def test_beside_everything_else_at_once_units_are_kept_and_nothing_deadlocks(waiting: World) -> None:
    chance = random.Random(7)
    waiting.run("update replan_setting set quiet_min = 0, every_min = 1")
    waiting.run("update shop set merge_window_s = 1")
    for point in (EAST, WEST):
        arrive(waiting, point, **{code: chance.randint(4, 20) for code in "ABCD"})
    failed: list[BaseException] = []

    def look() -> None:
        try:
            for _ in range(30):
                waiting.run("update replan_setting set due_at = :now", now=waiting.clock())
                replan_next(waiting.hub)
        except BaseException as error:  # A thread's failure is told by the test, and raised again.
            failed.append(error)
            raise

    thread = threading.Thread(target=look)
    thread.start()
    for _ in range(40):
        codes = chance.sample("ABCD", chance.randint(1, 3))
        an_order(waiting, [a_line(code, code, chance.randint(1, 2)) for code in codes])
        advance_batch(waiting.hub)
        if chance.random() < 0.3:
            waiting.clock.forward(1)
            merge_batch(waiting.hub)
    thread.join(timeout=60)
    assert failed == []
    assert waiting.one("select count(*) from stock_level where reserved > on_hand") == 0
    waiting.clock.forward(5)
    settle(waiting)


def test_who_holds_what_sells_seldom_is_asked_however_many_hold_the_rest(
    waiting: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replanning_ground, "MOST_OTHERS", 2)
    split = split_order(waiting)
    arrive(waiting, EAST, A=3, B=1, C=1)
    for _ in range(3):
        an_order(waiting, [a_line("1", "A", 1)])
    holder = an_order(waiting, [a_line("1", "B", 1), a_line("2", "C", 1)])
    advance(waiting)
    arrive(waiting, WEST, C=1)
    look_again(waiting)
    assert (places(waiting, split), places(waiting, holder)) == ([EAST], [WEST])
