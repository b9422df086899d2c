"""Every way a call to the outside can end, and what the documents make of it."""

from __future__ import annotations

import pytest

from connectors.contract import notices as n
from connectors.contract.errors import AuthFailed, NotSupported, OutcomeUnknown, RateLimited, Refused, Retryable
from oms.app.kernel import outbound
from oms.app.pipeline.outbound.outbox import send_batch, send_one
from tests.app.shipping import a_parcel, a_shipment, number_of, progress
from tests.factories import World, a_document, a_line, advance, an_order, raw, report, settle, take


def row(world: World) -> tuple[str, int]:
    found = world.rows("select state, attempts from outbound where kind = 'create_fulfilment' order by id")
    return found[0][0], found[0][1]


def status(world: World, id_: int) -> list[str]:
    return [work.status for work in world.fulfilments(id_)]


def later(world: World, seconds: float = 700) -> None:
    world.clock.forward(seconds)
    settle(world)


def test_a_busy_warehouse_is_called_again(world: World) -> None:
    id_ = an_order(world)
    world.script.next("create", Retryable("busy"), RateLimited("slow down", retry_after=30))
    settle(world)
    assert row(world) == ("waiting", 1)
    later(world, 3)
    assert row(world) == ("waiting", 1)
    later(world, 29)
    assert len(world.script.asked("create")) == 2
    later(world, 2)
    assert (row(world), status(world, id_)) == (("done", 2), ["sent"])


def test_an_unknown_outcome_is_looked_up_before_it_is_sent_again(world: World) -> None:
    id_ = an_order(world)
    world.script.next("create", OutcomeUnknown("timed out"))
    settle(world)
    assert (row(world)[0], status(world, id_)) == ("unknown", ["sending"])
    number = world.script.asked("create")[0].number
    world.script.next("find", n.FulfilmentFound(number, n.WarehouseState.ACCEPTED, "W9"))
    later(world)
    assert len(world.script.asked("create")) == 1
    assert world.fulfilments(id_)[0].warehouse_ref == "W9"
    assert status(world, id_) == ["sent"]


def test_what_the_look_up_does_not_find_is_sent_under_the_same_number(world: World) -> None:
    id_ = an_order(world)
    world.script.next("create", OutcomeUnknown("timed out"))
    settle(world)
    later(world)
    first, second = world.script.asked("create")
    assert first.number == second.number
    assert status(world, id_) == ["sent"]


@pytest.mark.parametrize(
    "trouble", [RateLimited("slow"), AuthFailed("who are you"), NotSupported("no such call"), Refused("not now")]
)
def test_a_look_up_that_fails_never_leads_to_sending_twice(world: World, trouble: Exception) -> None:
    id_ = an_order(world)
    world.script.next("create", OutcomeUnknown("timed out"))
    settle(world)
    world.script.next("find", trouble)
    later(world)
    assert (row(world)[0], status(world, id_)) == ("unknown", ["sending"])
    assert len(world.script.asked("create")) == 1
    world.run("update account set state = 'active'")
    world.script.next("find", n.FulfilmentFound(number_of(world.fulfilments(id_)[0].id), n.WarehouseState.ACCEPTED))
    later(world)
    assert status(world, id_) == ["sent"]


def test_a_look_up_may_find_that_it_has_left_already(world: World) -> None:
    id_ = an_order(world)
    world.script.next("create", OutcomeUnknown("timed out"))
    settle(world)
    work = world.fulfilments(id_)[0].id
    shipment = a_shipment(work, a_parcel(("A", 1)))
    world.script.next("find", n.FulfilmentFound(number_of(work), n.WarehouseState.SHIPPED, "W", shipment=shipment))
    later(world)
    assert (status(world, id_), world.phase(id_)) == (["shipped"], "shipped")


def test_a_look_up_that_finds_it_cancelled_sources_it_again(world: World) -> None:
    id_ = an_order(world)
    world.script.next("create", OutcomeUnknown("timed out"))
    settle(world)
    number = world.script.asked("create")[0].number
    world.script.next("find", n.FulfilmentFound(number, n.WarehouseState.CANCELLED))
    later(world)
    assert status(world, id_) == ["cancelled", "sent"]


def test_a_refusal_is_sourced_again_until_it_is_hopeless(world: World) -> None:
    id_ = an_order(world)
    world.script.next("create", *[Refused("no such item", code="S1")] * 3)
    settle(world)
    assert [(work.status, work.stock_point_id) for work in world.fulfilments(id_)] == [("cancelled", 1), ("cancelled", 2)]
    assert "pipeline_failed" in world.holds(id_)
    assert world.one("select count(*) from outbound where state = 'refused'") == 2


def test_a_row_that_never_gets_through_is_stuck_and_can_be_retried(world: World) -> None:
    an_order(world)
    world.script.next("create", *[Retryable("busy")] * outbound.SOON_STUCK.tries)
    settle(world)
    for _ in range(outbound.SOON_STUCK.tries):
        later(world)
    assert row(world) == ("stuck", outbound.SOON_STUCK.tries)
    ids = [found[0] for found in world.rows("select id from outbound")]
    assert outbound.retry(world.hub, ids, "u1") == 1
    settle(world)
    assert row(world)[0] == "done"


def test_credentials_that_are_refused_pause_the_account_and_nothing_is_lost(world: World) -> None:
    id_ = an_order(world)
    world.script.next("create", AuthFailed("expired"))
    settle(world)
    assert world.one("select state from account where id = 2") == "paused"
    later(world)
    assert len(world.script.asked("create")) == 1
    world.run("update account set state = 'active'")
    later(world)
    assert status(world, id_) == ["sent"]


def test_the_claim_of_a_dead_worker_is_looked_up(world: World) -> None:
    id_ = an_order(world)
    advance(world)
    with world.hub.begin() as connection:
        (dead,) = outbound.claim_outbound(connection, world.clock(), 10, ())
    assert send_batch(world.hub) == 0
    later(world, 91)
    assert len(world.script.asked("find")) == 1
    assert status(world, id_) == ["sent"]
    send_one(world.hub, dead)
    assert (row(world), status(world, id_)) == (("done", 2), ["sent"])


def test_a_refund_while_the_outcome_is_unknown_is_passed_on_as_soon_as_it_is_known(world: World) -> None:
    id_ = an_order(world, no="T")
    world.script.next("create", OutcomeUnknown("timed out"))
    settle(world)
    world.clock.forward(1)
    take(world, raw(a_document("T", [a_line(refund="asked", case_no="C1")], at=60)))
    settle(world)
    assert (status(world, id_), world.script.asked("cancel")) == (["sending"], [])
    world.script.next("find", n.FulfilmentFound(world.script.asked("create")[0].number, n.WarehouseState.ACCEPTED))
    later(world)
    assert status(world, id_) == ["cancelled"]
    assert len(world.script.asked("cancel")) == 1


def test_a_row_whose_document_moved_on_is_void_and_asks_nobody(world: World) -> None:
    id_ = an_order(world, no="T")
    world.script.next("create", Retryable("busy"))
    settle(world)
    work = world.fulfilments(id_)[0].id
    progress(world, work, n.WarehouseState.ACCEPTED)
    report(world, a_shipment(work, a_parcel(("A", 1))))
    later(world)
    assert row(world)[0] == "void"
    assert world.phase(id_) == "shipped"


def test_a_defect_in_a_connector_is_an_unknown_outcome(world: World) -> None:
    id_ = an_order(world)
    world.script.next("create", ZeroDivisionError("oops"))
    settle(world)
    assert (row(world)[0], status(world, id_)) == ("unknown", ["sending"])
    later(world)
    assert status(world, id_) == ["sent"]


def test_every_row_has_its_own_idempotency_key(world: World) -> None:
    ids = [an_order(world) for _ in range(3)]
    settle(world)
    keys = [found[0] for found in world.rows("select key from outbound")]
    assert len(keys) == len(set(keys)) == 3
    assert {key.split(":")[1] for key in keys} == {number_of(world.fulfilments(id_)[0].id) for id_ in ids}
