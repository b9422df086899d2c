"""A warehouse ships what it had given back: it is booked, and what was planned instead is called back."""

from __future__ import annotations

from connectors.contract import notices as n
from oms.app.kernel.holds import lift
from tests.app.shipping import a_parcel, a_shipment, progress
from tests.factories import World, a_document, a_line, an_order, raw, report, settle, take


def level(world: World, point: int = 1, sku: int = 100) -> tuple[int, int]:
    rows = world.rows(
        "select on_hand, reserved from stock_level where stock_point_id = :p and sku_id = :s", p=point, s=sku
    )
    return tuple(rows[0])


def given_back_and_planned_anew(world: World) -> tuple[int, int]:
    """An order whose warehouse gave it back, planned at another; answers it and the fulfilment that was given back."""
    id_ = an_order(world, [a_line(units=2, paid=2000)], no="T")
    settle(world)
    (old,) = world.fulfilments(id_)
    progress(world, old.id, n.WarehouseState.CANCELLED)
    settle(world)
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled", "sent"]
    return id_, old.id


def test_what_was_planned_instead_is_called_back(world: World) -> None:
    id_, old = given_back_and_planned_anew(world)
    report(world, a_shipment(old, a_parcel(("A", 2))))
    settle(world)
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled", "cancelled"]
    assert "already_shipped" in world.holds(id_)
    assert world.one("select state from interception where reason = 'already_shipped'") == "succeeded"


def test_its_parcel_and_its_stock_are_booked_once(world: World) -> None:
    _, old = given_back_and_planned_anew(world)
    told = a_shipment(old, a_parcel(("A", 2)))
    report(world, told)
    report(world, told)
    settle(world)
    assert level(world) == (98, 0)
    assert world.one("select fulfilment_id from parcel") == old
    assert len(world.script.asked("subscribe")) == 1


def test_what_is_told_again_after_a_person_has_decided_changes_nothing(world: World) -> None:
    id_, old = given_back_and_planned_anew(world)
    told = a_shipment(old, a_parcel(("A", 2)))
    report(world, told)
    settle(world)
    hold = world.one("select id from hold where kind = 'already_shipped' and cleared_at is null")
    lift(world.hub, hold, "user:1", "send it once more")
    settle(world)
    before = world.fulfilments(id_), world.events(id_), level(world)
    assert before[0][-1].status == "sent"
    report(world, told)
    settle(world)
    assert (world.fulfilments(id_), world.events(id_), level(world)) == before
    assert world.holds(id_) == set()


def test_more_than_there_is_empties_the_level(world: World) -> None:
    _, old = given_back_and_planned_anew(world)
    report(world, a_shipment(old, a_parcel(("A", 500))))
    settle(world)
    assert level(world) == (0, 0)


def test_goods_of_other_lines_go_on(world: World) -> None:
    world.run("update shop set max_parcels = 3")
    world.run("update stock_level set safety = 1000 where stock_point_id = 2 and sku_id = 100")
    world.run("update stock_level set safety = 1000 where stock_point_id = 1 and sku_id = 101")
    lines = [a_line("1", "A"), a_line("2", "B")]
    id_ = an_order(world, lines, no="T")
    settle(world)
    here = next(work for work in world.fulfilments(id_) if work.stock_point_id == 1)
    world.clock.forward(5)
    refunded = [a_line("1", "A", refund="succeeded", case_no="C"), a_line("2", "B")]
    take(world, raw(a_document("T", refunded, at=5), 5))
    settle(world)
    report(world, a_shipment(here.id, a_parcel(("A", 1))))
    settle(world)
    assert {work.stock_point_id: work.status for work in world.fulfilments(id_)} == {1: "cancelled", 2: "sent"}
