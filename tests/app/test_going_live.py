"""A shop that goes live: what is older stays with the system before, what was only observed goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oms.app.kernel.shop_modes import free_observed, set_mode
from oms.domain.errors import Invalid, NotFound
from tests.factories import START, World, a_document, an_order, raw, settle, take


def flags(world: World, order_id: int) -> list[str]:
    return list(world.one("select platform_holds from orders where id = :id", id=order_id))


def test_orders_from_before_going_live_are_captured_and_never_sent(make_world: Any) -> None:
    world = make_world(go_live_at=START + timedelta(hours=1))
    id_ = an_order(world)
    settle(world)
    assert flags(world, id_) == ["before_go_live"]
    assert world.holds(id_) == {"platform_hold"}
    assert world.script.asked("create") == []
    assert world.fulfilments(id_) == []
    assert world.one("select coalesce(sum(reserved), 0) from stock_level") == 0
    world.clock.forward(7200)
    number = world.one("select external_no from orders where id = :id", id=id_)
    take(world, raw(a_document(number, at=60, seller_memo="newer")))
    settle(world)
    assert flags(world, id_) == ["before_go_live"]
    assert world.script.asked("create") == []


def test_orders_from_after_going_live_are_ours(make_world: Any) -> None:
    world = make_world(go_live_at=START - timedelta(days=30))
    id_ = an_order(world)
    settle(world)
    assert flags(world, id_) == []
    assert len(world.script.asked("create")) == 1


def test_another_moment_looks_at_orders_that_are_here_again(world: World) -> None:
    world.run("update shop set mode = 'observing'")
    id_ = an_order(world)
    settle(world)
    set_mode(world.hub, 1, "live", START + timedelta(days=1), "user:1")
    settle(world)
    assert (flags(world, id_), world.holds(id_)) == (["before_go_live"], {"platform_hold"})
    assert world.script.asked("create") == []
    set_mode(world.hub, 1, "live", START + timedelta(days=1), "user:1")
    assert flags(world, id_) == ["before_go_live"]
    set_mode(world.hub, 1, "live", None, "user:1")
    settle(world)
    assert (flags(world, id_), world.holds(id_)) == ([], set())
    assert len(world.script.asked("create")) == 1


def test_what_was_observed_goes_on_when_the_shop_goes_live_and_not_when_it_closes(make_world: Any) -> None:
    world = make_world(mode="observing")
    id_ = an_order(world)
    settle(world)
    set_mode(world.hub, 1, "closed", None, "user:1")
    settle(world)
    assert world.holds(id_) == {"observing"}
    set_mode(world.hub, 1, "live", None, "user:1")
    settle(world)
    assert world.holds(id_) == set()
    assert len(world.script.asked("create")) == 1


def test_a_hold_that_came_while_the_mode_changed_is_found_by_the_clock(make_world: Any) -> None:
    world = make_world(mode="observing")
    id_ = an_order(world)
    settle(world)
    world.run("update shop set mode = 'live'")
    assert (free_observed(world.hub), free_observed(world.hub)) == (1, 0)
    assert world.holds(id_) == set()


def test_a_mode_or_a_shop_that_is_not_there_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        set_mode(world.hub, 1, "asleep", None, "user:1")
    with pytest.raises(NotFound):
        set_mode(world.hub, 999, "live", None, "user:1")
