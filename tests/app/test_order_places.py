"""Points that deliver by radius, polygon or texts of a list get the orders in there, however their place is known."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from connectors.contract.errors import RateLimited
from connectors.contract.geocoding import GeoPoint
from oms.app.capture.intake import take_in
from oms.app.pipeline.placing.asking import MOST_ATTEMPTS, locate_batch
from tests.app.routes import held, plan, taken
from tests.app.stores.kit import PlainGeocoder
from tests.factories import RECEIVER, World, a_document, advance, order_id, raw

#: The middle of Hangzhou as the hub knows it, and a street at its edge.
CITY, EDGE = (30.27, 120.15), (30.40, 120.30)


@pytest.fixture
def near(world: World) -> World:
    """The first point delivers five kilometres around the middle of the city, the second one everywhere."""
    world.run("update stock_point set latitude = :lat, longitude = :lon where id = 1", lat=CITY[0], lon=CITY[1])
    world.run("insert into stock_area (stock_point_id, kind, metres) values (1, 'radius', 5000)")
    return world


def with_map(world: World) -> World:
    world.hub.vendors["plaingeo"] = type("PlainMap", (PlainGeocoder,), {"script": world.script})
    world.run("insert into account (id, family, vendor, name, push_token) values (20, 'geocoder', 'plaingeo', 'g', 'tg')")
    world.run("insert into pool_places (pool_id, geocoder_account_id) values (1, 20)")
    return world


def at(place: tuple[float, float], **changes: Any) -> dict[str, Any]:
    return RECEIVER | {"latitude": place[0], "longitude": place[1], **changes}


def said(world: World, id_: int) -> Any:
    row = world.rows(
        "select choices from decision where order_id = :id and stage = 'route' order by id desc limit 1", id=id_
    )
    return orjson.loads(row[0].choices)


def test_the_platforms_coordinates_decide(near: World) -> None:
    inside, outside = taken(near, receiver=at(CITY)), taken(near, receiver=at(EDGE))
    assert (plan(near, inside)[0][0], plan(near, outside)[0][0]) == (1, 2)
    assert said(near, inside)["place"] == ["by_platform"]
    told = said(near, outside)
    assert [[1], None, "out_of_area", []] in told["ways"]
    assert "30.4" not in str(told), "where somebody lives is written nowhere"


def test_an_order_that_is_planned_as_it_comes_goes_by_its_place_too(near: World) -> None:
    with near.hub.begin() as connection:
        card = near.hub.masters.get(connection, near.clock()).shops[1]
        take_in(near.hub, connection, card, (raw(a_document("P1", receiver=at(EDGE))),), walks=True)
    assert plan(near, order_id(near, "P1"))[0][0] == 2


def test_without_a_map_the_middle_of_the_city_serves_and_the_decision_says_so(near: World) -> None:
    id_ = taken(near)
    assert plan(near, id_)[0][0] == 1
    assert said(near, id_)["place"] == ["by_division"]
    assert near.rows("select 1 from order_place") == []


def test_a_map_is_asked_outside_and_its_answer_serves_the_next_order_at_once(near: World) -> None:
    with_map(near)
    near.script.next("geocode", RateLimited("later", retry_after=1.0), GeoPoint(*EDGE, "门牌号"))
    id_ = taken(near)
    assert (near.holds(id_), plan(near, id_)) == ({"finding_place"}, [])
    assert (locate_batch(near.hub), locate_batch(near.hub)) == (1, 0)
    near.clock.forward(20)
    assert locate_batch(near.hub) == 1
    advance(near)
    assert (near.holds(id_), plan(near, id_)[0][0]) == (set(), 2)
    assert said(near, id_)["place"] == ["by_geocoder", "门牌号"]
    again = taken(near)
    assert (plan(near, again)[0][0], len(near.script.asked("geocode"))) == (2, 2)


@pytest.mark.parametrize("answer", [None, GeoPoint(39.9, 116.4, "市", is_rough=True)])
def test_what_a_map_does_not_know_is_not_asked_again_and_the_citys_middle_serves(near: World, answer: object) -> None:
    with_map(near)
    near.script.next("geocode", answer)
    id_ = taken(near)
    locate_batch(near.hub)
    advance(near)
    assert (plan(near, id_)[0][0], said(near, id_)["place"]) == (1, ["by_division"])
    assert near.one("select state from order_place") == "unknown"


def test_a_map_that_never_answers_keeps_an_order_some_minutes_only(near: World) -> None:
    with_map(near)
    near.script.next("geocode", *[RateLimited("later", retry_after=1.0)] * MOST_ATTEMPTS)
    id_ = taken(near)
    for _ in range(MOST_ATTEMPTS):
        assert held(near, id_).keys() == {"finding_place"}
        assert locate_batch(near.hub) == 1
        near.clock.forward(300)
    advance(near)
    assert (plan(near, id_)[0][0], near.holds(id_)) == (1, set())


def test_an_order_waits_no_longer_when_no_area_asks_for_its_place_any_more(near: World) -> None:
    with_map(near)
    id_ = taken(near)
    assert near.holds(id_) == {"finding_place"}
    near.run("delete from stock_area")
    near.clock.forward(601)
    advance(near)
    assert (plan(near, id_)[0][0], near.holds(id_)) == (1, set())


def test_texts_of_a_delivery_list_are_looked_for_in_the_address(world: World) -> None:
    world.run("insert into stock_area (stock_point_id, kind, value) values (1, 'list', '文三路')")
    assert plan(world, taken(world))[0][0] == 1
    assert plan(world, taken(world, receiver=RECEIVER | {"address": "武林路 1 号"}))[0][0] == 2


def test_where_divisions_tell_nobody_is_asked_for_a_place(near: World) -> None:
    with_map(near)
    near.run("insert into stock_area (stock_point_id, kind, division_code) values (1, 'division', '3301')")
    id_ = taken(near)
    assert (plan(near, id_)[0][0], near.script.asked("geocode")) == (1, [])
    assert near.rows("select 1 from order_place") == []


def test_a_store_that_packs_for_no_courier_asks_for_nobodys_place(near: World) -> None:
    with_map(near)
    near.run("update stock_point set kind = 'store', account_id = null where id = 1")
    id_ = taken(near)
    assert (plan(near, id_)[0][0], near.script.asked("geocode")) == (2, [])


def test_areas_are_read_again_only_when_they_have_changed(near: World) -> None:
    with near.hub.engine.connect() as connection:
        first = near.hub.masters.get(connection, near.clock()).rules
        near.clock.forward(3)
        second = near.hub.masters.get(connection, near.clock()).rules
        assert second.coverage is first.coverage
    with near.hub.begin() as connection:
        connection.exec_driver_sql("update stock_area set metres = 6000")
        connection.exec_driver_sql("update stock_point set latitude = 31 where id = 1")
    near.clock.forward(3)
    with near.hub.engine.connect() as connection:
        assert near.hub.masters.get(connection, near.clock()).rules.coverage[1].centre == (31, CITY[1])
