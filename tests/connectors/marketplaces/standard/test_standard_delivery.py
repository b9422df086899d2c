"""How an order goes through a store, as the interface's documents say it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.contract.delivering import DeliveryMode, DeliveryRecord, LastLeg
from connectors.contract.errors import BadRecord
from connectors.marketplaces.standard.orders import read_order
from tests.connectors.marketplaces.standard.papers import an_order


def delivery_of(**way: Any) -> DeliveryRecord | None:
    return read_order(orjson.dumps(an_order(delivery=way))).delivery


def test_an_order_without_a_way_goes_by_courier() -> None:
    assert read_order(orjson.dumps(an_order())).delivery is None
    assert read_order(orjson.dumps(an_order(delivery=None))).delivery is None


def test_everything_that_is_told_is_read() -> None:
    told = delivery_of(
        mode="unified", leg="delivery", store="S1", person="李雷", phone="13800000002", latitude=30.27, longitude=120,
        promise_at="2026-11-22T09:00:00+08:00",
    )  # fmt: skip
    promise = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
    assert told == DeliveryRecord(
        DeliveryMode.UNIFIED, LastLeg.DELIVERY, "S1", "李雷", "13800000002", promise, 30.27, 120.0
    )


@pytest.mark.parametrize(
    ("mode", "leg"), [("store_pickup", "pickup"), ("store_delivery", "delivery"), ("unified", "pickup")]
)
def test_each_mode_has_its_usual_leg(mode: str, leg: str) -> None:
    told = delivery_of(mode=mode)
    assert told is not None
    assert told.leg == leg


@pytest.mark.parametrize(
    ("way", "field"),
    [
        ({"leg": "pickup"}, "mode"),
        ({"mode": "drone"}, "mode"),
        ({"mode": "store_pickup", "leg": "delivery"}, "leg"),
        ({"mode": "unified", "latitude": 91, "longitude": 0}, "latitude"),
        ({"mode": "unified", "latitude": 30}, "latitude"),
        ({"mode": "unified", "longitude": "120"}, "longitude"),
        ({"mode": "unified", "promise_at": "soon"}, "promise_at"),
    ],
)
def test_what_cannot_be_names_its_field(way: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRecord, match=rf"delivery\.{field}"):
        delivery_of(**way)
