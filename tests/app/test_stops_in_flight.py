"""An emergency stop keeps what is on its way to a warehouse too, and what it held is let go however it ends."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown, RateLimited
from oms.app.intercept import emergency
from oms.app.kernel import outbound
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.load import claim_ready, fill
from oms.app.pipeline.advance import walk
from oms.app.pipeline.outbound.outbox import send_batch, send_one
from oms.domain.errors import Invalid
from oms.jobs.upkeep import CLOCK_TASKS
from tests.factories import START, World, advance, an_order, settle

ROW = "select state, due_at is null, code from outbound where kind = 'create_fulfilment'"
WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


def in_flight(world: World) -> outbound.OutboundWork:
    """A hand-over that is being called at this moment."""
    an_order(world)
    advance(world)
    with world.hub.begin() as connection:
        (work,) = outbound.claim_outbound(connection, world.clock(), 5, ())
    return work


def stop(world: World, scope: str = "all", scope_id: int = 0) -> int:
    return emergency.place(world.hub, scope, scope_id, "flood", "user:1")


def test_a_place_is_stopped_once_however_often_and_by_how_many_it_is_asked(world: World) -> None:
    with ThreadPoolExecutor(4) as pool:
        placed = set(pool.map(lambda _: stop(world, "shop", 1), range(4)))
    (first,) = placed
    emergency.release(world.hub, stop(world, "stock_point", 1), 5, "user:1")
    an_order(world)
    settle(world)
    emergency.end(world.hub, first, "user:1")
    settle(world)
    assert (len(world.script.asked("create")), world.one("select count(*) from emergency_stop")) == (1, 2)


def test_a_stop_that_is_being_let_go_is_placed_anew(world: World) -> None:
    first = stop(world)
    an_order(world)
    settle(world)
    world.run("update emergency_stop set releasing_at = now() - interval '1 hour', release_per_minute = 1")
    assert stop(world) != first


@pytest.mark.parametrize("scope", ["shop", "stock_point", "carrier"])
@pytest.mark.parametrize("scope_id", [0, 99999])
def test_what_does_not_exist_cannot_be_stopped(world: World, scope: str, scope_id: int) -> None:
    with pytest.raises(Invalid) as refused:
        stop(world, scope, scope_id)
    assert refused.value.field == "scope_id"
    assert world.one("select count(*) from emergency_stop") == 0


def later(world: World, seconds: float = 61) -> None:
    world.clock.forward(seconds)
    settle(world)


def test_a_call_that_must_be_repeated_waits_for_the_stop_placed_meanwhile(world: World) -> None:
    work = in_flight(world)
    world.script.next("create", RateLimited("slow down", retry_after=5))
    send_one(world.hub, work)
    placed = stop(world)
    world.run("update outbound set due_at = :now, code = '', words = ''", now=world.clock())  # It was in flight then.
    later(world)
    assert len(world.script.asked("create")) == 1
    assert world.rows(ROW) == [("waiting", True, "emergency-stop")]
    with world.hub.begin() as connection:
        assert emergency.waiting_count(connection, placed) == 1
    emergency.end(world.hub, placed, "user:1")
    settle(world)
    assert world.rows(ROW)[0].state == "done"


def test_an_unknown_outcome_is_only_looked_up_while_stopped(world: World) -> None:
    work = in_flight(world)
    world.script.next("create", OutcomeUnknown("no answer"))
    send_one(world.hub, work)
    placed = stop(world)
    later(world)
    assert (len(world.script.asked("find")), len(world.script.asked("create"))) == (1, 1)
    assert world.rows(ROW) == [("unknown", True, "emergency-stop")]
    emergency.release(world.hub, placed, 1, "user:1")
    settle(world)
    assert (len(world.script.asked("find")), len(world.script.asked("create"))) == (2, 2)
    emergency.release_due(world.hub)
    assert world.one("select ended_at is not null from emergency_stop") is True


def test_a_look_up_finds_what_a_warehouse_has_though_it_is_stopped(world: World) -> None:
    work = in_flight(world)
    world.script.next("create", OutcomeUnknown("no answer"))
    send_one(world.hub, work)
    stop(world)
    world.script.next("find", n.FulfilmentFound(world.script.asked("create")[0].number, n.WarehouseState.ACCEPTED))
    later(world)
    assert world.rows(ROW)[0].state == "done"


def test_a_retry_by_a_person_does_not_pass_a_stop(world: World) -> None:
    work = in_flight(world)
    world.script.next("create", OutcomeUnknown("no answer"))
    send_one(world.hub, work)
    stop(world, "stock_point", world.fulfilments(work.order_id or 0)[0].stock_point_id)
    outbound.retry(world.hub, [work.id], "user:1")
    later(world)
    assert len(world.script.asked("create")) == 1


def test_a_stop_elsewhere_keeps_nothing(world: World) -> None:
    work = in_flight(world)
    stop(world, "stock_point", 2)
    send_one(world.hub, work)
    assert world.rows(ROW)[0].state == "done"


def test_what_one_stop_let_go_another_keeps(world: World) -> None:
    an_order(world)
    advance(world)
    first = stop(world)
    second = stop(world, "shop", 1)
    emergency.end(world.hub, second, "user:1")
    assert send_batch(world.hub) == 1
    assert world.script.asked("create") == []
    emergency.end(world.hub, first, "user:1")
    settle(world)
    assert len(world.script.asked("create")) == 1


def test_a_row_kept_for_a_stop_that_ended_meanwhile_goes_on(world: World) -> None:
    work = in_flight(world)
    placed = stop(world)
    emergency.end(world.hub, placed, "user:1")
    world.run("update outbound set state = 'waiting', due_at = null, code = 'emergency-stop', words = 'x'")
    with world.hub.begin() as connection:
        emergency.wait_for_end(connection, work.id, placed, world.clock())
    settle(world)
    assert world.rows(ROW)[0].state == "done"


def test_the_end_of_a_stop_waits_for_a_batch_that_saw_it(world: World) -> None:
    id_ = an_order(world)
    placed = stop(world)
    with ThreadPoolExecutor(1) as pool:
        with world.hub.begin() as connection:
            batch = Batch(world.hub, connection, world.hub.masters.get(connection, world.clock()), world.clock())
            claimed = claim_ready(connection, world.clock(), 10)
            fill(batch, claimed)
            walk(batch, claimed)
            ending = pool.submit(emergency.end, world.hub, placed, "user:1")
            deadline = time.monotonic() + 5
            while not ending.done() and not world.one(WAITING) and time.monotonic() < deadline:
                threading.Event().wait(0.02)
            flush(batch)
        ending.result(5)
    settle(world)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")


def test_an_end_that_was_cut_off_is_finished_by_the_clock(world: World) -> None:
    kept = world.one("select order_id from outbound where id = :id", id=in_flight(world).id)
    placed = stop(world)
    held = an_order(world)
    settle(world)
    world.run(
        "update outbound set state = 'waiting', due_at = null, code = 'emergency-stop', words = :id", id=str(placed)
    )
    world.run("update emergency_stop set ended_at = :now, released_by = 'user:1'", now=world.clock())
    free = {name: task for name, _, task in CLOCK_TASKS}["free_ended"]
    assert free(world.hub) == 2
    assert free(world.hub) == 0
    settle(world)
    assert (world.holds(held), world.phase(held), world.phase(kept)) == (set(), "at_warehouse", "at_warehouse")


def test_a_new_rate_counts_from_its_own_beginning(world: World) -> None:
    for _ in range(6):
        an_order(world)
    placed = stop(world)
    settle(world)
    emergency.release(world.hub, placed, 2, "user:1")
    world.clock.forward(60)
    emergency.release_due(world.hub)
    assert world.one("select released from emergency_stop") == 3
    emergency.release(world.hub, placed, 4, "user:1")
    world.clock.forward(15)
    assert emergency.release_due(world.hub) == 1


def test_the_oldest_orders_are_let_go_first_and_idle_minutes_are_not_made_up_for(world: World) -> None:
    placed = stop(world)
    young = an_order(world, no="young", **dated(20))
    advance(world)
    old = [an_order(world, no=f"old{number}", **dated(number)) for number in range(5)]
    advance(world)
    emergency.release(world.hub, placed, 1, "user:1")
    world.clock.forward(3600)
    held = [old[2], old[3], old[4], young]
    assert (emergency.release_due(world.hub), waiting(world)) == (1, held)
    assert emergency.release_due(world.hub) == 0
    world.clock.forward(60)
    assert (emergency.release_due(world.hub), waiting(world)) == (1, held[1:])


def dated(minute: int) -> dict[str, str]:
    """A document of an order that was placed and paid in this minute."""
    at = (START + timedelta(minutes=minute)).isoformat()
    return {"created_at": at, "paid_at": at, "changed_at": at}


def waiting(world: World) -> list[int]:
    """Orders that a stop keeps, the oldest first."""
    rows = world.rows("""select h.order_id from hold h join orders o on o.id = h.order_id
                         where h.kind = 'emergency_stop' and h.cleared_at is null order by o.paid_at""")
    return [row[0] for row in rows]
