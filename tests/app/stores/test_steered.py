"""Stores that are chosen, and warehouses that send to them, as the shop's setting of sourcing wants it; refusals stay."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from oms.app.pipeline.steering.policies import set_setting
from oms.app.pipeline.steering.setting import Setting
from oms.app.pipeline.stores import tasks
from oms.app.pipeline.stores.placing import choose_store, place_batch
from oms.console.stores.desk import WHY_NOT
from oms.domain.errors import Invalid
from tests.app.stores.kit import FAR, NEAR, doing, through_store, with_stores
from tests.app.stores.test_placing import POINT, placed, store_of
from tests.factories import World, drain, settle


def looked_at(world: World, id_: int) -> dict[int, str]:
    """Why each store was not taken."""
    told = world.one("select convert_from(choices, 'utf8')::jsonb->'stores' from decision where order_id = :id"
                     " and stage = 'store' order by id desc limit 1", id=id_)  # fmt: skip
    return {store: why for store, _, why in told}


def test_only_the_stores_of_the_setting_are_chosen_also_by_hand(world: World) -> None:
    with_stores(world)
    set_setting(world.hub, "shop", 1, Setting(points=(FAR,), only_points=True), 0, "user:1")
    id_ = placed(world, delivery=POINT)
    assert store_of(world, id_)[0] == FAR
    assert looked_at(world, id_) == {NEAR: "not_allowed", FAR: ""}
    with pytest.raises(Invalid, match="leave this store out"):
        choose_store(world.hub, id_, NEAR, "user:1")


def test_a_store_that_refused_is_not_offered_again_in_any_way(world: World) -> None:
    with_stores(world)
    id_ = placed(world, delivery=POINT)
    tasks.refuse(world.hub, doing(NEAR), world.fulfilments(id_)[0].id, "too_busy")
    with pytest.raises(Invalid, match="refused this order before"):
        choose_store(world.hub, id_, NEAR, "user:1")
    world.run(
        "insert into sourcing_refusal (order_id, stock_point_id, fulfilment_id) values (:id, :far, 0)", id=id_, far=FAR
    )
    drain(place_batch, world)
    assert store_of(world, id_)[0] is None
    assert looked_at(world, id_) == {NEAR: "refused_before", FAR: "refused_before"}


def test_a_store_whose_day_is_full_is_passed_over_while_another_has_room(world: World) -> None:
    with_stores(world)
    world.run("update stock_point set daily_capacity = 1 where id = :near", near=NEAR)
    today = world.clock().astimezone(ZoneInfo("Asia/Shanghai")).date()
    world.run("insert into stock_capacity (stock_point_id, day, used) values (:near, :day, 1)", near=NEAR, day=today)
    world.hub.masters.forget()
    id_ = placed(world, delivery=POINT)
    assert (store_of(world, id_)[0], looked_at(world, id_)[NEAR]) == (FAR, "full")
    assert set(looked_at(world, id_).values()) <= set(WHY_NOT)


def test_goods_carried_to_a_store_come_from_points_of_the_setting_in_as_many_parcels(world: World) -> None:
    with_stores(world)
    set_setting(world.hub, "shop", 1, Setting(points=(2, NEAR, FAR), only_points=True), 0, "user:1")
    id_ = through_store(world, "unified", "pickup", store="")
    drain(place_batch, world)
    settle(world)
    assert {work.stock_point_id for work in world.fulfilments(id_)} == {2}
