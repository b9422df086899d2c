"""Several processes at once on one database: nothing is planned twice, nobody waits for ever, no deadlocks."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from connectors.contract.notices import WarehouseState
from oms.app.intercept import emergency
from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.pipeline.advance import advance_batch
from oms.app.pipeline.merging.pump import merge_batch
from oms.app.pipeline.outbound.outbox import send_batch
from oms.app.pipeline.reviewing.passing import pass_orders
from oms.db.session import make_engine
from oms.db.trouble import PASSING
from oms.domain.errors import HubError
from tests.app.invariants import check_invariants
from tests.app.shipping import progress, ship_fulfilment
from tests.factories import RECEIVER, World, a_document, a_line, an_order, raw, receive_stock, review_all, settle, take


@pytest.fixture
def neighbour(world: World) -> Any:
    """The same database as another process sees it."""
    engine = make_engine(world.hub.engine.url.render_as_string(hide_password=False), pool_size=8)
    hub = Hub(engine, world.hub.keys, world.hub.vendors, clock=world.clock)
    yield replace(world, hub=hub)
    engine.dispose()


def at_once(*tasks: Callable[[], Any]) -> None:
    """Start together; the first error of any is raised."""
    barrier = threading.Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> None:
        barrier.wait(timeout=30)
        task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        for future in [pool.submit(run, task) for task in tasks]:
            future.result(timeout=120)


def until_idle(step: Callable[[Hub], int], hub: Hub) -> None:
    for _ in range(200):
        if not step(hub):
            return


@pytest.mark.parametrize("seed", range(3))
def test_two_processes_never_plan_an_order_twice(world: World, neighbour: World, seed: int) -> None:
    rng = random.Random(seed)
    world.run("update stock_level set on_hand = 40")
    world.run("update stock_movement set on_hand = 40")
    for _ in range(60):
        an_order(
            world,
            [a_line(str(index), code, rng.randint(1, 3), 1000) for index, code in enumerate("ABC"[: rng.randint(1, 3)])],
        )
    at_once(*[lambda hub=hub: until_idle(lambda h: advance_batch(h, limit=7), hub) for hub in (world.hub, neighbour.hub)])
    check_invariants(world)
    twice = world.rows(
        """select demand_id from fulfilment_line group by 1
           having sum(planned) > (select units from demand where id = demand_id)"""
    )
    assert twice == []
    assert world.one("select count(*) from orders where ready_at <= :now", now=world.clock()) == 0
    assert world.one("select sum(reserved) from stock_level") > 100


def test_fifty_threads_give_the_last_ten_units_to_ten_orders(make_world: Callable[..., World]) -> None:
    """Each thread is a process of its own to the hub: nothing but the database keeps them apart."""
    world = make_world(stock=0)
    with world.hub.begin() as connection:
        receive_stock(connection, 1, world.skus["A"], 4)
        receive_stock(connection, 2, world.skus["A"], 6)
    for _ in range(50):
        an_order(world)
    engine = make_engine(world.hub.engine.url.render_as_string(hide_password=False), pool_size=50)
    hubs = [Hub(engine, world.hub.keys, world.hub.vendors, clock=world.clock) for _ in range(50)]
    least: list[int] = []

    def watch() -> None:
        least.extend(world.one("select min(on_hand - reserved) from stock_level") for _ in range(40))

    at_once(watch, *[lambda hub=hub: until_idle(lambda h: advance_batch(h, limit=1), hub) for hub in hubs])
    engine.dispose()
    assert min(least) >= 0
    assert world.rows("select stock_point_id, reserved from stock_level where reserved > 0 order by 1") == [
        (1, 4),
        (2, 6),
    ]
    assert world.one("select count(*) from fulfilment where status = 'sending'") == 10
    assert world.one("select count(*) from hold where kind = 'short_of_stock' and cleared_at is null") == 40
    check_invariants(world)


def test_a_click_on_an_order_that_is_being_worked_on_gives_up_and_changes_nothing(world: World) -> None:
    review_all(world, "service")
    id_ = an_order(world)
    settle(world)
    url = world.hub.engine.url.render_as_string(hide_password=False)
    engine = make_engine(url, name="click", lock_timeout_ms=100)
    clicking = Hub(engine, world.hub.keys, world.hub.vendors, clock=world.clock)
    with world.hub.begin() as working:
        working.execute(text("select 1 from orders for update"))
        with pytest.raises(PASSING, match="lock timeout"):
            pass_orders(clicking, [id_], 1, "u1")
    assert [outcome.is_done for outcome in pass_orders(clicking, [id_], 1, "u1")] == [True]
    engine.dispose()


def test_a_stop_waits_for_the_batch_that_is_handing_over_and_keeps_its_rows_back(world: World) -> None:
    an_order(world)
    placed = threading.Event()

    def place() -> None:
        emergency.place(world.hub, "all", 0, "flood", "u1")
        placed.set()

    with world.hub.begin() as connection:
        batch = Batch(world.hub, connection, world.hub.masters.get(connection, world.clock()), world.clock())
        assert emergency.stops_in_force(batch).rows == []
        connection.execute(
            text("""insert into outbound (kind, account_id, state, key, due_at)
                    values ('create_fulfilment', 2, 'waiting', 'racing', now())""")
        )
        thread = threading.Thread(target=place)
        thread.start()
        wait_until(world, "select count(*) from pg_locks where locktype = 'advisory' and not granted")
        assert not placed.is_set()
    thread.join(timeout=30)
    assert placed.is_set()
    assert world.one("select due_at is null from outbound where key = 'racing'") is True
    world.run("delete from outbound where key = 'racing'")


def wait_until(world: World, question: str) -> None:
    """Ask until the answer is not zero."""
    pause = threading.Event()
    for _ in range(500):
        if world.one(question):
            return
        pause.wait(0.01)
    raise AssertionError(question)


def a_change(rng: random.Random, no: str, at: int, buyer: str) -> dict[str, Any]:
    """A newer version of an order: another quantity, a refund, another address, a cancellation."""
    first = a_line("1", "A", rng.randint(1, 3), 1000, refund=rng.choice(["none", "none", "asked", "closed"]), case_no="C")
    lines = [first, a_line("2", rng.choice("BC"), 1, 500)][: rng.randint(1, 2)]
    state = "cancelled" if rng.random() < 0.1 else "open"
    street = rng.choice(["one", "one", "one", "two"])
    return a_document(no, lines, at=at, state=state, buyer={"external_id": buyer},
                      receiver={**RECEIVER, "address": street})  # fmt: skip


def changes(world: World, rng: random.Random, count: int) -> None:
    for step in range(count):
        no = rng.randint(0, 29)
        take(world, raw(a_change(rng, f"N{no}", 100 + step, f"b{no % 6}"), 100 + step))


def reports(world: World, rng: random.Random, count: int) -> None:
    """Warehouses take, give up and ship what they have."""
    for _ in range(count):
        live = [row[0] for row in world.rows("select id from fulfilment where status in ('sent', 'accepted')")]
        if not live:
            continue
        chosen = rng.choice(live)
        try:
            if rng.random() < 0.5:
                ship_fulfilment(world, chosen)
            else:
                progress(world, chosen, rng.choice([WarehouseState.ACCEPTED, WarehouseState.CANCELLED]))
        except HubError:
            continue  # It has moved on since it was chosen; the inbox would fail the message visibly.


@pytest.mark.parametrize("seed", range(6))
def test_everything_at_once_ends_without_deadlocks_and_adds_up(world: World, neighbour: World, seed: int) -> None:
    rng = random.Random(seed)
    world.run("update shop set merge_window_s = 1")
    for index in range(30):
        take(world, raw(a_document(f"N{index}", [a_line("1", "A", 2, 2000), a_line("2", "B", 1, 500)],
                                   buyer={"external_id": f"b{index % 6}"})))  # fmt: skip

    def pump(hub: Hub) -> None:
        for _ in range(25):
            advance_batch(hub, limit=11)
            world.clock.forward(0.2)
            merge_batch(hub, limit=3)
            send_batch(hub, limit=5)

    seeds = [rng.randint(0, 10**9) for _ in range(3)]
    at_once(
        lambda: pump(world.hub),
        lambda: pump(neighbour.hub),
        lambda: changes(neighbour, random.Random(seeds[0]), 60),
        lambda: changes(world, random.Random(seeds[1]), 60),
        lambda: reports(neighbour, random.Random(seeds[2]), 60),
    )
    for _ in range(4):
        world.clock.forward(700)
        settle(world)
    check_invariants(world)
    assert world.one("select count(*) from hold where kind = 'pipeline_failed' and seen ? 'error'") == 0
    assert world.one("select count(*) from orders") == 30
