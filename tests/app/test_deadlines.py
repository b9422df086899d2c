"""Pauses move the deadlines that are ours; teams are warned of each order once; the list weighs fines."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from oms.app.kernel.queries.deadlines import USUAL, Usual, orders_due, usual_times
from oms.app.pipeline.lateness.deadlines import DeadlineFields, add_pause, move_next, remove_pause, set_deadlines
from oms.app.pipeline.lateness.escalating import escalate_due
from oms.app.pipeline.lateness.warnings import warn_late
from oms.domain.errors import Invalid, NotFound
from tests.app.shipping import ship_all
from tests.factories import World, a_document, advance, an_order, drain, order_id, raw, settle, take

HOUR = timedelta(hours=1)


def ship_by(world: World, order: int) -> datetime:
    at: datetime = world.one("select ship_by from orders where id = :id", id=order)
    return at


def pause(world: World, begins: float, ends: float, scope: str = "global", scope_id: int = 0) -> int:
    now = world.clock()
    made = add_pause(world.hub, scope, scope_id, now + begins * HOUR, now + ends * HOUR, "放假", "user:1")
    drain(move_next, world)
    return made


def test_open_orders_follow_a_pause_and_its_end_and_new_ones_know_it(world: World) -> None:
    before = an_order(world)
    due = ship_by(world, before)
    first = pause(world, 2, 12)
    assert ship_by(world, before) == due + 10 * HOUR
    second = pause(world, 20, 24)
    assert ship_by(world, before) == due + 14 * HOUR
    take(world, raw(a_document("LATER")))
    advance(world)
    assert ship_by(world, order_id(world, "LATER")) == due + 14 * HOUR
    remove_pause(world.hub, first, "user:1")
    drain(move_next, world)
    assert {ship_by(world, before), ship_by(world, order_id(world, "LATER"))} == {due + 4 * HOUR}
    with pytest.raises(NotFound):
        remove_pause(world.hub, first, "user:1")
    remove_pause(world.hub, second, "user:1")
    drain(move_next, world)
    assert ship_by(world, before) == due
    assert world.events(before).count("set_ship_by") == 4


def test_deadlines_of_platforms_and_rules_and_other_places_stay(world: World) -> None:
    told = world.clock() + 40 * HOUR
    take(world, raw(a_document("TOLD", ship_by=told.isoformat())), raw(a_document("RULED")), raw(a_document("OURS")))
    advance(world)
    world.run("update orders set ship_by = ship_by - interval '1 hour' where external_no = 'RULED'")
    kept = [ship_by(world, order_id(world, no)) for no in ("TOLD", "RULED", "OURS")]
    with pytest.raises(Invalid):
        pause(world, 1, 5, "shop", 777)
    pause(world, 1, 5)
    after = [ship_by(world, order_id(world, no)) for no in ("TOLD", "RULED", "OURS")]
    assert after == [kept[0], kept[1], kept[2] + 4 * HOUR]


@pytest.mark.parametrize(("begins", "ends"), [(5, 5), (6, 5), (-9, -1), (1, 24 * 61)])
def test_a_pause_that_makes_no_sense_is_refused(world: World, begins: float, ends: float) -> None:
    with pytest.raises(Invalid) as refused:
        pause(world, begins, ends)
    assert refused.value.field == "ends_at"
    assert world.one("select count(*) from deadline_pause where reached is not null") == 0


def warned(world: World) -> list[tuple[int, int]]:
    """(minutes, orders) of each notice, in order."""
    rows = world.rows("select detail from notice where kind = 'deadline' order by id")
    return [(row[0]["minutes"], row[0]["orders"]) for row in rows]


def test_a_team_is_warned_of_each_order_once_a_warning(world: World) -> None:
    orders = [an_order(world) for _ in range(3)]
    assert warn_late(world.hub) == 0
    set_deadlines(world.hub, "global", 0, DeadlineFields((60, 240)), "user:1")
    left = (min(ship_by(world, id_) for id_ in orders) - world.clock()).total_seconds()
    world.clock.forward(left - 4 * 3600 + 60)
    assert (warn_late(world.hub), warn_late(world.hub)) == (3, 0)
    settle(world)
    ship_all(world, orders[0])
    settle(world)
    world.clock.forward(3 * 3600)
    assert (warn_late(world.hub), warn_late(world.hub)) == (2, 0)
    assert warned(world) == [(240, 3), (60, 2)]


def test_who_was_warned_is_warned_again_of_a_deadline_that_was_put_off(world: World) -> None:
    id_ = an_order(world)
    set_deadlines(world.hub, "global", 0, DeadlineFields((60, 240)), "user:1")
    world.clock.forward((ship_by(world, id_) - world.clock()).total_seconds() - 3 * 3600)
    assert warn_late(world.hub) == 1
    pause(world, 0.5, 10.5)
    assert warn_late(world.hub) == 0
    world.clock.forward(10 * 3600)
    assert (warn_late(world.hub), warn_late(world.hub)) == (1, 0)
    assert warned(world) == [(240, 1), (240, 1)]


def remind(world: World, order: int, before: timedelta) -> None:
    world.run(
        "insert into escalation (order_id, rule_id, due_at, words) values (:id, 'R', :due, 'late')",
        id=order, due=ship_by(world, order) - before,
    )  # fmt: skip


def reminders(world: World) -> int:
    return int(world.one("select count(*) from notice where kind = 'escalation'"))


def test_a_rules_reminder_goes_with_the_deadline_and_is_told_in_time(world: World) -> None:
    id_ = an_order(world)
    due = ship_by(world, id_)
    remind(world, id_, 2 * HOUR)
    first = pause(world, 1, 11)
    world.clock.now = due
    assert (escalate_due(world.hub), reminders(world)) == (0, 0)
    world.clock.now = due + 8 * HOUR
    assert (escalate_due(world.hub), reminders(world)) == (1, 1)
    remove_pause(world.hub, first, "user:1")
    drain(move_next, world)
    assert (escalate_due(world.hub), reminders(world)) == (0, 1)


def test_a_reminder_that_was_told_is_told_again_when_the_deadline_is_put_off(world: World) -> None:
    id_ = an_order(world)
    due = ship_by(world, id_)
    remind(world, id_, 2 * HOUR)
    world.clock.now = due - HOUR
    assert (escalate_due(world.hub), reminders(world)) == (1, 1)
    pause(world, 0, 24)
    assert (escalate_due(world.hub), reminders(world)) == (0, 1)
    world.clock.now = due + 23 * HOUR
    assert (escalate_due(world.hub), escalate_due(world.hub), reminders(world)) == (1, 0, 2)


def test_what_warehouses_and_packers_sort_by_goes_with_the_deadline(world: World) -> None:
    id_ = an_order(world)
    settle(world)
    due = ship_by(world, id_)
    assert world.fulfilments(id_)[0].ship_by == due
    pause(world, 1, 11)
    assert world.fulfilments(id_)[0].ship_by == due + 10 * HOUR


def test_the_list_puts_first_what_is_expected_to_cost_most(world: World) -> None:
    set_deadlines(world.hub, "global", 0, DeadlineFields(fine_bp=500, fine_least=100), "user:1")
    take(world, raw(a_document("SMALL")), raw(a_document("LARGE")), raw(a_document("FAR")))
    advance(world)
    world.run("update orders set paid_total = 900000 where external_no in ('LARGE', 'FAR')")
    world.run("update orders set ship_by = ship_by + interval '20 hours' where external_no = 'FAR'")
    with world.hub.engine.connect() as connection:
        usual = usual_times(connection)
        found = orders_due(connection, [1], world.clock() + 13 * HOUR, 40 * HOUR, Usual(USUAL, USUAL))
    mine = [(due.row.external_no, due.fine, due.expected) for due in found if due.row.external_no in
            ("SMALL", "LARGE", "FAR")]  # fmt: skip
    assert [no for no, _, _ in mine] == ["LARGE", "FAR", "SMALL"]
    assert mine[0][1:] == (45_000, 45_000)
    assert mine[2][1:] == (100, 100)
    assert 0 < mine[1][2] < 45_000
    assert usual.planned > timedelta()


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (DeadlineFields((0,)), "warn_minutes"),
        (DeadlineFields((1, 2, 3, 4, 5)), "warn_minutes"),
        (DeadlineFields(fine_bp=10_001), "fine_bp"),
        (DeadlineFields(fine_least=-1), "fine_least"),
        (DeadlineFields(fine_least=200, fine_most=100), "fine_most"),
        (DeadlineFields(warn_group_id=4_711), "scope_id"),
    ],
)
def test_settings_that_make_no_sense_are_refused(world: World, wanted: DeadlineFields, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        set_deadlines(world.hub, "global", 0, wanted, "user:1")
    assert refused.value.field == field
