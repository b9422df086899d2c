"""What people change of an order's way stays when its platform sends the order anew, until it says something else."""

from __future__ import annotations

from typing import Any

import orjson

from oms.app.kernel.receivers import open_key
from oms.app.pipeline.stores.changing import change_delivery
from oms.app.pipeline.stores.placing import choose_store
from tests.app.stores.kit import FAR, NEAR, with_stores
from tests.factories import START, World, a_document, order_id, raw, settle, take

PICKUP = {"mode": "store_pickup", "leg": "pickup", "store_code": "S11", "person": "李雷", "phone": "13900000002",
          "promise_at": "2026-11-21T18:00:00+00:00"}  # fmt: skip


def told(world: World, at: int = 0, delivery: dict[str, Any] | None = None, **changes: Any) -> int:
    """The platform's document of one order, as it is at a moment."""
    take(world, raw(a_document("P", at=at, delivery=PICKUP | (delivery or {}), **changes), at))
    settle(world)
    return order_id(world, "P")


def way(world: World, id_: int) -> tuple[Any, ...]:
    question = "select mode, leg, stock_point_id, to_char(promise_at at time zone 'utc', 'HH24') from order_delivery"
    return tuple(world.rows(f"{question} where order_id = :id", id=id_)[0])


def collector(world: World, id_: int) -> tuple[str, str]:
    """Who collects: name and phone."""
    sealed = world.one("select sealed from order_delivery where order_id = :id", id=id_)
    with world.hub.engine.connect() as connection:
        kept = orjson.loads(open_key(world.hub, connection, id_).unseal(sealed))
    return kept["person"], kept["phone"]


def test_a_newer_document_undoes_nothing_that_customer_service_changed(world: World) -> None:
    with_stores(world)
    id_ = told(world)
    change_delivery(world.hub, id_, "user:1", leg="delivery", person="韩梅", phone="13900000003")
    change_delivery(world.hub, id_, "user:1", promise_at=START.replace(hour=20))
    told(world, 60, flag="red")
    assert way(world, id_) == ("store_delivery", "delivery", NEAR, "20")
    assert collector(world, id_) == ("韩梅", "13900000003")
    assert world.holds(id_) == set()
    assert [work.status for work in world.fulfilments(id_)] == ["sent"]


def test_only_what_the_platform_changes_is_followed(world: World) -> None:
    with_stores(world)
    id_ = told(world)
    change_delivery(world.hub, id_, "user:1", leg="delivery", person="韩梅", phone="13900000003")
    told(world, 60, {"promise_at": "2026-11-21T19:00:00+00:00"})
    assert (way(world, id_), collector(world, id_)) == (
        ("store_delivery", "delivery", NEAR, "19"), ("韩梅", "13900000003")
    )  # fmt: skip
    told(world, 120, {"promise_at": "2026-11-21T19:00:00+00:00", "phone": "13900000004"})
    assert collector(world, id_) == ("韩梅", "13900000004")
    assert world.holds(id_) == set()


def test_another_store_of_the_platform_wins_over_one_that_people_chose(world: World) -> None:
    with_stores(world)
    world.run("update stock_point set account_id = null where id = 11")
    id_ = told(world, delivery={"store_code": ""})
    choose_store(world.hub, id_, NEAR, "user:1")
    told(world, 60, {"store_code": ""}, flag="red")
    assert way(world, id_)[2] == NEAR
    told(world, 120, {"store_code": "S12"})
    assert way(world, id_)[2] == FAR
    assert "delivery_changed" in world.events(id_)


def test_rows_from_before_follow_the_platform_once_and_are_kept_from_then_on(world: World) -> None:
    with_stores(world)
    id_ = told(world)
    world.run("update order_delivery set sealed = null, promise_at = null")
    told(world, 60, flag="red")
    assert way(world, id_)[3] == "18"
    change_delivery(world.hub, id_, "user:1", promise_at=START.replace(hour=21))
    told(world, 120, flag="blue")
    assert way(world, id_)[3] == "21"


def test_a_day_that_moves_frees_no_order_that_waits_for_its_store(world: World) -> None:
    with_stores(world, finds_by="hand")
    id_ = told(world, delivery={"store_code": ""})
    told(world, 60, {"store_code": "", "promise_at": "2026-11-21T19:00:00+00:00"})
    assert world.holds(id_) == {"no_store"}
