"""Merging and splitting through the API: companions with reasons, parcels tried dry, taken back; settings by place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oms.api.joining import CompanionList, JoiningList, MergeOut, SplitOut
from oms.api.merging import MergeSettingOut
from tests.api.conftest import MakeCaller
from tests.app.joining import live, waiting
from tests.factories import World, a_line, a_world

ALL = ("order.view", "fulfilment.merge", "fulfilment.split", "rule.view", "rule.activate")


@pytest.fixture(scope="module")
def world(database_url: str) -> Iterator[World]:
    world = a_world(database_url, window=600)
    yield world
    world.hub.engine.dispose()


def test_orders_are_merged_and_taken_apart_again(world: World, ask: MakeCaller) -> None:
    caller, buyer = ask(*ALL), {"external_id": "api"}
    first, second, cod = (waiting(world, buyer=buyer, is_cod=is_cod) for is_cod in (False, False, True))
    told = caller.get(f"/orders/{first}/companions").get_json()
    assert CompanionList().validate(told) == {}
    assert {it["order_id"]: (it["why"], it["refusal"]) for it in told["companions"]} == {
        second: ("together", ""), cod: ("", "one is paid and the other pays on delivery"),
    }  # fmt: skip
    refused = caller.post(f"/orders/{first}/merge", json={"order_ids": [cod]})
    assert (refused.status_code, refused.get_json()["remedy"]) == (409, "let it leave by itself")
    merged = caller.post(f"/orders/{first}/merge", json={"order_ids": [second], "reason": "same door"})
    assert MergeOut().validate(merged.get_json()) == {}
    assert live(world, second)[0].id == merged.get_json()["fulfilment_id"]
    (joining,) = caller.get(f"/orders/{second}/joinings").get_json()["joinings"]
    assert (joining["kind"], joining["way"], joining["order_ids"]) == ("merge", "hand", [first, second])
    path = f"/orders/{first}/joinings/{joining['id']}/undo"
    assert ask("order.view").post(path, json={"reason": "not mine"}).status_code == 404
    undone = caller.post(path, json={"reason": "wrong ones"})
    assert JoiningList().validate(undone.get_json()) == {}
    assert undone.get_json()["joinings"][0]["undone_at"] is not None
    assert caller.post(path, json={"reason": "again"}).status_code == 404


def test_a_split_is_tried_dry_before_it_is_done(world: World, ask: MakeCaller) -> None:
    caller = ask(*ALL)
    id_ = waiting(world, a_line("1", "A", 3, 1000), buyer={"external_id": "split"})
    (work,) = live(world, id_)
    line = world.one("select id from fulfilment_line where fulfilment_id = :id", id=work.id)
    path = f"/orders/{id_}/fulfilments/{work.id}/split"
    body = {"parcels": [{"lines": [{"line_id": line, "units": 2}]}]}
    dry = caller.post(path, json=body | {"dry_run": True}).get_json()
    assert SplitOut().validate(dry) == {}
    assert [(it["units"], it["goods_amount"]) for it in dry["parcels"]] == [(1, 333), (2, 667)]
    assert (dry["fulfilment_ids"], len(live(world, id_))) == ([], 1)
    assert len(caller.post(path, json=body).get_json()["fulfilment_ids"]) == 1
    assert len(live(world, id_)) == 2
    other = waiting(world, buyer={"external_id": "other"})
    assert caller.post(f"/orders/{other}/fulfilments/{work.id}/split", json=body).status_code == 404
    twice = {"parcels": [{"lines": [{"line_id": line, "units": 1}] * 2}]}
    assert caller.post(path, json=twice).status_code == 422


def test_settings_are_told_with_the_scope_that_says_them(world: World, ask: MakeCaller) -> None:
    caller = ask(*ALL)
    said = caller.ask("PUT", "/merge-settings", json={"window_s": 60, "parts": ["buyer", "phone"]}).get_json()
    assert MergeSettingOut().validate(said) == {}
    told = caller.get(f"/merge-settings?scope=shop&scope_id={world.shop}").get_json()["fields"]
    window = next(it for it in told if it["name"] == "window_s")
    assert window == {"name": "window_s", "value": 60, "scope": "global", "is_own": False}
    assert caller.ask("PUT", "/merge-settings", json={"parts": ["carrier"]}).status_code == 422
    assert ask("rule.view", "rule.activate", shop_ids=[world.shop]).ask(
        "PUT", "/merge-settings", json={}
    ).status_code == 403  # fmt: skip
    assert caller.ask("PUT", "/merge-settings", json={}).status_code == 200
    assert world.rows("select 1 from merge_setting") == []
