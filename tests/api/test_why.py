"""Why an order went its way, through the API: the same as the page, for those who may see the shop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from oms.api.why_schemas import WhyOut
from oms.app.pipeline.reviewing.passing import pass_orders
from tests.api.conftest import MakeCaller
from tests.app.rule_sets import a_rule, decided, in_force
from tests.factories import RECEIVER, World, a_line, a_world

DEAR = {"fact": "order.paid", "op": "gt", "value": 30000}


@pytest.fixture(scope="module")
def world(database_url: str) -> Iterator[World]:
    world = a_world(database_url)
    in_force(world, a_rule("dear", "finance", when=DEAR), a_rule("all", "service"))
    yield world
    world.hub.engine.dispose()


def review_of(answer: TestResponse) -> Any:
    assert answer.status_code == 200
    return next(one for one in answer.get_json()["decisions"] if one["stage"] == "review")


def test_the_whole_path_is_one_call(world: World, ask: MakeCaller) -> None:
    id_ = decided(world)
    review = review_of(ask("order.view", "rule.view").get(f"/orders/{id_}/why"))
    assert review["comparison"]["outcome"] == "same"
    assert [(rule["id"], rule["state"]) for rule in review["rules"]] == [("all", "matched"), ("dear", "not_matched")]
    assert review["rules"][1]["lines"][0]["seen"] == 1000
    assert review["rule_set"]["number"] == 1


def test_without_leave_to_see_rules_only_those_that_matched_are_named(world: World, ask: MakeCaller) -> None:
    id_ = decided(world)
    review = review_of(ask("order.view").get(f"/orders/{id_}/why"))
    assert [(rule["id"], rule["lines"]) for rule in review["rules"]] == [("all", [])]


def test_of_other_shops_nothing_is_told(world: World, ask: MakeCaller) -> None:
    id_ = decided(world)
    stranger, known = ask("order.view", "rule.view", shop_ids=[99]), ask("order.view", "rule.view")
    for answer in (stranger.get(f"/orders/{id_}/why"), known.get("/orders/1/why")):
        assert answer.status_code == 404
        assert answer.content_type == "application/problem+json"
        assert answer.get_json()["title"] == "not-found"


def test_the_permission_is_needed(world: World, ask: MakeCaller) -> None:
    assert ask("rule.view").get(f"/orders/{decided(world)}/why").status_code == 403


def test_the_answer_is_what_the_description_says(world: World, ask: MakeCaller) -> None:
    lacking = decided(world, lines=[a_line(units=100_000)], receiver=RECEIVER)
    pass_orders(world.hub, [lacking], 1, "user:7", "fine")
    answer = ask("order.view", "rule.view").get(f"/orders/{lacking}/why")
    told = answer.get_json()
    assert WhyOut().validate(told) == {}
    assert (len(told["decisions"]), len(told["holds"]), len(told["reviews"])) == (2, 2, 1)
    assert told["decisions"][0]["candidates"][0]["reason"] == "short_of_stock"
    assert not any(word in answer.text for word in (RECEIVER["name"], RECEIVER["phone"], RECEIVER["address"]))
