"""A line's counters when its demands are made anew after some of it has left."""

from __future__ import annotations

from connectors.contract.errors import Refused
from tests.app.shipping import a_parcel, a_shipment, open_items, ship_all
from tests.factories import World, a_document, a_line, an_order, raw, report, settle, take


def newer(world: World, line: dict[str, object], at: int = 5) -> None:
    """The order's one line is as the platform says now."""
    world.clock.forward(at)
    assert take(world, raw(a_document("T", [line], at=at), at)).newer == 1


def test_a_new_price_after_a_short_shipment_leaves_the_rest_to_ship(world: World) -> None:
    id_ = an_order(world, [a_line(units=3, paid=3000)], no="T")
    settle(world)
    (work,) = world.fulfilments(id_)
    world.run("update stock_level set safety = 1000")
    report(world, a_shipment(work.id, a_parcel(("A", 1)), final=True))
    settle(world)
    newer(world, a_line(units=3, paid=2700, list_amount=3000))
    assert world.one("select shipped from order_line") == 1
    world.run("update stock_level set safety = 0")
    world.clock.forward(1000)
    settle(world)
    assert open_items(world, world.fulfilments(id_)[-1].id) == [("A", 2)]
    assert world.phase(id_) == "part_shipped"
    ship_all(world, id_)
    assert world.one("select shipped from order_line") == 3


def test_a_unit_added_too_late_is_still_to_ship(world: World) -> None:
    id_ = an_order(world, [a_line(units=1, paid=1000)], no="T")
    settle(world)
    world.script.next("cancel", Refused("picked already"))
    newer(world, a_line(units=2, paid=2000))
    settle(world)
    ship_all(world, id_)
    assert world.one("select shipped from order_line") == 1
    settle(world)
    (first,) = world.script.asked("push_shipment")
    assert first.units == {"1": 1}
    ship_all(world, id_)
    settle(world)
    _, last = world.script.asked("push_shipment")
    assert (last.whole, last.units) == (False, {"1": 1})
    assert world.one("select shipped from order_line") == 2
    assert sum(row[0] for row in world.rows("select share_amount from fulfilment_line")) == 2000


def test_the_rest_of_a_bundle_of_which_a_part_has_left_is_planned_anew(world: World) -> None:
    id_ = an_order(world, [a_line(code="SET", paid=3000)], no="T")
    settle(world)
    (work,) = world.fulfilments(id_)
    world.run("update stock_level set safety = 1000")
    report(world, a_shipment(work.id, a_parcel(("A", 1)), final=True))
    settle(world)
    newer(world, a_line(code="SET", paid=2700, list_amount=3000))
    world.run("update stock_level set safety = 0")
    world.clock.forward(1000)
    settle(world)
    assert world.one("select shipped from order_line") == 0
    assert open_items(world, world.fulfilments(id_)[-1].id) == [("B", 2)]
    ship_all(world, id_)
    assert world.one("select shipped from order_line") == 1


def test_other_goods_than_those_that_left_are_all_still_to_ship(world: World) -> None:
    id_ = an_order(world, [a_line(units=3, paid=3000)], no="T")
    settle(world)
    (work,) = world.fulfilments(id_)
    world.run("update stock_level set safety = 1000")
    report(world, a_shipment(work.id, a_parcel(("A", 1)), final=True))
    newer(world, a_line(code="C", units=3, paid=3000))
    world.run("update stock_level set safety = 0")
    world.clock.forward(1000)
    settle(world)
    assert open_items(world, world.fulfilments(id_)[-1].id) == [("C", 3)]
    ship_all(world, id_)
    assert world.one("select shipped from order_line") == 3
