"""Merging, callbacks and clicks at once: no deadlock reaches anybody, and what is collected adds up to the cent."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy.exc import OperationalError

from connectors.contract.notices import WarehouseState
from oms.app.kernel.holds import hold_order, lift
from oms.app.kernel.hub import Hub
from oms.app.pipeline.advance import advance_batch
from oms.app.pipeline.merging.by_hand import join_orders
from oms.app.pipeline.merging.pump import merge_batch
from oms.app.pipeline.outbound.outbox import send_batch
from oms.app.pipeline.splitting.by_hand import split_fulfilment
from oms.app.pipeline.splitting.coming_apart import undo
from oms.db.session import make_engine
from oms.domain.errors import HubError
from tests.app.invariants import check_invariants
from tests.app.joining import BUYER
from tests.app.shipping import progress, ship_fulfilment
from tests.app.test_concurrency import at_once
from tests.factories import World, a_line, advance, an_order, settle

ORDERS = 24


@pytest.fixture
def busy(make_world: Any) -> World:
    """A short window and orders of three buyers, all to be paid on delivery."""
    world: World = make_world(window=1)
    for index in range(ORDERS):
        an_order(world, [a_line("1", "A", 2, 1001 + index), a_line("2", "B", 1, 33)], is_cod=True,
                 buyer={**BUYER, "external_id": f"b{index % 3}"})  # fmt: skip
    return world


@pytest.fixture
def neighbour(busy: World) -> Iterator[World]:
    """The same database as another process sees it, where people wait only a second for a lock."""
    url = busy.hub.engine.url.render_as_string(hide_password=False)
    engine = make_engine(url, name="clicks", pool_size=8, lock_timeout_ms=1000)
    yield replace(busy, hub=Hub(engine, busy.hub.keys, busy.hub.vendors, clock=busy.clock))
    engine.dispose()


def pump(world: World, rounds: int) -> None:
    for _ in range(rounds):
        advance_batch(world.hub, limit=5)
        world.clock.forward(0.2)
        merge_batch(world.hub, limit=2)
        send_batch(world.hub, limit=3)


def callbacks(world: World, chance: random.Random, count: int) -> None:
    """Warehouses take, give back and ship what they have."""
    for _ in range(count):
        live = [row[0] for row in world.rows("select id from fulfilment where status in ('sent', 'accepted')")]
        try:
            if live and chance.random() < 0.4:
                ship_fulfilment(world, chance.choice(live))
            elif live:
                progress(world, chance.choice(live), chance.choice([WarehouseState.ACCEPTED, WarehouseState.CANCELLED]))
        except HubError:
            continue  # It has moved on since it was chosen.


def clicks(world: World, chance: random.Random, count: int, told: Counter[str]) -> None:
    """People merge, split, take back, hold and lift whatever they see."""
    for _ in range(count):
        act = chance.choice([merge, merge, split, take_back, hold])
        try:
            act(world, chance)
            told[act.__name__] += 1
        except HubError as refused:
            told[refused.code] += 1
        except (OperationalError, DeadlockDetected, LockNotAvailable) as error:
            cause = error.orig if isinstance(error, OperationalError) else error
            told["deadlock" if isinstance(cause, DeadlockDetected) else "busy"] += 1


def merge(world: World, chance: random.Random) -> None:
    ids = [row[0] for row in world.rows("select distinct lead_order_id from fulfilment where status = 'planned'")]
    join_orders(world.hub, chance.sample(ids, min(len(ids), chance.randint(1, 4))), "user:1", "")


def split(world: World, chance: random.Random) -> None:
    lines = world.rows(
        """select f.id, l.id as line_id from fulfilment f join fulfilment_line l on l.fulfilment_id = f.id
           where f.status = 'planned' and l.planned > l.cancelled"""
    )
    if lines:
        line = chance.choice(lines)
        split_fulfilment(world.hub, line.id, [{line.line_id: 1}], "user:1", "")


def take_back(world: World, chance: random.Random) -> None:
    ids = [row[0] for row in world.rows("select id from joining where undone_at is null order by id desc limit 5")]
    if ids:
        undo(world.hub, chance.choice(ids), "user:1", "wrong")


def hold(world: World, chance: random.Random) -> None:
    held = [row[0] for row in world.rows("select id from hold where cleared_at is null and kind = 'manual'")]
    if held and chance.random() < 0.7:
        lift(world.hub, chance.choice(held), "user:1", "go on")
    else:
        ids = [row[0] for row in world.rows("select id from orders where status = 'open'")]
        hold_order(world.hub, chance.choice(ids), "user:1", "wait")


def run_all(busy: World, neighbour: World, seed: int, rounds: int) -> Counter[str]:
    told: Counter[str] = Counter()
    busy.run("update shop set merge_window_s = 1")
    at_once(
        lambda: pump(busy, rounds),
        lambda: pump(neighbour, rounds),
        lambda: callbacks(busy, random.Random(seed), rounds),
        lambda: clicks(neighbour, random.Random(seed + 1), rounds, told),
        lambda: clicks(neighbour, random.Random(seed + 2), rounds, told),
    )
    for _ in range(6):
        for row in busy.rows("select id from hold where cleared_at is null and kind in ('manual', 'pipeline_failed')"):
            lift(busy.hub, row.id, "user:1", "the end")
        busy.clock.forward(700)
        settle(busy)
        for row in busy.rows("select id from fulfilment where status in ('sent', 'accepted') order by id"):
            ship_fulfilment(busy, row.id)
    return told


@pytest.mark.parametrize(
    "seed", [1, pytest.param(100, marks=pytest.mark.full), pytest.param(200, marks=pytest.mark.full)]
)
def test_no_deadlock_reaches_a_person_and_all_is_collected_once(busy: World, neighbour: World, seed: int) -> None:
    advance(busy)
    told = run_all(busy, neighbour, seed, 25 if seed == 1 else 250)
    check_invariants(busy)
    assert told["deadlock"] == 0
    assert told["merge"] + told["split"] + told["take_back"] > 0, told
    assert busy.one("select count(*) from hold where kind = 'pipeline_failed' and seen ? 'error'") == 0
    assert busy.one("select count(*) from alert where kind = 'merge_failed'") == 0
    left = busy.one("select count(*) from demand where shipped < units - cancelled")
    assert left == 0, "everything has left in the end"
    collected = busy.one("select sum(collect_amount)::bigint from fulfilment where status in ('shipped', 'closed_short')")
    assert collected == sum(1001 + index + 33 for index in range(ORDERS))
