"""How orders get a store: from the platform, by place, by list, by hand; and what happens when a store says no."""

from __future__ import annotations

import orjson
import pytest

from connectors.contract.errors import AuthFailed, RateLimited, Retryable
from connectors.contract.geocoding import GeoPoint
from oms.app.pipeline.stores import tasks
from oms.app.pipeline.stores.places import ROUGH
from oms.app.pipeline.stores.placing import NO_ANSWER, choose_store, place_batch, switch_on
from oms.domain.errors import Invalid, NotPossible
from tests.app.stores.kit import BUYER, FAR, NEAR, doing, through_store, with_stores
from tests.factories import World, a_document, an_order, drain, raw, settle, take

POINT = {"latitude": BUYER[0], "longitude": BUYER[1]}


def placed(world: World, **changes: object) -> int:
    """An order without a store, looked at once."""
    id_ = through_store(world, "store_pickup", "pickup", store="", **changes)
    assert world.holds(id_) == {"no_store"}
    drain(place_batch, world)
    settle(world)
    return id_


def store_of(world: World, id_: int) -> tuple[object, ...]:
    return tuple(world.rows(
        "select stock_point_id, chosen_by, found_with from order_delivery where order_id = :id", id=id_
    )[0])  # fmt: skip


def test_the_platforms_point_leads_to_the_nearest_store_with_the_goods(world: World) -> None:
    with_stores(world)
    near = placed(world, delivery=POINT)
    assert store_of(world, near) == (NEAR, "location", "platform")
    assert [work.stock_point_id for work in world.fulfilments(near)] == [NEAR]
    world.run("update stock_level set safety = on_hand where stock_point_id = :id", id=NEAR)
    far = placed(world, delivery=POINT)
    assert store_of(world, far) == (FAR, "location", "platform")
    kept = world.one("select choices from decision where order_id = :id and stage = 'store'", id=far)
    choices = kept if isinstance(kept, dict) else orjson.loads(kept)
    assert [(point, why) for point, _, why in choices["stores"]] == [(NEAR, "short_of_stock"), (FAR, "")]


def test_a_geocoder_is_asked_once_for_an_address_and_else_the_citys_middle_serves_with_a_warning(world: World) -> None:
    with_stores(world)
    world.run("insert into account (id, family, vendor, name, push_token) values (20, 'geocoder', 'plaingeo', 'g', 'tg')")
    world.run("update shop_stores set geocoder_account_id = 20")
    world.script.next("geocode", RateLimited("later", retry_after=1.0), GeoPoint(30.35, 120.15, "门牌号"))
    id_ = through_store(world, "store_pickup", "pickup", store="")
    assert drain(place_batch, world) == 1
    assert store_of(world, id_)[0] is None
    world.clock.forward(400)
    drain(place_batch, world)
    assert store_of(world, id_) == (FAR, "location", "geocoder")
    assert store_of(world, placed(world)) == (FAR, "location", "cache")
    assert len(world.script.asked("geocode")) == 2
    world.script.next("geocode", GeoPoint(39.9, 116.4, "市", is_rough=True))
    elsewhere = placed(world, receiver={**_receiver(), "address": "another street 9"})
    assert store_of(world, elsewhere) == (NEAR, "location", "division")
    assert "middle of the city" in world.one("select words from order_delivery where order_id = :id", id=elsewhere)
    assert "another street" not in str(world.rows("select * from geocode_kept"))


def with_geocoder(world: World) -> None:
    with_stores(world)
    world.run("insert into account (id, family, vendor, name, push_token) values (20, 'geocoder', 'plaingeo', 'g', 'tg')")
    world.run("update shop_stores set geocoder_account_id = 20")


def test_a_geocoder_that_does_not_answer_is_waited_for_twice_and_then_the_citys_middle_serves(world: World) -> None:
    with_geocoder(world)
    for _ in range(3):
        world.script.next("geocode", Retryable("down"))
    id_ = placed(world)
    assert world.one("select words from order_delivery where order_id = :id", id=id_) == NO_ANSWER
    for expected in (None, NEAR):
        world.clock.forward(400)
        drain(place_batch, world)
        assert store_of(world, id_)[0] == expected
    assert store_of(world, id_) == (NEAR, "location", "division")
    assert world.one("select words from order_delivery where order_id = :id", id=id_) == ROUGH


def test_a_geocoder_whose_calls_of_the_day_are_used_up_is_not_waited_for(world: World) -> None:
    with_geocoder(world)
    world.script.next("geocode", RateLimited("no more today", retry_after=3600))
    assert store_of(world, placed(world)) == (NEAR, "location", "division")
    assert world.one("select state from account where id = 20") == "active"


def test_a_geocoder_that_refuses_its_key_is_paused_and_people_are_told(world: World) -> None:
    with_geocoder(world)
    world.script.next("geocode", AuthFailed("the key has expired"))
    assert store_of(world, placed(world)) == (NEAR, "location", "division")
    assert world.one("select state from account where id = 20") == "paused"
    assert world.one("select count(*) from alert where state = 'open' and subject = '20'") == 1
    assert store_of(world, placed(world, receiver={**_receiver(), "address": "another street 9"}))[2] == "division"
    assert len(world.script.asked("geocode")) == 1


def _receiver() -> dict[str, str]:
    return {"name": "周明", "phone": "13800000001", "state": "浙江省", "city": "杭州市", "district": "西湖区",
            "address": "文三路 1 号"}  # fmt: skip


def test_the_delivery_list_that_names_the_division_most_exactly_wins(world: World) -> None:
    with_stores(world, finds_by="list")
    world.run("insert into division (code, name, level) values ('33', '浙江省', 1), ('3301', '杭州市', 2)")
    world.run("update store_profile set divisions = '{33}' where stock_point_id = :id", id=NEAR)
    world.run("update store_profile set divisions = '{3301,44}' where stock_point_id = :id", id=FAR)
    id_ = through_store(world, "store_pickup", "pickup", store="")
    world.run("update orders set division_code = '330106' where id = :id", id=id_)
    drain(place_batch, world)
    assert store_of(world, id_)[:2] == (FAR, "list")


def test_a_store_that_refuses_is_left_out_and_the_next_one_gets_the_order(world: World) -> None:
    with_stores(world)
    id_ = placed(world, delivery=POINT)
    with pytest.raises(Invalid):
        tasks.refuse(world.hub, doing(NEAR), world.fulfilments(id_)[0].id, "because")
    click = doing(NEAR)
    for _ in range(2):
        tasks.refuse(world.hub, click, world.fulfilments(id_)[0].id, "too_busy")
    assert world.holds(id_) == {"no_store"}
    drain(place_batch, world)
    settle(world)
    assert store_of(world, id_)[0] == FAR
    assert [work.stock_point_id for work in world.fulfilments(id_) if work.status == "sent"] == [FAR]
    tasks.refuse(world.hub, doing(FAR), world.fulfilments(id_)[-1].id, "closing")
    assert drain(place_batch, world) == 1
    assert (store_of(world, id_)[0], world.holds(id_)) == (None, {"no_store"})


def test_people_choose_and_change_a_store_until_somebody_works_on_it(world: World) -> None:
    with_stores(world, finds_by="hand")
    id_ = placed(world)
    assert store_of(world, id_)[0] is None
    for point in (FAR, NEAR):
        choose_store(world.hub, id_, point, "user:1")
        settle(world)
    live = [work for work in world.fulfilments(id_) if work.status != "cancelled"]
    assert [(work.stock_point_id, work.status) for work in live] == [(NEAR, "sent")]
    tasks.accept(world.hub, doing(NEAR), live[0].id)
    with pytest.raises(NotPossible, match="working on it"):
        choose_store(world.hub, id_, FAR, "user:1")
    with pytest.raises(Invalid, match="no open store"):
        choose_store(world.hub, an_order(world), 1, "user:1", mode="unified", leg="pickup")


def test_an_order_by_courier_can_be_sent_to_a_store_by_hand(world: World) -> None:
    with_stores(world)
    world.run("update shop set merge_window_s = 600")
    id_ = an_order(world)
    settle(world)
    with pytest.raises(Invalid, match="goes by courier"):
        choose_store(world.hub, id_, NEAR, "user:1")
    choose_store(world.hub, id_, NEAR, "user:1", mode="store_pickup", leg="pickup")
    settle(world)
    assert [(w.mode, w.stock_point_id) for w in world.fulfilments(id_) if w.status == "sent"] == [("store_pickup", NEAR)]


def test_orders_of_a_shop_without_stores_wait_until_it_has_some(world: World) -> None:
    take(world, raw(a_document("T9", delivery={"mode": "store_pickup", "leg": "pickup", "store_code": "", **POINT})))
    settle(world)
    id_ = world.one("select id from orders")
    assert (world.holds(id_), drain(place_batch, world)) == ({"no_store"}, 0)
    with_stores(world)
    assert switch_on(world.hub, 1) == 1
    drain(place_batch, world)
    settle(world)
    assert [work.stock_point_id for work in world.fulfilments(id_)] == [NEAR]


def test_the_platform_may_send_the_buyer_to_another_store(world: World) -> None:
    with_stores(world)
    id_ = through_store(world, "store_pickup", "pickup")
    no = world.one("select external_no from orders where id = :id", id=id_)
    way = {"mode": "store_pickup", "leg": "pickup", "store_code": "S12"}
    take(world, raw(a_document(no, at=60, delivery=way), fetched=60))
    settle(world)
    assert store_of(world, id_)[0] == FAR
    assert "delivery_changed" in world.events(id_)


def test_a_delivery_within_the_hour_needs_a_store_that_is_open_and_near(world: World) -> None:
    with_stores(world)
    world.run("""update stock_point set hours = '{"mon": ["09:00", "21:00"]}' where id = :id""", id=NEAR)  # A Saturday.
    way = {**POINT, "mode": "store_delivery", "leg": "delivery"}
    id_ = through_store(world, "store_delivery", "delivery", store="", delivery=way)
    drain(place_batch, world)
    assert store_of(world, id_)[0] is None
    assert "no store may serve" in world.one("select words from order_delivery where order_id = :id", id=id_)
    world.run("update stock_point set delivery_radius_m = 20000 where id = :id", id=FAR)
    world.clock.forward(400)
    drain(place_batch, world)
    assert store_of(world, id_)[0] == FAR


def test_stores_are_never_chosen_for_couriers(world: World) -> None:
    with_stores(world, stock=1000)
    world.run("update stock_level set safety = on_hand where stock_point_id in (1, 2)")
    id_ = an_order(world)
    settle(world)
    assert (world.fulfilments(id_), world.holds(id_)) == ([], {"short_of_stock"})
