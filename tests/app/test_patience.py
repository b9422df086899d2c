"""How long calls that fail in passing are tried before people hear of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.contract.errors import Retryable
from oms.app.kernel.outbound import patience_of
from oms.app.pipeline.outbound.outbox import WRITES
from tests.app.shipping import ship_fulfilment
from tests.factories import World, an_order, settle

TELLING = {"push_shipment", "confirm_interception", "decide_case", "subscribe_parcel"}
PUSH = "select state, attempts from outbound where kind = 'push_shipment'"


def until_stuck(kind: str) -> timedelta:
    """From the first try to the last one."""
    patience = patience_of(kind)
    return sum((patience.wait_after(tried) for tried in range(1, patience.tries)), timedelta())


@pytest.mark.parametrize("kind", sorted(TELLING))
def test_what_is_only_told_outlasts_a_day_with_pauses_that_grow_to_half_an_hour(kind: str) -> None:
    patience = patience_of(kind)
    pauses = [patience.wait_after(tried) for tried in range(1, patience.tries)]
    assert timedelta(hours=24) < until_stuck(kind) < timedelta(hours=26)
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=2), timedelta(minutes=30))


@pytest.mark.parametrize("kind", sorted(set(WRITES) - TELLING))
def test_what_goods_wait_for_is_with_people_within_an_hour(kind: str) -> None:
    assert timedelta(minutes=30) < until_stuck(kind) < timedelta(minutes=60)


def shipped_into_an_outage(world: World, answers: int) -> None:
    id_ = an_order(world)
    settle(world)
    world.script.next("push_shipment", *[Retryable("down for the night")] * answers)
    ship_fulfilment(world, world.fulfilments(id_)[0].id)
    settle(world)


def test_a_shipment_is_told_by_itself_once_the_platform_is_back_after_a_night(world: World) -> None:
    shipped_into_an_outage(world, 30)
    for _ in range(30):
        assert world.rows(PUSH)[0][0] == "waiting"
        world.clock.forward(1800)
        settle(world)
    assert world.rows(PUSH) == [("done", 31)]


def test_a_shipment_that_cannot_be_told_for_a_day_waits_for_people(world: World) -> None:
    tries = patience_of("push_shipment").tries
    shipped_into_an_outage(world, tries)
    world.run("update outbound set attempts = :n where kind = 'push_shipment'", n=tries - 2)
    for expected in (("waiting", tries - 1), ("stuck", tries)):
        world.clock.forward(1800)
        settle(world)
        assert world.rows(PUSH) == [expected]
