"""Orders that go through stores leave each by itself, whatever the settings of merging say of parts."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.pipeline.merging.by_hand import join_orders
from oms.app.pipeline.merging.editing import set_merging
from oms.app.pipeline.reviewing.passing import pass_orders
from oms.domain.errors import NotPossible
from tests.app.joining import BUYER
from tests.app.shipping import ship_fulfilment
from tests.app.stores.kit import FAR, NEAR, through_store, with_stores
from tests.factories import World, review_all, settle


def two_of_one_buyer(world: World, *changes: dict[str, Any]) -> list[int]:
    """Two orders of one buyer for a warehouse's goods, where parts may join others."""
    with_stores(world)
    assert set_merging(world.hub, "global", 0, {"merges_split": True}, "user:1")
    return [through_store(world, "unified", "pickup", buyer=BUYER, **one) for one in changes]


def test_goods_for_two_stores_are_never_joined_and_each_goes_to_its_own(make_world: Any) -> None:
    world = make_world(window=600)
    ids = two_of_one_buyer(world, {"store": "S11"}, {"store": "S12"})
    world.clock.forward(601)
    settle(world)
    assert sorted(len(notice.lines) for notice in world.script.asked("create")) == [1, 1]
    for id_ in ids:
        ship_fulfilment(world, world.fulfilments(id_)[-1].id)
    assert world.rows("select order_id, stock_point_id from store_parcel order by order_id") == [
        (ids[0], NEAR), (ids[1], FAR)
    ]  # fmt: skip


def test_what_was_planned_before_as_if_it_could_be_joined_is_not_joined_either(make_world: Any) -> None:
    world = make_world(window=600)
    review_all(world, "service")
    ids = two_of_one_buyer(world, {}, {})
    world.run("update fulfilment set is_sealed = false where status = 'planned'")
    with pytest.raises(NotPossible, match="goes through a store"):
        join_orders(world.hub, ids, "user:1", "")
    assert all(outcome.is_done for outcome in pass_orders(world.hub, ids, 1, "user:1"))
    settle(world)
    world.clock.forward(601)
    settle(world)
    assert sorted(len(notice.lines) for notice in world.script.asked("create")) == [1, 1]
