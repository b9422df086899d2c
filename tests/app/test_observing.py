"""A shop that is only observed: everything is decided, nothing is taken or sent, both sides are compared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oms.app.capture.shown import note_shown
from oms.app.kernel.queries.observed import Window, as_table, compared, line_words, totals
from oms.app.kernel.shop_modes import free_observed, set_mode
from oms.app.pipeline.advance import advance_batch
from oms.domain.waybills import waybills_in
from tests.factories import START, World, a_document, a_line, an_order, raw, review_all, settle, take

TWO = [a_line("1", "A"), a_line("2", "B", units=2, paid=2000)]


@pytest.fixture
def watched(make_world: Any) -> World:
    """A world whose shop is observed."""
    world: World = make_world(mode="observing")
    return world


def levels(world: World) -> list[Any]:
    return world.rows("select stock_point_id, sku_id, on_hand, reserved from stock_level order by 1, 2")


def plans(world: World, order_id: int) -> list[Any]:
    """The plans kept for an order, oldest first."""
    rows = world.rows(
        """select convert_from(choices, 'UTF8')::jsonb -> 'parts' from decision
           where order_id = :id and stage = 'route' and verdict = 'observed' order by at, id""",
        id=order_id,
    )
    return [row[0] for row in rows]


def left(no: str, *waybills: str, at: int = 60, state: str = "shipped", **changes: Any) -> Any:
    """The platform shows that the system before us shipped an order's lines with these waybills."""
    lines = [line | {"state": state, "waybill_no": waybills[min(i, len(waybills) - 1)] if waybills else "",
                     "carrier": changes.get("carrier", "")} for i, line in enumerate(TWO)]  # fmt: skip
    return raw(a_document(no, lines, at=at, state=state, platform_status="GONE"), at)


def window(world: World, result: str = "") -> Window:
    return Window(world.shop, START - timedelta(days=1), START + timedelta(days=1), world.clock(), result)


def the_only(world: World) -> Any:
    with world.hub.engine.connect() as connection:
        (row,) = compared(connection, window(world))
    return row


def test_observing_decides_all_and_leaves_the_stock_alone(watched: World) -> None:
    before = levels(watched)
    id_ = an_order(watched, TWO)
    settle(watched)
    assert levels(watched) == before
    assert watched.fulfilments(id_) == []
    assert watched.holds(id_) == {"observing"}
    assert watched.one("select review from orders where id = :id", id=id_) == "passed"
    assert watched.one("select count(*) from outbound") == 0
    ((part,),) = plans(watched, id_)
    assert (part["point"], part["carrier"]) == (1, 1)
    assert part["cost"] > 0
    assert watched.one("select seen -> 'would_leave' from hold") == ["WH1 ZTO"]
    assert [units[1:] for units in part["units"]] == [[100, 1], [101, 2]]


def test_a_person_still_reviews_what_is_observed(watched: World) -> None:
    review_all(watched, "finance")
    id_ = an_order(watched, TWO)
    settle(watched)
    assert watched.phase(id_) == "review"
    assert len(plans(watched, id_)) == 1


def test_the_plan_is_made_once_and_anew_for_other_goods(watched: World) -> None:
    id_ = an_order(watched, TWO, no="T")
    settle(watched)
    take(watched, raw(a_document("T", TWO, at=5, seller_memo="hurry"), 5))
    settle(watched)
    assert len(plans(watched, id_)) == 1
    take(watched, raw(a_document("T", [a_line("1", "A", units=3, paid=3000), TWO[1]], at=9), 9))
    settle(watched)
    assert [sorted(u[2] for part in plan for u in part["units"]) for plan in plans(watched, id_)] == [[1, 2], [2, 3]]
    assert watched.holds(id_) == {"observing"}


def test_what_could_not_be_shipped_is_held_as_if_live_and_tried_again(watched: World) -> None:
    watched.run("update stock_level set safety = 1000 where sku_id = 100")
    id_ = an_order(watched, TWO)
    settle(watched)
    assert (watched.holds(id_), plans(watched, id_)) == ({"short_of_stock"}, [])
    watched.run("update stock_level set safety = 0 where sku_id = 100")
    watched.clock.forward(700)
    settle(watched)
    assert (watched.holds(id_), len(plans(watched, id_))) == ({"observing"}, 1)


def test_orders_from_before_a_coming_go_live_are_observed_too(make_world: Any) -> None:
    world = make_world(mode="observing", go_live_at=START + timedelta(days=3))
    id_ = an_order(world, TWO)
    settle(world)
    assert len(plans(world, id_)) == 1
    set_mode(world.hub, 1, "live", START + timedelta(days=3), "user:1")
    settle(world)
    assert world.fulfilments(id_) == []
    assert world.script.asked("create") == []


def test_a_refund_of_an_observed_order_is_not_answered_by_us(watched: World) -> None:
    an_order(watched, [a_line(refund="asked", case_no="C1")])
    settle(watched)
    assert watched.script.asked("confirm_interception") == []
    assert watched.one("select count(*) from outbound") == 0


def test_both_sides_agree(watched: World) -> None:
    an_order(watched, TWO, no="T", ship_by=(START + timedelta(hours=1)).isoformat())
    settle(watched)
    assert the_only(watched).result == "waiting"
    take(watched, left("T", "Z1", carrier="zto"))
    settle(watched)
    assert (note_shown(watched.hub), note_shown(watched.hub)) == (1, 0)
    row = the_only(watched)
    assert (row.result, row.their_carriers, row.their_parcels, row.is_on_time) == ("same", "ZTO", 1, True)
    with watched.hub.engine.connect() as connection:
        found = totals(connection, window(watched))
        heading, line = as_table([row], line_words(connection, [row]))
    assert (found.orders, found.same, found.groups_same, found.carriers_same) == (1, 1, 1, 1)
    assert dict(zip(heading, line, strict=True))["our_goods"] == "A+B"


def test_two_parcels_instead_of_one_differ(watched: World) -> None:
    an_order(watched, TWO, no="T")
    settle(watched)
    take(watched, left("T", "Z1", "Z2"))
    note_shown(watched.hub)
    row = the_only(watched)
    assert (row.result, row.our_parcels, row.their_parcels) == ("differs", 1, 2)
    assert (row.same_groups, row.same_carriers) == (False, None)
    with watched.hub.engine.connect() as connection:
        assert [len(compared(connection, window(watched, result))) for result in ("differs", "same")] == [1, 0]


def test_without_parcels_or_without_a_plan_nothing_is_compared(watched: World) -> None:
    an_order(watched, TWO, no="T")
    settle(watched)
    take(watched, left("T"), left("OLD", "Z9"))
    settle(watched)
    assert note_shown(watched.hub) == 2
    with watched.hub.engine.connect() as connection:
        found = totals(connection, window(watched))
    assert (found.untold, found.unplanned, found.same, found.parcels) == (1, 1, 0, 0)


def test_several_waybills_in_one_text_are_several_parcels() -> None:
    assert waybills_in("Z1, Z2|Z1") == ["Z1", "Z2"]
    assert waybills_in("") == []


def test_what_is_planned_goes_back_when_going_live_moves_past_it(make_world: Any) -> None:
    world: World = make_world(window=600)
    before = levels(world)
    id_ = an_order(world, TWO)
    settle(world)
    assert levels(world) != before
    assert set_mode(world.hub, 1, "live", START + timedelta(days=1), "user:1") == 0
    settle(world)
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled"]
    assert levels(world) == before
    world.clock.forward(3600)
    settle(world)
    assert world.script.asked("create") == []


def test_what_was_handed_over_and_never_called_goes_back(world: World) -> None:
    before = levels(world)
    id_ = an_order(world, TWO)
    advance_batch(world.hub)
    assert [work.status for work in world.fulfilments(id_)] == ["sending"]
    assert set_mode(world.hub, 1, "live", START + timedelta(days=1), "user:1") == 1
    settle(world)
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled"]
    assert (levels(world), world.script.asked("create")) == (before, [])


def test_what_is_sent_stays_ours_when_observing_again(make_world: Any) -> None:
    world: World = make_world()
    sent = an_order(world, TWO)
    settle(world)
    assert set_mode(world.hub, 1, "observing", None, "user:1") == 1
    later = an_order(world, TWO)
    settle(world)
    assert [work.status for work in world.fulfilments(sent)] == ["sent"]
    assert world.fulfilments(later) == []
    assert world.script.asked("cancel") == []


def test_what_a_batch_planned_that_did_not_know_yet_goes_back(make_world: Any) -> None:
    world: World = make_world(window=600)
    before = levels(world)
    an_order(world, TWO)
    settle(world)
    world.run("update shop set mode = 'observing'")
    assert free_observed(world.hub) == 0
    settle(world)
    assert levels(world) == before


@pytest.mark.parametrize("is_first", [True, False])
def test_an_order_shipped_elsewhere_is_never_sent_by_us(make_world: Any, is_first: bool) -> None:
    world: World = make_world(window=600)
    if is_first:
        take(world, left("T", "Z1"))
    else:
        an_order(world, TWO, no="T")
        settle(world)
        take(world, left("T", "Z1"))
    world.clock.forward(3600)
    settle(world)
    id_ = world.one("select id from orders where external_no = 'T'")
    assert world.holds(id_) == {"already_shipped"}
    assert world.script.asked("create") == []
    take(world, left("T", "Z1", at=9000, state="completed"))
    settle(world)
    assert world.phase(id_) == "completed"
    assert world.one("select coalesce(sum(reserved), 0) from stock_level") == 0
    assert world.script.asked("create") == []


def test_from_observing_to_live_only_later_orders_are_ours(watched: World) -> None:
    for no in ("A1", "A2"):
        an_order(watched, TWO, no=no)
    settle(watched)
    take(watched, left("A1", "Z1"), left("A2", "Z2", "Z3"))
    settle(watched)
    note_shown(watched.hub)
    live_from = START + timedelta(hours=2)
    watched.clock.forward(7200)
    assert set_mode(watched.hub, 1, "live", live_from, "user:1") == 0
    settle(watched)
    an_order(watched, TWO, no="B1", created_at=(live_from + timedelta(minutes=1)).isoformat(), at=7300)
    settle(watched)
    assert len(watched.script.asked("create")) == 1
    sent = watched.rows(
        "select o.external_no from orders o where exists (select from fulfilment_line where order_id = o.id)"
    )
    assert [row[0] for row in sent] == ["B1"]
    with watched.hub.engine.connect() as connection:
        found = totals(connection, window(watched))
    assert (found.orders, found.same, found.differs) == (2, 1, 1)
