"""Settings and plans of sourcing through the API: the whole way, who may see and change what, and the second of two."""

from __future__ import annotations

import pytest

from oms.app.kernel.hub import Hub
from tests.api.conftest import Caller, MakeCaller


@pytest.fixture(scope="module")
def pool(hub: Hub, shops: tuple[int, int]) -> int:
    """A pool of two points that serves the first shop."""
    with hub.begin() as connection:
        ask = connection.exec_driver_sql
        made = ask("insert into stock_pool (code, name) values ('steer', 'steer') returning id").scalar_one()
        for code in ("S1", "S2"):
            point = ask(f"insert into stock_point (code, name) values ('{code}', '{code}') returning id").scalar_one()
            ask(f"insert into pool_member (pool_id, stock_point_id, rank) values ({made}, {point}, 0)")
        ask(f"update shop set stock_pool_id = {made} where id = {shops[0]}")
    return int(made)


def test_a_setting_is_written_against_its_revision_tried_undone_and_taken_back(
    caller: Caller, make_caller: MakeCaller, pool: int, shops: tuple[int, int]
) -> None:
    place = f"/sourcing-settings/shop/{shops[0]}"
    wanted = {"policy": "cheapest", "split_gain": 200, "max_parcels": 2, "revision": 0}
    assert caller.get(place).get_json()["revision"] == 0
    told = caller.ask("PUT", place, json=wanted)
    assert (told.status_code, told.get_json()["setting"]["split_gain"]) == (200, 200), told.text
    stale = caller.ask("PUT", place, json=wanted | {"policy": "fastest"})
    assert stale.status_code == 409
    wrong = caller.ask("PUT", place, json=wanted | {"points": [10**9], "revision": told.get_json()["revision"]})
    assert (wrong.status_code, wrong.get_json()["field"]) == (422, "points")
    assert caller.post(f"{place}/preview", json={"policy": "fastest"}).status_code == 201
    changes = caller.get(f"/sourcing-changes?scope=shop&scope_id={shops[0]}").get_json()["changes"]
    assert [(one["after"]["policy"], one["is_newest"]) for one in changes] == [("cheapest", True)]
    assert caller.post(f"/sourcing-changes/{changes[0]['id']}/undo").status_code == 204
    assert caller.get(place).get_json()["revision"] == 0
    again = caller.ask("PUT", place, json=wanted).get_json()
    assert caller.ask("DELETE", f"{place}?revision={again['revision'] + 1}").status_code == 409
    assert caller.ask("DELETE", f"{place}?revision={again['revision']}").status_code == 204
    other = make_caller("sourcing.view", "sourcing.edit", "sourcing.try", shop_ids=[shops[1]])
    assert other.get(place).status_code == 404
    assert other.ask("PUT", f"/sourcing-settings/pool/{pool}", json=wanted).status_code == 403
    assert other.get("/sourcing-settings").get_json() == {"settings": []}


def test_a_plan_is_switched_on_and_made_by_who_may_for_every_shop(
    caller: Caller, make_caller: MakeCaller, pool: int, shops: tuple[int, int]
) -> None:
    address = f"/sourcing-plans/{pool}"
    assert caller.post(f"{address}/compute").status_code == 409
    told = caller.ask("PUT", address, json={"is_on": True, "every_min": 30, "revision": 0})
    assert (told.status_code, told.get_json()["every_min"]) == (200, 30), told.text
    assert caller.ask("PUT", address, json={"is_on": False, "revision": 0}).status_code == 409
    assert caller.ask("PUT", address, json={"is_on": True, "every_min": 0, "revision": 1}).status_code == 422
    assert caller.post(f"{address}/compute").status_code == 204
    shown = caller.get(f"{address}?zone=city").get_json()
    assert (shown["zones"], shown["followed"]["planned"], shown["plan"]["is_on"]) == ([], 0, True)
    assert [row["code"] for row in caller.get("/sourcing-plans").get_json()["plans"] if row["is_on"]] == ["steer"]
    assert caller.get("/sourcing-plans/999999").status_code == 404
    one_shop = make_caller("sourcing.view", "sourcing.edit", shop_ids=[shops[0]])
    assert one_shop.ask("PUT", address, json={"is_on": False, "revision": 1}).status_code == 403
    assert one_shop.post(f"{address}/compute").status_code == 403
