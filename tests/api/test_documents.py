"""Fulfilments, shops, stock levels and emergency stops through the API."""

from __future__ import annotations

import pytest

from oms.app.kernel.hub import Hub
from tests.api.conftest import Caller, MakeCaller
from tests.api.rows import a_fulfilment, a_level, a_point, a_sku, an_order


def test_a_fulfilment_is_told_with_lines_and_parcels(hub: Hub, caller: Caller, shops: tuple[int, int]) -> None:
    with hub.begin() as connection:
        fulfilment_id = a_fulfilment(connection, shops[0], [an_order(connection, shops[0], "F1")])
    found = caller.get(f"/fulfilments/{fulfilment_id}").json
    assert found["number"].startswith("F")
    assert [(line["planned"], line["shipped"]) for line in found["lines"]] == [(2, 2)]
    assert [(parcel["waybill_no"], parcel["state"]) for parcel in found["parcels"]] == [("75300001", "handed_over")]


def test_of_a_merged_fulfilment_only_the_own_shops_lines_are_told(
    hub: Hub, make_caller: MakeCaller, shops: tuple[int, int]
) -> None:
    with hub.begin() as connection:
        orders = [an_order(connection, shop, f"M{shop}") for shop in shops]
        fulfilment_id = a_fulfilment(connection, shops[0], orders)
        foreign = a_fulfilment(connection, shops[0], [an_order(connection, shops[0], "M9")])
    caller = make_caller(shop_ids=[shops[1]])
    assert [line["order_id"] for line in caller.get(f"/fulfilments/{fulfilment_id}").json["lines"]] == [orders[1]]
    assert caller.get(f"/fulfilments/{foreign}").status_code == 404


def test_only_the_own_shops_are_listed(make_caller: MakeCaller, caller: Caller, shops: tuple[int, int]) -> None:
    assert [shop["id"] for shop in caller.get("/shops").json["shops"]] == list(shops)
    assert [shop["id"] for shop in make_caller(shop_ids=[shops[0]]).get("/shops").json["shops"]] == [shops[0]]


def test_stock_pages_follow_each_other(hub: Hub, caller: Caller) -> None:
    with hub.begin() as connection:
        points = [a_point(connection, f"W{n}") for n in range(3)]
        skus = [a_sku(connection, f"K{n}") for n in range(150)]
        for point in points:
            for number, sku in enumerate(skus):
                a_level(connection, point, sku, number, min(number, 3))
    seen, cursor, pages = [], "", 0
    while pages == 0 or cursor:
        page = caller.get("/stock", query_string={"cursor": cursor}).json
        seen += [(level["stock_point"], level["sku"], level["kind"]) for level in page["levels"]]
        cursor, pages = page["next"], pages + 1
    assert pages == 3
    assert len(seen) == len(set(seen)) == 450
    one = caller.get("/stock?sku=K9&stock_point=W1").json["levels"]
    assert [(level["on_hand"], level["reserved"], level["sellable"]) for level in one] == [(9, 3, 6)]


@pytest.mark.parametrize("cursor", ["x", "MS4y", "LTEuLTIuZ29vZA", "é"])
def test_a_cursor_that_is_none_is_refused(caller: Caller, cursor: str) -> None:
    answer = caller.get("/stock", query_string={"cursor": cursor})
    assert (answer.status_code, answer.json["field"]) == (422, "cursor")


def test_a_released_stop_ends_when_nothing_waits(caller: Caller, shops: tuple[int, int]) -> None:
    placed = caller.post("/emergency-stops", json={"scope": "shop", "scope_id": shops[0], "reason": "价格错了"})
    assert placed.status_code == 201
    stop_id = placed.json["id"]
    assert stop_id in [stop["id"] for stop in caller.get("/emergency-stops").json["stops"]]
    released = caller.post(f"/emergency-stops/{stop_id}/release", json={"per_minute": 30})
    assert released.json["release_per_minute"] == 30
    assert released.json["ended_at"] is not None
    assert stop_id not in [stop["id"] for stop in caller.get("/emergency-stops").json["stops"]]
    assert caller.post(f"/emergency-stops/{stop_id}/end").status_code == 404


def test_a_stop_needs_something_to_stop_and_is_one_however_often_it_is_placed(
    caller: Caller, shops: tuple[int, int]
) -> None:
    for body in ({"scope": "shop", "scope_id": 99999}, {"scope": "stock_point"}, {"scope": "carrier", "scope_id": 99999}):
        refused = caller.post("/emergency-stops", json={**body, "reason": "试试"})
        assert (refused.status_code, refused.json["field"]) == (422, "scope_id")
    body = {"scope": "shop", "scope_id": shops[1], "reason": "价格错了"}
    first, second = (caller.post("/emergency-stops", json=body).json["id"] for _ in range(2))
    assert first == second
    assert caller.post(f"/emergency-stops/{first}/end").status_code == 204


def test_a_stop_is_ended_at_once(caller: Caller) -> None:
    stop_id = caller.post("/emergency-stops", json={"scope": "all", "reason": "盘点"}).json["id"]
    assert caller.post(f"/emergency-stops/{stop_id}/end").status_code == 204
    assert caller.post(f"/emergency-stops/{stop_id}/end").status_code == 404


@pytest.mark.parametrize("scope", [{"scope": "all"}, {"scope": "carrier", "scope_id": 1}])
def test_who_has_some_shops_cannot_stop_what_all_share(
    make_caller: MakeCaller, shops: tuple[int, int], scope: dict[str, object]
) -> None:
    caller = make_caller("stop.place", shop_ids=[shops[0]])
    assert caller.post("/emergency-stops", json={**scope, "reason": "试试"}).status_code == 403
    other = {"scope": "shop", "scope_id": shops[1], "reason": "试试"}
    assert caller.post("/emergency-stops", json=other).status_code == 403
    assert caller.post("/emergency-stops", json={**other, "scope_id": shops[0]}).status_code == 201
