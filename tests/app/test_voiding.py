"""Rows given up by hand leave no fulfilment waiting for an answer that nobody asks for."""

from __future__ import annotations

import pytest

from connectors.contract.errors import OutcomeUnknown, Refused
from oms.app.kernel import outbound
from oms.app.pipeline.outbound.voiding import void_rows
from oms.domain.errors import Invalid
from tests.app.shipping import ship_all
from tests.factories import World, a_document, a_line, an_order, raw, settle, take


def row(world: World, kind: str) -> int:
    return int(world.one("select id from outbound where kind = :kind", kind=kind))


def test_a_hand_over_that_may_have_arrived_is_not_given_up(world: World) -> None:
    id_ = an_order(world)
    world.script.next("create", OutcomeUnknown("no answer"))
    settle(world)
    with pytest.raises(Invalid) as refused:
        void_rows(world.hub, [row(world, "create_fulfilment")], "user:1", "by phone")
    assert "hold or cancel its order" in refused.value.remedy
    assert outbound.void(world.hub, [row(world, "create_fulfilment")], "user:1", "by phone") == 0
    world.clock.forward(60)
    settle(world)
    assert world.phase(id_) == "at_warehouse"


def test_giving_up_a_stop_means_that_it_leaves(world: World) -> None:
    id_ = an_order(world, no="T")
    settle(world)
    world.script.next("cancel", OutcomeUnknown("no answer"))
    take(world, raw(a_document("T", [a_line(refund="asked", case_no="C1")], at=1), 1))
    settle(world)
    assert [work.status for work in world.fulfilments(id_)] == ["stopping"]
    assert void_rows(world.hub, [row(world, "cancel_fulfilment")], "user:1", "they ship it") == 1
    assert [(work.status, work.stop) for work in world.fulfilments(id_)] == [("sent", "too_late")]
    assert world.rows("select state, words from interception") == [("failed", "they ship it")]
    settle(world)
    assert [told.stopped for told in world.script.asked("confirm_interception")] == [False]
    assert world.rows("select outcome, words from outbound_attempt")[-1] == ("void", "user:1: they ship it")


def test_rows_that_no_fulfilment_waits_for_are_simply_given_up(world: World) -> None:
    id_ = an_order(world)
    world.script.next("create", Refused("no such item"))
    world.script.next("push_shipment", Refused("no such order"))
    settle(world)
    ship_all(world, id_)
    settle(world)
    rows = [found[0] for found in world.rows("select id from outbound where state = 'refused'")]
    assert void_rows(world.hub, rows, "user:1", "told by phone") == 2
    assert (world.rows("select 1 from outbound where state = 'refused'"), world.phase(id_)) == ([], "shipped")
