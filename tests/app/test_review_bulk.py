"""Bulk passes of up to 500 with a result for each, going on after a break, and the undo of the whole click."""

from __future__ import annotations

import pytest

from oms.app.pipeline.reviewing.bulk import MOST, STEP, load_bulk, pass_all, pass_next, start_bulk, undo_bulk
from oms.app.pipeline.reviewing.passing import pass_orders
from oms.app.pipeline.reviewing.taking_back import take_pass_back
from oms.domain.errors import Forbidden, Invalid, NotFound, NotPossible
from tests.app.reviewing import PLAIN, a_limit, a_person, a_role, queued, waits
from tests.app.shipping import ship_all
from tests.factories import World, a_line, settle


def counted(world: World, ids: list[int]) -> dict[tuple[str, int], int]:
    rows = world.rows(
        "select review, tiers_waiting, count(*) from orders where id = any(:ids) group by 1, 2", ids=list(ids)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def test_five_hundred_with_mixed_outcomes_and_the_undo_of_the_whole(world: World) -> None:
    role = a_role(world, "reviewer")
    me = f"user:{a_person(world, 'mian', role)}"
    a_limit(world, 1, role, 1000)
    world.run("update stock_level set on_hand = on_hand + 1000")
    world.run("""insert into stock_movement (month, stock_point_id, sku_id, id, on_hand, reason, at)
                 select '2026-11-01', stock_point_id, sku_id, nextval('id_seq'), 1000, 'count', now() from stock_level""")
    ids = queued(world, count=480) + queued(world, count=20, lines=[a_line("1", "A", 1, 1001)])
    world.run("update orders set tiers_waiting = 3 where id = any(:ids)", ids=ids[:30])
    world.run("""insert into hold (order_id, kind, blocks, clears) select unnest(cast(:ids as bigint[])), 'blacklist', 15,
                 'person'""", ids=ids[30:40])  # fmt: skip
    pass_orders(world.hub, ids[40:45], 1, "user:999")
    bulk = pass_all(world.hub, ids, 1, me, "", may=PLAIN)
    assert (len(bulk.passed_ids), len(bulk.refused), bulk.is_over) == (500 - 10 - 5 - 20, 35, True)
    reasons = sorted({words.split(";")[0].split(" by ")[0] for words in bulk.refused.values()})
    assert reasons == [
        "a hold keeps it from review", "not waiting at this tier any more: passed",
        "¥10.01 is over your limit of ¥10.00, and over everybody's: raise one",
    ]  # fmt: skip
    assert counted(world, ids) == {("passed", 0): 440, ("waiting", 2): 30, ("waiting", 1): 30}
    undone = undo_bulk(world.hub, bulk.id, me, "wrong button", may=PLAIN)
    assert sum(one.is_done for one in undone) == 465
    assert counted(world, ids) == {("passed", 0): 5, ("waiting", 3): 30, ("waiting", 1): 465}
    with pytest.raises(NotPossible, match="already"):
        undo_bulk(world.hub, bulk.id, me, "once more", may=PLAIN)


def test_what_has_left_or_was_decided_anew_is_not_undone(world: World) -> None:
    ids = queued(world, count=3)
    bulk = pass_all(world.hub, ids, 1, "user:1", "")
    settle(world)
    ship_all(world, ids[0])
    assert take_pass_back(world.hub, ids[1:2], 1, "user:2", "a doubt")[0].is_done
    pass_orders(world.hub, ids[1:2], 1, "user:2")
    outcomes = undo_bulk(world.hub, bulk.id, "user:1", "oh no")
    assert [(one.is_done, one.words, one.is_stopping) for one in outcomes] == [
        (False, "goods of it have left already", False), (False, "nobody has passed it at this tier", False),
        (True, "", True),
    ]  # fmt: skip
    assert waits(world, ids[1])[0] == "passed"
    assert waits(world, ids[2])[:2] == ("waiting", 1)


def test_a_click_goes_on_where_it_was_cut_short(world: World) -> None:
    ids = queued(world, count=STEP + 5)
    bulk_id = start_bulk(world.hub, [*ids, ids[0], 424242], 1, "user:1")
    first = pass_next(world.hub, bulk_id, "user:1")
    assert (first.done, first.is_over, len(first.asked_ids)) == (STEP, False, STEP + 6)
    assert counted(world, ids) == {("passed", 0): STEP, ("waiting", 1): 5}
    last = pass_next(world.hub, bulk_id, "user:1")
    assert (len(last.passed_ids), list(last.refused)) == (STEP + 5, [424242])
    assert pass_next(world.hub, bulk_id, "user:1") == last
    with world.hub.engine.connect() as connection:
        assert load_bulk(connection, bulk_id) == last


def test_what_was_undone_before_it_was_over_goes_no_further(world: World) -> None:
    ids = queued(world, count=STEP + 5)
    bulk_id = start_bulk(world.hub, ids, 1, "user:1")
    pass_next(world.hub, bulk_id, "user:1")
    undo_bulk(world.hub, bulk_id, "user:1", "wrong queue")
    assert pass_next(world.hub, bulk_id, "user:1").done == STEP
    assert counted(world, ids) == {("waiting", 1): STEP + 5}


def test_a_click_belongs_to_who_made_it_and_has_a_size(world: World) -> None:
    ids = queued(world)
    bulk_id = start_bulk(world.hub, ids, 1, "user:1")
    for act in (lambda: pass_next(world.hub, bulk_id, "user:2"), lambda: undo_bulk(world.hub, bulk_id, "user:2", "x")):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(NotFound):
        pass_next(world.hub, 1, "user:1")
    for wrong in ([], list(range(MOST + 1))):
        with pytest.raises(Invalid):
            start_bulk(world.hub, wrong, 1, "user:1")
