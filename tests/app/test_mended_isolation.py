"""One order that cannot be walked is held by itself; the others go on, and an innocent one is never held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import OrderWork
from oms.app.pipeline import advance as coordinator
from oms.app.pipeline import review
from oms.app.pipeline.advance import advance_batch
from oms.domain.errors import Busy, ConfigError, WrongState
from tests.factories import World, advance, an_order


def fail_on(monkeypatch: pytest.MonkeyPatch, bad: int, error: Exception) -> None:
    """The walk fails as soon as this order is in it."""
    honest = review.review

    def broken(batch: Batch, orders: Sequence[OrderWork]) -> None:
        if any(order.id == bad for order in orders):
            raise error
        honest(batch, orders)

    monkeypatch.setattr(review, "review", broken)


@pytest.mark.parametrize("error", [WrongState("order", "open", "close"), ValueError("x")])
def test_an_order_at_fault_is_held_alone(world: World, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    orders = [an_order(world) for _ in range(3)]
    fail_on(monkeypatch, orders[1], error)
    advance(world)
    assert [world.holds(id_) for id_ in orders] == [set(), {"pipeline_failed"}, set()]
    assert [len(world.fulfilments(id_)) for id_ in orders] == [1, 0, 1]


def test_the_order_that_failed_is_held_though_another_is_first_in_line_by_then(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, other = an_order(world), an_order(world)
    fail_on(monkeypatch, bad, ValueError("x"))
    honest = coordinator._hold_failed

    def late(*arguments: object) -> None:
        world.run("update orders set ready_at = ready_at - interval '1 hour' where id = :id", id=other)
        honest(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(coordinator, "_hold_failed", late)
    advance(world)
    assert world.holds(bad) == {"pipeline_failed"}
    assert world.holds(other) == set()


@pytest.mark.parametrize("error", [Busy("another works on it"), ConfigError("no key")])
def test_what_no_order_is_at_fault_for_holds_none(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    id_ = an_order(world)
    fail_on(monkeypatch, id_, error)
    with pytest.raises(type(error)):
        advance_batch(world.hub)
    assert world.holds(id_) == set()


def test_an_order_of_a_shop_connected_a_moment_ago_is_walked_with_the_others(world: World) -> None:
    snapshot = world.hub.masters.get(world.hub.engine, world.clock())
    id_ = an_order(world)
    kept = world.hub.masters
    kept._kept = replace(snapshot, shops={})  # As a worker has it that read before the shop was connected.
    assert advance_batch(world.hub) == 1
    assert world.holds(id_) == set()
    assert len(world.fulfilments(id_)) == 1
