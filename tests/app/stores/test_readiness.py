"""By when a store has goods ready: its minutes within its hours, told to the buyer, and watched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson

from oms.app.pipeline.stores import tasks
from oms.app.pipeline.stores.changing import change_delivery
from oms.app.pipeline.stores.late_tasks import mark_late_tasks
from tests.app.stores.kit import NEAR, doing, through_store, with_stores
from tests.app.stores.test_notices import MAIL, a_template
from tests.factories import World, settle


def clock_of(world: World, id_: int) -> tuple[datetime | None, datetime | None]:
    ready_by, clock = world.rows("select ready_by, ready_clock_at from order_delivery where order_id = :id", id=id_)[0]
    return ready_by, clock


def test_the_promise_is_the_stores_minutes_and_is_told_to_the_buyer(world: World) -> None:
    with_stores(world)
    world.run("update store_profile set ready_min = 45")
    a_template(world, "promised")
    world.run("update buyer_notice set words = 'ready by {ready_by}'")
    id_ = through_store(world, "store_pickup", "pickup")
    settle(world)
    ready_by, clock = clock_of(world, id_)
    assert ready_by == clock
    assert ready_by is not None
    assert timedelta(minutes=44) < ready_by - world.clock() <= timedelta(minutes=45)
    assert [words for _, _, _, words in world.script.asked("notify")] == [
        f"ready by {(ready_by + timedelta(hours=8)):%Y-%m-%d %H:%M}"
    ]
    assert "ready_promised" in world.events(id_)


def test_minutes_count_only_while_the_store_is_open_and_a_later_wish_puts_it_off(world: World) -> None:
    with_stores(world)
    hours = {day: ["09:00", "21:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    world.run("update stock_point set hours = cast(:h as jsonb) where id = :id", h=orjson.dumps(hours).decode(), id=NEAR)
    world.clock.forward((datetime(2026, 11, 21, 12, 40, tzinfo=UTC) - world.clock()).total_seconds())
    id_ = through_store(world, "store_pickup", "pickup")
    assert clock_of(world, id_)[0] == datetime(2026, 11, 22, 1, 40, tzinfo=UTC)
    wish = "2026-11-22T09:00:00+00:00"
    later = through_store(world, "store_pickup", "pickup", delivery={"promise_at": wish})
    assert clock_of(world, later)[0] == datetime.fromisoformat(wish)


def test_a_store_that_is_late_is_told_once_and_one_that_is_ready_never(world: World) -> None:
    with_stores(world)
    a_template(world, "task_late", audience="store", by=MAIL)
    world.run("update store_profile set email = 'store@example.com'")
    late, done = (through_store(world, "store_pickup", "pickup") for _ in range(2))
    work = world.fulfilments(done)[0]
    for act in (tasks.accept, tasks.pick, tasks.finish):
        act(world.hub, doing(NEAR), work.id)
    assert mark_late_tasks(world.hub) == 0
    world.clock.forward(61 * 60)
    assert (mark_late_tasks(world.hub), mark_late_tasks(world.hub)) == (1, 0)
    settle(world)
    assert ("task_late" in world.events(late), "task_late" in world.events(done)) == (True, False)
    assert [to for to, *_ in world.script.asked("notify")] == ["store@example.com"]


def test_an_order_that_left_the_store_is_not_watched_there(world: World) -> None:
    with_stores(world)
    id_ = through_store(world, "store_pickup", "pickup")
    tasks.refuse(world.hub, doing(NEAR), world.fulfilments(id_)[0].id, "too_busy")
    assert clock_of(world, id_) == (None, None)


def test_another_day_for_the_buyer_is_another_time_for_the_store(world: World) -> None:
    with_stores(world)
    a_template(world, "promised")
    a_template(world, "task_late", audience="store")
    id_ = through_store(world, "store_pickup", "pickup")
    tasks.accept(world.hub, doing(NEAR), world.fulfilments(id_)[0].id)
    tomorrow = world.clock() + timedelta(days=1)
    change_delivery(world.hub, id_, "user:1", promise_at=tomorrow)
    assert clock_of(world, id_) == (tomorrow, tomorrow)
    world.clock.forward(2 * 3600)
    assert mark_late_tasks(world.hub) == 0
    settle(world)
    assert len(world.script.asked("notify")) == 2
    world.clock.forward(86400)
    assert mark_late_tasks(world.hub) == 1
    settle(world)
    assert len(world.script.asked("notify")) == 3
