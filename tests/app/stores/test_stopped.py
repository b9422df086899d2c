"""An emergency stop at a store: nothing goes further out to buyers, whatever comes in or back stays possible."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from oms.app.intercept import emergency
from oms.app.kernel.batch import Batch
from oms.app.pipeline.stores import handing, notes, rounds, stops, tasks
from oms.domain.errors import NotPossible
from tests.app.stores.kit import NEAR, carried, code_of, doing, note_of, parcel_state, through_store, with_stores
from tests.app.stores.test_rounds import to_bring
from tests.app.test_concurrency import wait_until
from tests.factories import World

#: Scopes that cover what a store of shop 1 has before it.
COVERING = [("all", 0), ("shop", 1), ("stock_point", NEAR)]


def stopped(world: World, act: Callable[[], Any], scope: str = "all", scope_id: int = 0) -> None:
    """While a stop is in force the act is refused as packing is; when it has ended the same act goes through."""
    stop = emergency.place(world.hub, scope, scope_id, "flood", "user:1")
    with pytest.raises(NotPossible, match="an emergency stop is in force"):
        act()
    emergency.end(world.hub, stop, "user:1")
    act()


@pytest.mark.parametrize(("scope", "scope_id"), COVERING)
def test_a_store_works_on_no_task_under_a_stop(world: World, scope: str, scope_id: int) -> None:
    with_stores(world)
    order = through_store(world, "store_pickup", "pickup")
    work = world.fulfilments(order)[0].id
    for step in (tasks.accept, tasks.pick, tasks.finish):
        click = doing(NEAR)
        stopped(world, lambda step=step, click=click: step(world.hub, click, work), scope, scope_id)  # type: ignore[misc]
    parcel = world.one("select parcel_id from store_parcel where order_id = :id", id=order)
    assert parcel_state(world, parcel) == "ready"
    click, code = doing(NEAR), code_of(world, parcel)
    stopped(world, lambda: handing.hand_over(world.hub, click, parcel, code), scope, scope_id)
    assert parcel_state(world, parcel) == "delivered"


def test_a_wrong_code_under_a_stop_is_not_counted(world: World) -> None:
    with_stores(world)
    order = through_store(world, "store_pickup", "pickup")
    work = world.fulfilments(order)[0].id
    for step in (tasks.accept, tasks.pick, tasks.finish):
        step(world.hub, doing(NEAR), work)
    parcel = world.one("select parcel_id from store_parcel where order_id = :id", id=order)
    emergency.place(world.hub, "all", 0, "flood", "user:1")
    with pytest.raises(NotPossible, match="emergency"):
        handing.hand_over(world.hub, doing(NEAR), parcel, "000000")
    assert world.one("select tries from store_parcel") == 0


@pytest.mark.parametrize(("scope", "scope_id"), [*COVERING, ("stock_point", 1)])
def test_no_note_leaves_for_a_store_under_a_stop_of_either_place(world: World, scope: str, scope_id: int) -> None:
    with_stores(world)
    _, parcel, waybill = carried(world)
    note, click = note_of(world), doing(1)
    stop = emergency.place(world.hub, scope, scope_id, "flood", "user:1")
    with world.hub.engine.connect() as connection:
        assert (stops.kept_notes(connection, [note]), stops.kept_parcels(connection, [parcel])) == ({note}, {parcel})
    emergency.end(world.hub, stop, "user:1")
    stopped(world, lambda: notes.send_note(world.hub, click, note), scope, scope_id)
    emergency.place(world.hub, "stock_point", NEAR, "flood", "user:1")
    with pytest.raises(NotPossible, match="emergency"):  # A place on the shelf would tell the buyer to come.
        notes.receive_parcel(world.hub, doing(NEAR), note, waybill, shelf="A1")
    notes.receive_parcel(world.hub, doing(NEAR), note, waybill)
    with pytest.raises(NotPossible, match="emergency"):
        handing.ready(world.hub, doing(NEAR), parcel)
    assert parcel_state(world, parcel) == "at_store"


def test_a_stopped_warehouse_keeps_nothing_that_its_store_has_received(world: World) -> None:
    with_stores(world)
    _, parcel, waybill = carried(world)
    notes.send_note(world.hub, doing(1), note_of(world))
    notes.receive_parcel(world.hub, doing(NEAR), note_of(world), waybill)
    emergency.place(world.hub, "stock_point", 1, "flood", "user:1")
    handing.ready(world.hub, doing(NEAR), parcel)
    assert parcel_state(world, parcel) == "ready"


def test_nobody_leaves_under_a_stop_and_who_is_out_brings_the_goods_back(world: World) -> None:
    with_stores(world)
    first, second, third = to_bring(world, 3)
    click = doing(NEAR)
    stopped(world, lambda: rounds.start_round(world.hub, click, [first, second]))
    stop = emergency.place(world.hub, "shop", 1, "wrong goods", "user:1")
    with pytest.raises(NotPossible, match="emergency"):
        handing.go_out(world.hub, doing(NEAR), third)
    round_id = world.one("select id from delivery_round")
    with pytest.raises(NotPossible, match="emergency"):
        rounds.deliver_stop(world.hub, doing(NEAR), round_id, second)
    rounds.fail_stop(world.hub, doing(NEAR), round_id, first, "other")
    rounds.refuse_stop(world.hub, doing(NEAR), round_id, second, "not_wanted")
    handing.refuse(world.hub, doing(NEAR), third, "not_wanted")
    assert [parcel_state(world, parcel) for parcel in (first, second, third)] == ["ready", "refused", "refused"]
    emergency.end(world.hub, stop, "user:1")
    handing.go_out(world.hub, doing(NEAR), first)
    assert parcel_state(world, first) == "out_for_delivery"


def test_a_stop_of_another_place_keeps_nothing_here(world: World) -> None:
    with_stores(world)
    work = world.fulfilments(through_store(world, "store_pickup", "pickup"))[0].id
    emergency.place(world.hub, "stock_point", 12, "flood", "user:1")
    with world.hub.engine.connect() as connection:
        assert stops.kept_tasks(connection, [work]) == set()
    tasks.accept(world.hub, doing(NEAR), work)
    emergency.place(world.hub, "stock_point", NEAR, "flood", "user:1")
    with world.hub.engine.connect() as connection:
        assert stops.kept_tasks(connection, [work]) == {work}
    tasks.refuse(world.hub, doing(NEAR), work, "out_of_stock")


def test_a_stop_waits_for_what_a_store_does_at_this_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with_stores(world)
    _, parcel, waybill = carried(world)
    notes.send_note(world.hub, doing(1), note_of(world))
    notes.receive_parcel(world.hub, doing(NEAR), note_of(world), waybill)
    told: list[str] = []

    def put() -> None:
        emergency.place(world.hub, "all", 0, "flood", "user:1")
        told.append("placed")

    placing, look = threading.Thread(target=put), emergency.stops_in_force

    def looked(batch: Batch) -> emergency.Stops:
        found = look(batch)
        placing.start()
        wait_until(world, "select count(*) from pg_locks where locktype = 'advisory' and not granted")
        told.append("looked")
        return found

    monkeypatch.setattr(stops, "stops_in_force", looked)
    handing.ready(world.hub, doing(NEAR), parcel)
    placing.join(timeout=30)
    assert (told, parcel_state(world, parcel)) == (["looked", "placed"], "ready")
