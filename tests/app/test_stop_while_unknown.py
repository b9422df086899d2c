"""A refund asked while nobody knows whether the warehouse has the order: the stop follows as soon as it is known."""

from __future__ import annotations

from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown
from tests.app.shipping import progress
from tests.factories import World, a_document, a_line, advance, an_order, raw, settle, take


def test_the_warehouses_own_word_passes_a_waiting_stop_on(world: World) -> None:
    id_ = an_order(world, no="T")
    advance(world)
    world.script.next("create", OutcomeUnknown("no answer came back"))
    settle(world)
    (work,) = world.fulfilments(id_)
    assert (work.status, work.stop) == ("sending", "none")
    world.clock.forward(1)
    take(world, raw(a_document("T", [a_line(refund="asked", case_no="C1")], at=1), 1))
    advance(world)
    (work,) = world.fulfilments(id_)
    assert (work.status, work.stop) == ("sending", "asked")
    progress(world, work.id, n.WarehouseState.ACCEPTED)
    world.clock.forward(60)
    settle(world)
    assert len(world.script.asked("cancel")) == 1
    assert world.one("select state from interception") == "succeeded"
    assert world.one("select state from outbound where kind = 'create_fulfilment'") == "void"
