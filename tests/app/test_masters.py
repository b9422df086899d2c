"""Snapshots of master rows: fresh enough, and never missing because another thread asked for a new one."""

from __future__ import annotations

import threading

from oms.app.kernel.masters import Served
from tests.factories import World


def test_a_snapshot_is_kept_for_two_seconds_and_read_anew_after_that(world: World) -> None:
    masters = world.hub.masters
    first = masters.get(world.hub.engine, world.clock())
    with world.hub.begin() as connection:
        connection.exec_driver_sql("update shop set name = 'renamed'")
    world.clock.forward(2)
    assert masters.get(world.hub.engine, world.clock()) is first
    world.clock.forward(0.1)
    assert masters.get(world.hub.engine, world.clock()).shops[1].name == "renamed"


def test_quotes_outlive_a_snapshot_as_long_as_points_and_carriers_are_as_they_were(world: World) -> None:
    masters = world.hub.masters

    def served() -> Served:
        world.clock.forward(3)
        snapshot = masters.get(world.hub.engine, world.clock())
        return snapshot.points_for(snapshot.shops[1].pool_id, "330106", is_cod=False)

    first = served()
    assert served() is first
    with world.hub.begin() as connection:
        connection.exec_driver_sql("update stock_point set state = 'outage'")
    assert served() is not first
    assert not served().points


def test_forgetting_while_others_read_never_leaves_them_without(world: World) -> None:
    masters = world.hub.masters
    stop = threading.Event()

    def forget() -> None:
        while not stop.is_set():
            masters.forget()

    thread = threading.Thread(target=forget)
    thread.start()
    try:
        seen = [masters.get(world.hub.engine, world.clock()) for _ in range(60)]
    finally:
        stop.set()
        thread.join(timeout=10)
    assert all(snapshot.shops for snapshot in seen)
