"""Pushes and callbacks that cannot be worked on: they wait, or fail where people see them and can retry them."""

from __future__ import annotations

import hashlib

import pytest

from connectors.contract import notices as n
from connectors.contract.errors import BadRecord, Retryable
from oms.app.capture.pushes import receive
from oms.app.kernel.queue_depths import queue_depths
from oms.app.pipeline import inbox
from tests.app.shipping import a_parcel, a_shipment
from tests.factories import START, World, an_order, settle

FOUND = "select state, attempts, error from push_message"


def called_back(world: World) -> int:
    """A warehouse tells that an order left, and the message is stored; answers the order's id."""
    id_ = an_order(world)
    settle(world)
    world.script.next("parse", a_shipment(world.fulfilments(id_)[0].id, a_parcel(("A", 1))))
    body = b"{}"
    headers = {"x-sign": hashlib.sha256(body).hexdigest()}
    answer = receive(world.hub, "warehouse", "plainwms", "tw", n.PushRequest("POST", "/", {}, headers, body, START))
    assert answer.status == 200
    return id_


def pause(world: World) -> None:
    world.run("update account set state = 'paused', paused_reason = 'expired' where id = 2")


def test_a_message_of_a_paused_account_waits_for_as_long_as_it_takes(world: World) -> None:
    id_ = called_back(world)
    pause(world)
    for _ in range(inbox.MOST_ATTEMPTS + 2):
        assert inbox.work_batch(world.hub) == 1
        world.clock.forward(61)
    assert world.rows(FOUND)[0][:2] == ("new", 0)
    assert "expired" in world.rows(FOUND)[0].error
    world.run("update account set state = 'active'")
    assert inbox.work_batch(world.hub) == 1
    assert (world.one("select state from push_message"), world.phase(id_)) == ("done", "shipped")


def trouble(world: World, error: Exception) -> None:
    world.script.outcomes["parse"].appendleft(error)


def test_a_message_that_a_vendor_cannot_answer_for_now_waits(world: World) -> None:
    called_back(world)
    trouble(world, Retryable("busy"))
    assert inbox.work_one(world.hub)
    assert world.rows(FOUND) == [("new", 0, "busy")]


@pytest.mark.parametrize(("error", "rounds"), [(BadRecord("odd", field="x"), 1), (ZeroDivisionError("oops"), 8)])
def test_a_failed_message_is_seen_and_can_be_retried(world: World, error: Exception, rounds: int) -> None:
    id_ = called_back(world)
    for _ in range(rounds):
        trouble(world, error)
        assert inbox.work_one(world.hub)
        world.clock.forward(1000)
    assert not inbox.work_one(world.hub)
    assert world.one("select state from push_message") == "failed"
    assert world.rows("select kind, subject, count, state from alert") == [("message_failed", "2", 1, "open")]
    with world.hub.engine.connect() as connection:
        depths = {depth.queue: depth.rows for depth in queue_depths(connection, world.clock())}
    assert (depths["pushes"], depths["pushes_failed"]) == (0, 1)
    ids = [world.one("select id from push_message")]
    assert (inbox.retry_failed(world.hub, ids, "user:1"), inbox.retry_failed(world.hub, ids, "user:1")) == (1, 0)
    assert inbox.work_one(world.hub)
    assert (world.one("select state from push_message"), world.phase(id_)) == ("done", "shipped")


def test_a_report_on_nothing_of_ours_says_so_where_people_see_it(world: World) -> None:
    called_back(world)
    world.script.outcomes["parse"].clear()
    world.script.next("parse", *[n.ProgressReport("X1", "k", n.WarehouseState.ACCEPTED, "s", START, "")] * 8)
    for _ in range(inbox.MOST_ATTEMPTS):
        assert inbox.work_one(world.hub)
        world.clock.forward(1000)
    assert "not one of our fulfilments" in world.rows(FOUND)[0].error


def test_trouble_before_a_message_is_claimed_keeps_its_own_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    called_back(world)

    def broken(*_: object) -> None:
        raise ConnectionResetError("the database is gone")

    monkeypatch.setattr(inbox, "_claim", broken)
    with pytest.raises(ConnectionResetError):
        inbox.work_one(world.hub)
    assert world.rows(FOUND) == [("new", 0, "")]
