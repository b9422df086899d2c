"""Observed orders through the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oms.app.kernel.hub import Hub
from tests.api.conftest import Caller, MakeCaller
from tests.api.rows import an_order


def test_orders_of_an_observed_shop_are_told_with_what_agrees(hub: Hub, caller: Caller, shops: tuple[int, int]) -> None:
    with hub.begin() as connection:
        connection.exec_driver_sql(f"update shop set mode = 'observing' where id = {shops[0]}")
        an_order(connection, shops[0], "OBS1")
    since = (hub.clock() - timedelta(days=90)).isoformat()
    found = caller.get(f"/shops/{shops[0]}/observed", query_string={"since": since, "result": "waiting"}).get_json()
    assert [(row["external_no"], row["our_goods"]) for row in found["orders"]] == [("OBS1", [])]
    assert found["agreement"]["orders"] == found["agreement"]["waiting"] == 1


def test_another_shops_orders_are_not_told(make_caller: MakeCaller, shops: tuple[int, int]) -> None:
    assert make_caller(shop_ids=[shops[1]]).get(f"/shops/{shops[0]}/observed").status_code == 404
    assert make_caller().get("/shops/999999/observed").status_code == 404


@pytest.mark.parametrize("asked", [{"since": "2020-01-01T00:00:00Z"}, {"until": "9999-12-31T00:00:00Z"},
                                   {"until": "0001-01-01T00:00:00+08:00"}, {"result": "odd"}])  # fmt: skip
def test_a_time_that_cannot_be_asked_for_is_refused(
    caller: Caller, shops: tuple[int, int], asked: dict[str, str]
) -> None:
    assert caller.get(f"/shops/{shops[0]}/observed", query_string=asked).status_code == 422
