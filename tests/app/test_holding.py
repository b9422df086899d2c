"""What each kind of hold does to an order that is planned: it comes to rest, and goes on once the hold is lifted."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.kernel.holds import hold_order, lift
from oms.app.pipeline.advance import advance_batch
from oms.domain.holds import KINDS, Back
from tests.factories import World, an_order, review_all, settle


@pytest.fixture(params=["review", "merging"])
def planned(request: pytest.FixtureRequest, make_world: Any) -> tuple[World, int]:
    """An order with a planned fulfilment, in review or waiting to be merged."""
    world: World = make_world(window=600)
    if request.param == "review":
        review_all(world, "finance")
    id_ = an_order(world)
    advance_batch(world.hub)
    assert world.phase(id_) == request.param
    return world, id_


def put_hold(world: World, order_id: int, kind: str) -> None:
    """A hold as its cause would place it."""
    line = world.one("select id from order_line where order_id = :id", id=order_id)
    if kind == "refund_asked":
        world.run("update order_line set refund_state = 'asked', case_no = 'C1' where id = :id", id=line)
    world.run(
        """insert into hold (order_id, kind, blocks, clears, seen) values
           (:id, :kind, :blocks, :clears, jsonb_build_object('lines', jsonb_build_array(cast(:line as bigint))))""",
        id=order_id, kind=kind, blocks=int(KINDS[kind].blocks), clears=KINDS[kind].clears, line=line,
    )  # fmt: skip


def walk_again(world: World, order_id: int) -> list[Any]:
    """Walk the order once more; answers what hangs on it afterwards."""
    world.run("update orders set ready_at = :now where id = :id", now=world.clock(), id=order_id)
    advance_batch(world.hub)
    works = [(work.id, work.status) for work in world.fulfilments(order_id)]
    return [works, sorted(world.holds(order_id)), world.phase(order_id), world.events(order_id)]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_held_order_comes_to_rest(planned: tuple[World, int], kind: str) -> None:
    world, id_ = planned
    put_hold(world, id_, kind)
    first = walk_again(world, id_)
    assert walk_again(world, id_) == first
    held = world.holds(id_)
    taken_back = kind in held and KINDS[kind].calls_back is not Back.NOTHING
    assert [work.status for work in world.fulfilments(id_)][-1] == ("cancelled" if taken_back else "planned")


#: What a rule stops goes on as soon as no rule asks for it: tests/app/test_asked.py has rules in force.
BY_RULES = ("stopped_by_rule",)


@pytest.mark.parametrize(
    "kind", [kind.code for kind in KINDS.values() if kind.calls_back is Back.ORDER and kind.code not in BY_RULES]
)
def test_an_order_taken_back_is_planned_anew_once_nothing_holds_it(planned: tuple[World, int], kind: str) -> None:
    world, id_ = planned
    put_hold(world, id_, kind)
    walk_again(world, id_)
    if world.holds(id_):  # A change of content clears by itself as soon as nothing old is left.
        lift(world.hub, world.one("select id from hold where cleared_at is null"), "u1", "settled")
        advance_batch(world.hub)
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled", "planned"]


def test_an_order_held_by_hand_is_not_planned_again_and_again(planned: tuple[World, int]) -> None:
    world, id_ = planned
    hold_order(world.hub, id_, "u1", "wait for the gift")
    settle(world)
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled"]
