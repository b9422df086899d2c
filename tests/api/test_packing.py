"""Small warehouses drive their work through the API: the verbs of the page, scoped to the points of the key."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.app.kernel.point_scope import name_points
from tests.api.conftest import Caller, MakeCaller


@pytest.fixture(scope="module")
def work(hub: Hub, shops: tuple[int, int]) -> int:
    """A fulfilment of two units at a warehouse that works by hand."""
    statements = (
        "insert into stock_point (id, code, name) values (801, 'HAND', 'hand'), (802, 'FAR', 'far')",
        "insert into sku (id, code, name, barcode) values (811, 'CUP', 'cup', '6901')",
        "insert into carrier (id, code, name) values (821, 'ZTO', 'ZTO') on conflict do nothing",
        """insert into orders (id, shop_id, external_no, status, review, phase, platform_state, ordered_at, captured_at,
             changed_at, fetched_at, content_hash)
           values (831, :shop, 'T-831', 'open', 'passed', 'at_warehouse', 'paid', now(), now(), now(), now(), 'x')""",
        """insert into order_line (id, order_id, line_no, external_no, title, sku_id, ordered, planned, list_amount,
             paid_amount, platform_state) values (832, 831, 1, '1', 'cup', 811, 2, 2, 100, 100, 'open')""",
        "insert into demand (id, order_id, order_line_id, sku_id, units, planned) values (833, 831, 832, 811, 2, 2)",
        """insert into fulfilment (id, status, lead_order_id, shop_id, stock_point_id, carrier_id)
           values (841, 'sent', 831, :shop, 801, 821)""",
        """insert into fulfilment_line (id, fulfilment_id, demand_id, order_id, order_line_id, sku_id, planned)
           values (842, 841, 833, 831, 832, 811, 2)""",
        "insert into stock_level (stock_point_id, sku_id, on_hand, reserved) values (801, 811, 10, 2)",
    )
    with hub.begin() as connection:
        for statement in statements:
            values = {"shop": shops[0]} if ":shop" in statement else {}
            connection.execute(text(statement), values)
    return 841


@pytest.fixture(scope="module")
def hands(make_caller: MakeCaller, work: int) -> Caller:
    """A key that runs all warehouses."""
    return make_caller("packing.work", "packing.edit")


def say(hands: Caller, work: int, verb: str, key: str, **body: Any) -> Any:
    return hands.post(f"/packing/fulfilments/{work}/{verb}", json=body, headers={"Idempotency-Key": key * 8})


def test_work_is_read_once_and_then_what_changed(hands: Caller, work: int) -> None:
    page = hands.get("/packing/fulfilments").json
    assert [(one["id"], one["status"], one["units"]) for one in page["work"]] == [(work, "sent", 2)]
    assert say(hands, work, "accept", "a").json["status"] == "accepted"
    changed = hands.get("/packing/changes", query_string={"cursor": page["cursor"]}).json
    assert [(one["id"], one["status"]) for one in changed["work"]] == [(work, "accepted")]
    assert hands.get("/packing/fulfilments?stock_point_id=802").json["work"] == []


def test_a_parcel_that_cannot_be_is_a_problem_with_its_field(hands: Caller, work: int) -> None:
    parcel = {"carrier": "ZTO", "waybill_no": "ZT1", "items": {"CUP": 1}}
    assert say(hands, work, "ship", "b", parcels=[parcel]).json["field"] == "waybill"
    assert say(hands, work, "ship", "c").json["field"] == "parcels"
    assert say(hands, work, "answer-stop", "d", stopped=True).status_code == 409


def test_a_part_leaves_and_a_repeat_is_told_as_such(hands: Caller, hub: Hub, work: int) -> None:
    parcel = {"carrier": "ZTO", "waybill_no": "ZT1001", "items": {"CUP": 1}, "weight_g": 300}
    for replayed in (None, "true"):
        told = say(hands, work, "ship", "e", parcels=[parcel], final=False)
        assert (told.status_code, told.headers.get("Idempotent-Replay")) == (200, replayed)
    assert (told.json["status"], told.json["lines"][0]["open"], len(told.json["parcels"])) == ("part_shipped", 1, 1)


def test_a_stop_is_among_the_changes_and_answered(hands: Caller, hub: Hub, work: int) -> None:
    with hub.begin() as connection:
        connection.execute(text("update fulfilment set status = 'stopping', stop = 'asked' where id = :id"), {"id": work})
    (one,) = hands.get("/packing/fulfilments").json["work"]
    assert one["stop"] == "asked"
    refused = say(hands, work, "ship", "f", parcels=[{"carrier": "ZTO", "waybill_no": "ZT1002"}])
    assert (refused.status_code, refused.json["detail"]) == (409, "it is being stopped")
    answered = say(hands, work, "answer-stop", "g", stopped=True).json
    assert (answered["status"], answered["stop"]) == ("closed_short", "stopped")


def test_a_key_sees_only_the_points_it_is_named_for(make_caller: MakeCaller, hub: Hub, shops: Any, work: int) -> None:
    near, far = make_caller("packing.work", shop_ids=[shops[1]]), make_caller("packing.work")
    for caller in (near, far):
        assert caller.get(f"/packing/fulfilments/{work}").status_code == 404
        assert caller.get("/packing/fulfilments").json["work"] == []
    with hub.begin() as connection:
        newest = connection.execute(text("select max(id) from api_key")).scalar_one()

    def name(*points: int) -> None:
        with hub.begin() as connection:
            name_points(connection, f"api:{newest}", points)

    for points, status in (((802,), 404), ((801,), 200), ((), 404)):
        name(*points)
        assert far.get(f"/packing/fulfilments/{work}").status_code == status, points
    assert far.get(f"/packing/fulfilments/{work}/receiver").status_code == 403
