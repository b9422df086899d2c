"""An order that rules route leaves without its gift only where the gift alone keeps it from leaving so."""

from __future__ import annotations

from tests.app.gift_rules import gift, log_of
from tests.app.routes import EAST, WEST, empty, held, plan, route_by, taken
from tests.factories import World, advance


def test_a_gift_is_not_lost_where_the_goods_lack_at_the_only_point(world: World) -> None:
    gift(world, "E")
    route_by(world, ("only_point", {"point": "WH2"}))
    empty(world, WEST, "A")
    id_ = taken(world)
    advance(world)
    assert held(world, id_)["short_of_stock"]["rules"] == ["r1"]
    assert log_of(world, id_) == [("g1", "E", 1, "given", "")]


def test_a_gift_that_lacks_at_the_only_point_does_not_keep_its_order(world: World) -> None:
    gift(world, "E")
    route_by(world, ("forbid_point", {"point": "WH1"}))
    empty(world, WEST, "E")
    id_ = taken(world)
    advance(world)
    assert [point for point, _ in plan(world, id_)] == [WEST]
    assert log_of(world, id_)[0][3:] == ("out", "unplanned")
    assert world.one("select count(*) from fulfilment where stock_point_id = :id", id=EAST) == 0
