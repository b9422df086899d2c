"""A refused ship notice is looked up: the same waybill is a success, another one a conflict that people settle."""

from __future__ import annotations

import pytest

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import ShipmentFound
from oms.app.pipeline.outbound.platform_waybills import claim_ours
from oms.domain.errors import NotFound, NotPossible
from tests.app.shipping import ship_all, waybills
from tests.factories import World, an_order, settle


def refused(world: World, holds: dict[str, str] | Exception) -> int:
    """An order whose notice the platform refuses, holding these waybills by line."""
    id_ = an_order(world, no="W1")
    settle(world)
    found = holds if isinstance(holds, Exception) else ShipmentFound(holds)
    world.script.next("push_shipment", Refused("shipped already", code="b1"))
    world.script.next("find_shipment", found)
    ship_all(world, id_)
    settle(world)
    return id_


def notices(world: World) -> list[tuple[str, str, str]]:
    question = """select kind, state, code from outbound where kind in ('push_shipment', 'change_shipment') order by id"""
    return [tuple(row) for row in world.rows(question)]


def the_notice(world: World) -> int:
    return int(world.one("select min(id) from outbound where kind = 'push_shipment'"))


def test_another_waybill_there_is_told_and_ours_is_put_in_its_place(world: World) -> None:
    id_ = refused(world, {"1": "THEIRS"})
    assert notices(world) == [("push_shipment", "refused", "waybill-conflict")]
    assert world.holds(id_) == {"waybill_conflict"}
    (ours,) = waybills(world, id_)
    seen = world.one("select seen from hold where order_id = :id and kind = 'waybill_conflict'", id=id_)
    assert seen == {"ours": ours, "theirs": ["THEIRS"]}
    claim_ours(world.hub, the_notice(world), "user:1")
    settle(world)
    (asked,) = world.script.asked("change_shipment")
    assert asked.waybill_no == ours
    assert [state for _, state, _ in notices(world)] == ["void", "done"]
    assert world.holds(id_) == set()
    assert world.one("select count(*) from order_line where order_id = :id and written_back_at is null", id=id_) == 0
    with pytest.raises(NotFound):
        claim_ours(world.hub, the_notice(world), "user:2")


@pytest.mark.parametrize("holds", [{}, OutcomeUnknown("gone"), Refused("no such order")])
def test_what_cannot_be_told_stays_a_refusal(world: World, holds: dict[str, str] | Exception) -> None:
    id_ = refused(world, holds)
    assert notices(world) == [("push_shipment", "refused", "b1")]
    assert world.holds(id_) == set()
    with pytest.raises(NotPossible):
        claim_ours(world.hub, the_notice(world), "user:1")


def test_the_same_waybill_there_is_a_success(world: World) -> None:
    id_ = an_order(world)
    settle(world)
    world.script.next("push_shipment", Refused("shipped already", code="b1"))
    ship_all(world, id_)
    (ours,) = waybills(world, id_)
    world.script.next("find_shipment", ShipmentFound({"1": ours}))
    settle(world)
    assert [state for _, state, _ in notices(world)] == ["done"]
    assert world.holds(id_) == set()
