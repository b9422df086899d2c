"""Stock through the API: the ledger loses nothing, counts and receipts count once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from oms.api.stock import StockLedgerOut
from tests.api.conftest import Caller, MakeCaller
from tests.app.stocking import moved, on_hand
from tests.factories import START, World, a_world

ALL = ("stock.view", "stock.count", "stock.move")


@pytest.fixture(scope="module")
def world(database_url: str) -> Iterator[World]:
    world = a_world(database_url)
    world.clock.forward(3600)
    yield world
    world.hub.engine.dispose()


def test_a_count_is_taken_once_and_an_older_one_not(ask: MakeCaller, world: World) -> None:
    caller = ask(*ALL)
    counted_at = (START + timedelta(minutes=30)).isoformat()
    body = {"stock_point": "WH1", "counted_at": counted_at, "levels": [{"sku": "C", "units": 90}]}
    told = caller.post("/stock-counts", json=body).get_json()
    assert told == {"lines": [{"sku": "C", "kind": "good", "state": "booked", "difference": -10}]}
    again = caller.post("/stock-counts", json=body)
    assert (again.get_json(), again.headers["Idempotent-Replay"]) == (told, "true")
    older = body | {"counted_at": START.isoformat()}
    assert caller.post("/stock-counts", json=older).get_json()["lines"][0]["state"] == "older"
    assert on_hand(world, world.skus["C"]) == 90
    assert ask("stock.count", shop_ids=[1]).post("/stock-counts", json=body).status_code == 403


def test_a_receipt_is_expected_received_and_counted_once(ask: MakeCaller, world: World) -> None:
    caller = ask(*ALL)
    body = {"stock_point": "WH2", "purchase_no": "PO-1", "lines": [{"sku": "D", "units": 10}]}
    receipt = caller.post("/goods-receipts", json=body).get_json()
    increment = {"key": "n1", "at": START.isoformat(), "lines": [{"sku": "D", "units": 7}]}
    for _ in range(2):
        told = caller.post(f"/goods-receipts/{receipt['id']}/received", json=increment).get_json()
    assert (told["status"], told["lines"][0]["received_good"]) == ("part_received", 7)
    assert caller.get(f"/goods-receipts/{receipt['id']}").get_json() == told
    assert on_hand(world, world.skus["D"], point=2) == 107


RECEIPT = {"stock_point": "WH2", "lines": [{"sku": "E", "units": 10}]}
TRANSFER = {"from_point": "WH1", "to_point": "WH2", "lines": [{"sku": "E", "units": 3}]}
CHANGE = {"stock_point": "WH1", "difference_class": "other", "lines": [{"sku": "E", "units": -2}]}


@pytest.mark.parametrize(
    ("address", "body", "table"),
    [
        ("/goods-receipts", RECEIPT, "goods_receipt"),
        ("/stock-transfers", TRANSFER, "transfer"),
        ("/stock-adjustments", CHANGE, "stock_adjustment"),
    ],
)
def test_a_document_is_made_once_for_a_key_and_for_a_reference(
    ask: MakeCaller, world: World, address: str, body: dict[str, object], table: str
) -> None:
    caller, count = ask(*ALL), f"select count(*) from {table}"
    before = world.one(count)
    key, named = {"Idempotency-Key": f"key of {table}"}, body | {"reference": f"ERP {table}"}
    first = caller.post(address, json=named, headers=key)
    for told in (caller.post(address, json=named, headers=key), ask(*ALL).post(address, json=named)):
        assert (told.status_code, told.get_json()) == (201, first.get_json())
        assert told.headers["Idempotent-Replay"] == "true"
    other = named | {"lines": [{"sku": "E", "units": 1}]}
    refused = caller.post(address, json=other, headers=key)
    assert (refused.status_code, refused.get_json()["field"]) == (422, "Idempotency-Key")
    assert caller.post(address, json=other).status_code == 409
    assert caller.post(address, json=body, headers={"Idempotency-Key": "too"}).status_code == 422
    assert world.one(count) == before + 1
    assert caller.post(address, json=body).get_json()["id"] != caller.post(address, json=body).get_json()["id"]


def test_a_key_sent_eight_times_at_once_makes_one_document(ask: MakeCaller, world: World) -> None:
    before = world.one("select count(*) from transfer")

    def send(caller: Caller) -> int:
        answer = caller.post("/stock-transfers", json=TRANSFER | {"reference": "at once"})
        return int(answer.get_json()["id"])

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(send, [ask(*ALL) for _ in range(8)]))
    assert (len(set(ids)), world.one("select count(*) from transfer")) == (1, before + 1)


def test_an_outage_is_previewed_and_set(ask: MakeCaller, world: World) -> None:
    caller = ask("stock.view", "stock.edit")
    told = caller.get("/stock-points/state?code=WH2&to=outage").get_json()
    assert told == {"code": "WH2", "state": "open", "until": None, "fulfilments": 0, "orders": 0}
    until = (START + timedelta(hours=9)).isoformat()
    body = {"code": "WH2", "state": "outage", "until": until, "words": "flood", "moves": True}
    assert caller.post("/stock-points/state", json=body).get_json()["state"] == "outage"
    assert caller.post("/stock-points/state", json={"code": "WH2", "state": "open"}).get_json()["until"] is None
    assert caller.get("/stock-points/state?code=NOPE").status_code == 404
    assert ask("stock.edit", shop_ids=[1]).post("/stock-points/state", json=body).status_code == 403
    assert world.one("select count(*) from point_outage where ended_at is not null") == 1


def test_the_ledger_is_told_in_order_once_it_is_settled_and_never_twice(ask: MakeCaller, world: World) -> None:
    caller = ask("stock.view")
    seen, cursor = [], ""
    for _ in range(20):
        answer = caller.get(f"/stock-movements?limit=4&cursor={cursor}").get_json()
        assert StockLedgerOut().validate(answer) == {}
        seen += [row["id"] for row in answer["movements"]]
        cursor = answer["cursor"]
        if not answer["more"] and not answer["movements"]:
            break
    assert len(seen) == len(set(seen)) == world.one("select count(*) from stock_movement")
    moved(world, -1, None, sku=world.skus["E"])
    (row,) = caller.get(f"/stock-movements?cursor={cursor}").get_json()["movements"]
    assert (row["sku"], row["stock_point"], row["on_hand"]) == ("E", "WH1", -1)
    assert caller.get("/stock-movements?cursor=nonsense").status_code == 422


def test_what_an_older_transaction_may_still_write_is_not_passed_by(ask: MakeCaller, world: World) -> None:
    caller = ask("stock.view")
    cursor = ""
    while (answer := caller.get(f"/stock-movements?cursor={cursor}").get_json())["movements"]:
        cursor = answer["cursor"]
    with world.hub.engine.connect() as late:
        began = late.execute(text("select now()")).scalar_one()
        world.clock.now = began + timedelta(seconds=5)
        moved(world, -2, None, sku=world.skus["E"])
        assert caller.get(f"/stock-movements?cursor={cursor}").get_json()["movements"] == []
