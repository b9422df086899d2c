"""Stores drive their work through the API: the verbs of their screens, scoped to the points of the key, each once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from tests.api.conftest import Caller, MakeCaller


@pytest.fixture(scope="module")
def task(hub: Hub, shops: tuple[int, int]) -> int:
    """Two units of a store's own goods, wanted by a buyer who will collect them and pay there."""
    statements = (
        """insert into stock_point (id, code, name, kind)
           values (901, 'ST1', 'one', 'store'), (902, 'ST2', 'two', 'store')""",
        "insert into carrier (id, code, name, kind, is_suspended) values (921, 'STORE', 'store', 'clerk', true)",
        "insert into shop_stores (shop_id) values (:shop)",
        "insert into sku (id, code, name) values (911, 'MUG', 'mug')",
        """insert into orders (id, shop_id, external_no, status, review, phase, platform_state, ordered_at, captured_at,
             changed_at, fetched_at, content_hash)
           values (931, :shop, 'T-931', 'open', 'passed', 'at_warehouse', 'paid', now(), now(), now(), now(), 'x')""",
        """insert into order_line (id, order_id, line_no, external_no, title, sku_id, ordered, planned, list_amount,
             paid_amount, platform_state) values (932, 931, 1, '1', 'mug', 911, 2, 2, 100, 100, 'open')""",
        "insert into demand (id, order_id, order_line_id, sku_id, units, planned) values (933, 931, 932, 911, 2, 2)",
        """insert into order_delivery (order_id, shop_id, mode, leg, stock_point_id)
           values (931, :shop, 'store_pickup', 'pickup', 901)""",
        "insert into payment (order_id, kind, state, amount) values (931, 'store', 'due', 100)",
        """insert into fulfilment (id, status, lead_order_id, shop_id, stock_point_id, carrier_id, mode)
           values (941, 'sent', 931, :shop, 901, 921, 'store_pickup')""",
        """insert into fulfilment_line (id, fulfilment_id, demand_id, order_id, order_line_id, sku_id, planned)
           values (942, 941, 933, 931, 932, 911, 2)""",
        "insert into stock_level (stock_point_id, sku_id, on_hand, reserved) values (901, 911, 10, 2)",
    )
    with hub.begin() as connection:
        for statement in statements:
            values = {"shop": shops[0]} if ":shop" in statement else {}
            connection.execute(text(statement), values)
    hub.masters.forget()
    return 941


@pytest.fixture(scope="module")
def clerk(make_caller: MakeCaller, task: int) -> Caller:
    """A key that may work everywhere, since it may choose stores for orders."""
    return make_caller("store.work", "store.assign")


def say(clerk: Caller, path: str, key: str, **body: Any) -> Any:
    return clerk.post(f"/stores/{path}", json={"store_id": 901} | body, headers={"Idempotency-Key": key * 8})


def test_store_goods_go_from_the_shelf_to_the_buyer(clerk: Caller, task: int, hub: Hub) -> None:
    assert [one["tasks"] for one in clerk.get("/stores").json["stores"] if one["id"] == 901] == [1]
    work = clerk.get("/stores/901/work").json
    assert [(one["fulfilment_id"], one["goods"], one["picked"]) for one in work["tasks"]] == [(task, "mug ×2", False)]
    assert say(clerk, f"tasks/{task}/finish", "a").status_code == 409
    for verb, key in (("accept", "b"), ("pick", "c"), ("pick", "c"), ("finish", "d")):
        assert say(clerk, f"tasks/{task}/{verb}", key, shelf="A1").status_code == 200, verb
    parcel = clerk.get("/stores/901/work").json["parcels"][0]
    assert (parcel["state"], parcel["shelf"], parcel["due_amount"]) == ("ready", "A1", 100)
    path = f"parcels/{parcel['parcel_id']}/hand-over"
    assert say(clerk, path, "e", code="123", amount=100).json["field"] == "code"
    told = say(clerk, f"parcels/{parcel['parcel_id']}/refuse", "f", reason="not_wanted")
    assert told.status_code == 200
    with hub.engine.connect() as connection:
        question = text("select on_hand, reserved from stock_level where stock_point_id = 901")
        assert connection.execute(question).one() == (10, 0)


def test_another_stores_work_is_not_there(clerk: Caller, task: int) -> None:
    other = clerk.post(f"/stores/tasks/{task}/accept", json={"store_id": 902}, headers={"Idempotency-Key": "z" * 8})
    assert other.status_code == 404
    assert clerk.get("/stores/999999/work").status_code == 404
