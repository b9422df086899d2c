"""Detectors and master rows through the API: switched by place, written and refused by row, found, taken away."""

from __future__ import annotations

from typing import Any

import pytest

from oms.api.detectors import DetectorList
from oms.api.masters import RowPage, WrittenOut
from oms.app.pipeline.detecting.detectors import ALL_DETECTORS
from tests.api.conftest import MakeCaller
from tests.factories import World, an_order, settle


def one(answer: Any, kind: str) -> dict[str, Any]:
    """A detector of an answer."""
    found: dict[str, Any] = next(row for row in answer.get_json()["detectors"] if row["kind"] == kind)
    return found


def test_every_detector_is_told_with_what_it_does(ask: MakeCaller) -> None:
    answer = ask("rule.view").get("/detectors")
    assert DetectorList().validate(answer.get_json()) == {}
    assert [row["kind"] for row in answer.get_json()["detectors"]] == [it.kind for it in ALL_DETECTORS]
    phone = one(answer, "bad_phone")
    assert (phone["blocks"], phone["clears"], phone["is_on"]) == (["dispatch", "print", "ship"], "either", True)
    assert one(answer, "memo_present")["why"]


def test_a_detector_is_switched_in_a_shop_and_holds_its_orders(world: World, ask: MakeCaller) -> None:
    caller = ask("rule.view", "rule.activate")
    body = {"scope": "shop", "scope_id": world.shop, "is_on": True}
    shown = caller.ask("PUT", "/detectors/memo_present", json=body).get_json()
    assert (shown["is_on"], shown["is_own"]) == (True, True)
    world.hub.masters.forget()
    held = an_order(world, seller_memo="gift wrap")
    settle(world)
    assert world.holds(held) == {"memo_present"}
    counted = one(caller.get(f"/detectors?scope=shop&scope_id={world.shop}"), "memo_present")
    assert (counted["orders_now"], counted["orders_in_7_days"]) == (1, 1)
    assert caller.ask("DELETE", f"/detectors/memo_present?scope=shop&scope_id={world.shop}").status_code == 204
    settle(world)
    assert world.holds(held) == set()


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("weather", {"is_on": True}, 404),
        ("refund_asked", {"is_on": False}, 422),
        ("large_goods", {"is_on": True, "thresholds": {"weight_g": -1}}, 422),
        ("large_goods", {"is_on": True, "thresholds": {"hours": 1}}, 422),
        ("large_goods", {"is_on": True, "scope": "shop", "scope_id": 999}, 422),
        ("large_goods", {}, 422),
    ],
)
def test_what_cannot_be_set_is_refused(ask: MakeCaller, kind: str, body: Any, status: int) -> None:
    assert ask("rule.activate").ask("PUT", f"/detectors/{kind}", json=body).status_code == status


def test_a_key_of_one_shop_switches_that_shop_alone(world: World, ask: MakeCaller) -> None:
    caller = ask("rule.view", "rule.activate", shop_ids=[world.shop])
    assert caller.ask("PUT", "/detectors/gift_only", json={"is_on": True}).status_code == 403
    body = {"is_on": True, "scope": "shop", "scope_id": world.shop}
    assert caller.ask("PUT", "/detectors/gift_only", json=body).status_code == 200
    assert ask("rule.view").ask("PUT", "/detectors/gift_only", json=body).status_code == 403


def test_rows_are_written_refused_found_and_removed(ask: MakeCaller) -> None:
    caller = ask("master.view", "master.edit")
    rows = [{"sku": "A", "floor": "9.90"}, {"sku": "NOPE", "floor": "x"}]
    told = caller.post("/masters/floor", json={"rows": rows}).get_json()
    assert WrittenOut().validate(told) == {}
    assert (told["changed"], told["same"]) == (1, 0)
    assert told["refused"][0]["index"] == 1
    assert {problem["column"] for problem in told["refused"][0]["problems"]} == {"sku", "floor"}
    assert caller.post("/masters/floor", json={"rows": rows[:1]}).get_json()["same"] == 1
    page = caller.post("/masters/floor/find", json={"words": "A"}).get_json()
    assert RowPage().validate(page) == {}
    assert [row["values"]["amount"] for row in page["rows"]] == [990]
    assert caller.post("/masters/floor/remove", json={"key": page["rows"][0]["key"]}).status_code == 204
    assert caller.post("/masters/floor/remove", json={"key": page["rows"][0]["key"]}).status_code == 404


def test_a_blacklisted_phone_is_found_and_never_told(ask: MakeCaller) -> None:
    caller = ask("master.view", "master.edit")
    caller.post("/masters/blacklist", json={"rows": [{"kind": "phone", "value": "13800000009", "reason": "fraud"}]})
    answer = caller.post("/masters/blacklist/find", json={"words": "+86 138 0000 0009"})
    assert [row["values"]["reason"] for row in answer.get_json()["rows"]] == ["fraud"]
    assert "13800000009" not in answer.get_data(as_text=True)
    assert caller.post("/masters/blacklist/find", json={"words": "13800000008"}).get_json()["rows"] == []


def test_who_may_not_is_refused(world: World, ask: MakeCaller) -> None:
    rows = {"rows": [{"sku": "A", "floor": "9"}]}
    assert ask("master.view").post("/masters/floor", json=rows).status_code == 403
    assert ask("master.edit", shop_ids=[world.shop]).post("/masters/floor", json=rows).status_code == 403
    assert ask("order.view").post("/masters/floor/find", json={}).status_code == 403
    caller = ask("master.view", "master.edit")
    assert caller.post("/masters/weather", json=rows).status_code == 404
    assert caller.post("/masters/floor", json={"rows": [{"colour": "red"}]}).status_code == 422


def test_who_plans_routes_writes_tariffs_and_hours_and_nothing_else(world: World, ask: MakeCaller) -> None:
    planner, rows = ask("sourcing.edit"), {"rows": [{"carrier": "NONE", "first_amount": "9"}]}
    assert planner.post("/masters/tariff", json=rows).status_code == 200
    assert planner.post("/masters/tariff/remove", json={"key": "none"}).status_code == 404
    assert planner.post("/masters/floor", json={"rows": [{"sku": "A", "floor": "9"}]}).status_code == 403
    assert ask("sourcing.edit", shop_ids=[world.shop]).post("/masters/tariff", json=rows).status_code == 403
