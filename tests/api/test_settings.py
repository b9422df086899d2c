"""Settings of stock, stock points and deadlines by API: written, read back, refused by field, kept from who may not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from tests.api.conftest import Caller, MakeCaller

PACKING = {"swap_origins": ["gift"], "swap_most_amount": 500, "swap_same_category": True, "slip_prices": False,
           "must_check": True, "calls_back": False, "answer_minutes": 20}  # fmt: skip
SENDER = {"sender_name": "us", "sender_phone": "1", "province": "浙江省", "street": "1"}


@pytest.fixture(scope="module")
def pool(hub: Hub, shops: tuple[int, int]) -> int:
    """A pool of one warehouse without a system that serves both shops; point and pool have the same number."""
    with hub.begin() as connection:
        for statement in (
            "insert into stock_pool (id, code, name) values (801, 'P', 'p')",
            "insert into stock_point (id, code, name) values (801, 'W8', 'w')",
            "insert into pool_member (pool_id, stock_point_id, rank) values (801, 801, 0)",
            "update shop set stock_pool_id = 801",
            "insert into sku (id, code, name) values (811, 'TEA', 'tea')",
            "insert into carrier (id, code, name) values (821, 'YTO', 'yto')",
        ):
            connection.execute(text(statement))
    hub.masters.forget()
    return 801


def put(caller: Caller, path: str, **body: Any) -> Any:
    return caller.ask("PUT", path, json=body)


def test_what_is_set_is_read_back(caller: Caller, pool: int, shops: tuple[int, int]) -> None:
    told = put(caller, "/promise-policies", pool_id=pool, shop_id=shops[0], keep_bp=2500, large_units=40)
    assert told.status_code == 200, told.text
    kept = {(one["pool_id"], one["shop_id"]): one for one in caller.get("/promise-policies").get_json()["policies"]}
    mine = kept[(pool, shops[0])]
    assert (mine["keep_bp"], mine["large_units"], mine["last_units"]) == (2500, 40, None)
    assert kept[(pool, 0)]["keep_bp"] is None
    itself = {"is_ordering_itself": True, "order_limit": 90_000, "stock_point_id": pool, "supplier_name": "mill"}
    told = put(caller, "/replenishment-settings", pool_id=pool, sku="TEA", lead_days=3, **itself)
    assert told.status_code == 200, told.text
    (watched,) = caller.get(f"/replenishment-settings?pool_id={pool}").get_json()["settings"]
    assert {"sku": "TEA", "lead_days": 3, **itself}.items() <= watched.items()
    assert put(caller, f"/packing-settings/{pool}", **PACKING).get_json() == PACKING | {"stock_point_id": pool}
    answers = {"answer_minutes": 45, "calls_back": True}
    assert put(caller, f"/stock-points/{pool}/stop-answers", **answers).get_json() == answers
    assert caller.get(f"/packing-settings/{pool}").get_json() == PACKING | answers | {"stock_point_id": pool}


def test_deadlines_of_a_place_and_their_pauses_come_and_go(caller: Caller, shops: tuple[int, int]) -> None:
    place = {"scope": "shop", "scope_id": shops[0]}
    told = put(caller, "/deadline-settings", **place, warn_minutes=[60, 240], fine_amount=500).get_json()
    assert (told["own"]["warn_minutes"], told["own"]["fine_amount"], told["everywhere"]) == ([240, 60], 500, None)
    question = f"/deadline-settings?scope=shop&scope_id={shops[0]}"
    assert caller.ask("DELETE", question).status_code == 204
    assert caller.get(question).get_json()["own"] is None
    times = {"starts_at": "2099-01-01T00:00:00+08:00", "ends_at": "2099-01-03T00:00:00+08:00"}
    made = caller.post("/deadline-pauses", json=place | times | {"reason": "holiday"})
    assert made.status_code == 201, made.text
    pause = next(one for one in made.get_json()["pauses"] if one["reason"] == "holiday")
    assert caller.ask("DELETE", f"/deadline-pauses/{pause['id']}").status_code == 204
    assert caller.ask("DELETE", f"/deadline-pauses/{pause['id']}").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/promise-policies", {"pool_id": 801, "keep_bp": 10_001}, "keep_bp"),
        ("/promise-policies", {"pool_id": 801, "large_units": 0}, "large_units"),
        ("/replenishment-settings", {"pool_id": 801, "is_ordering_itself": True}, "order_limit"),
        ("/replenishment-settings", {"pool_id": 801, "sku": "NONE"}, "sku"),
        ("/replenishment-settings", {"pool_id": 801, "is_ordering_itself": True, "order_limit": 1}, "stock_point_id"),
        ("/packing-settings/801", PACKING | {"answer_minutes": 0}, "answer_minutes"),
        ("/label-settings", SENDER | {"stock_point_id": 9, "carrier_id": 821, "account_id": 1}, "stock_point_id"),
        ("/label-settings", SENDER | {"stock_point_id": 801, "carrier_id": 821, "account_id": 999}, "account_id"),
        ("/deadline-settings", {"warn_minutes": [0]}, "warn_minutes"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_field(
    caller: Caller, pool: int, path: str, body: dict[str, Any], field: str
) -> None:
    answer = put(caller, path, **body)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.get_json()["field"].startswith(field), answer.text
    assert answer.get_json()["detail"]


def test_one_shop_or_another_permission_is_not_enough(make_caller: MakeCaller, pool: int, shops: tuple[int, int]) -> None:
    looks = make_caller("stock.view", "rule.view", "master.view")
    one_shop = make_caller(
        "stock.promise", "stock.replenish", "stock.edit", "label.edit", "rule.view", "rule.activate", "packing.edit",
        shop_ids=[shops[0]],
    )  # fmt: skip
    place = {"scope": "shop", "scope_id": shops[1]}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("/promise-policies", {"pool_id": pool}), ("/replenishment-settings", {"pool_id": pool}),
        (f"/stock-points/{pool}/stop-answers", {"answer_minutes": 5, "calls_back": True}),
        ("/label-settings", SENDER | {"stock_point_id": pool, "carrier_id": 821, "account_id": 1}),
        ("/deadline-settings", {"fine_amount": 1}),
    ]  # fmt: skip
    for path, body in calls:
        assert put(looks, path, **body).status_code == 403, path
        assert put(one_shop, path, **body).status_code == 403, path
    assert put(one_shop, "/deadline-settings", **place).status_code == 404
    assert put(one_shop, f"/packing-settings/{pool}", **PACKING).status_code == 404
