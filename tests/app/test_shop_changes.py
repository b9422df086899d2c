"""Changing a connected shop: checked as when it was connected, noted, and in force at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oms.app.kernel.shop_changes import ShopFields, change_shop
from oms.app.kernel.trail import trail_of
from oms.domain.errors import Invalid, NotFound
from tests.factories import World

SHOP = 1


@pytest.fixture
def held(world: World) -> ShopFields:
    (row,) = world.rows(f"select {', '.join(ShopFields.__dataclass_fields__)} from shop where id = :id", id=SHOP)
    return ShopFields(*row)


def test_what_differs_is_stored_noted_and_seen_by_the_next_batch(world: World, held: ShopFields) -> None:
    hub = world.hub
    assert hub.masters.get(hub.engine, hub.clock()).shops[SHOP].merge_window_s == held.merge_window_s
    wanted = replace(held, name="新名字", merge_window_s=held.merge_window_s + 60)
    assert change_shop(hub, SHOP, wanted, "user:7") == ("merge_window_s", "name")
    card = hub.masters.get(hub.engine, hub.clock()).shops[SHOP]
    assert (card.name, card.merge_window_s) == ("新名字", held.merge_window_s + 60)
    with hub.engine.connect() as connection:
        (event,) = trail_of(connection, SHOP, None)
    assert (event.kind, event.actor) == ("shop_changed", "user:7")
    assert event.detail == {"shop": SHOP, "field": ["merge_window_s", "name"]}
    change_shop(hub, SHOP, held, "user:7")


def test_nothing_changed_leaves_no_trail(world: World, held: ShopFields) -> None:
    before = world.rows("select count(*) from event where order_id = 0")
    assert change_shop(world.hub, SHOP, held, "user:7") == ()
    assert world.rows("select count(*) from event where order_id = 0") == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"currency": "yuan"}, "currency"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"merge_window_s": -1}, "merge_window_s"),
        ({"merge_cap": 0}, "merge_cap"),
        ({"max_parcels": 21}, "max_parcels"),
        ({"ship_hours_paid": 0}, "ship_hours_paid"),
        ({"merge_gift_policy": "double"}, "merge_gift_policy"),
        ({"stock_pool_id": 999_999}, "pool_id"),
        ({"user_group_id": 999_999}, "user_group_id"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_stored(
    world: World, held: ShopFields, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        change_shop(world.hub, SHOP, replace(held, **changes), "user:7")  # type: ignore[arg-type]
    assert refused.value.field == field
    assert refused.value.remedy
    (row,) = world.rows("select name, merge_cap from shop where id = :id", id=SHOP)
    assert tuple(row) == (held.name, held.merge_cap)


def test_a_shop_that_is_not_there_is_told(world: World, held: ShopFields) -> None:
    with pytest.raises(NotFound):
        change_shop(world.hub, 999_999, held, "user:7")
