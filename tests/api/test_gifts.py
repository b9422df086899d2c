"""Gifts through the API: the log of what rules gave, page by page, and what is left of limited ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oms.api.gifts import GiftPage, LimitedList
from tests.api.conftest import MakeCaller
from tests.app.gift_rules import gift
from tests.factories import World, a_world, advance, an_order


@pytest.fixture(scope="module")
def world(database_url: str) -> Iterator[World]:
    world = a_world(database_url)
    gift(world, "E", 2, stock=3)
    for _ in range(3):
        an_order(world)
    advance(world)
    yield world
    world.hub.engine.dispose()


def test_the_log_comes_page_by_page(ask: MakeCaller) -> None:
    caller = ask("rule.view")
    first = caller.get("/gifts?limit=2").get_json()
    second = caller.get(f"/gifts?limit=2&after={first['next']}").get_json()
    told = [(row["sku"], row["units"], row["state"], row["reason"]) for row in first["gifts"] + second["gifts"]]
    assert sorted(told) == [("E", 1, "given", "limit"), ("E", 2, "given", ""), ("E", 2, "out", "limit")]
    assert second["next"] == ""
    assert GiftPage().validate(first) == {}


def test_the_log_is_narrowed(ask: MakeCaller) -> None:
    caller = ask("rule.view")
    assert len(caller.get("/gifts?state=out").get_json()["gifts"]) == 1
    assert caller.get("/gifts?sku=D").get_json()["gifts"] == []
    assert caller.get("/gifts?state=lost").status_code == 422
    assert caller.get("/gifts?color=red").status_code == 422


def test_what_is_left_of_limited_gifts(world: World, ask: MakeCaller) -> None:
    answer = ask("rule.view").get("/limited-gifts").get_json()
    rule_set = world.one("select id from rule_set")
    wanted = {"rule_set_id": rule_set, "rule_id": "g1", "sku": "E", "most": 3, "given": 3, "left": 0}
    assert answer == {"gifts": [wanted]}
    assert LimitedList().validate(answer) == {}


def test_other_shops_gifts_and_callers_without_leave_see_none(ask: MakeCaller) -> None:
    assert ask("rule.view", shop_ids=[]).get("/gifts").get_json()["gifts"] == []
    assert ask("order.view").get("/gifts").status_code == 403
