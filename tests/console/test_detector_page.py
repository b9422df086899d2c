"""The page of detectors: what each does, switching by place, thresholds, how many orders each holds; and who may."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from oms.app.kernel.hub import Hub
from oms.app.pipeline.detecting.detectors import ALL_DETECTORS
from oms.db.handling import DetectorSetting
from oms.db.orders import Hold
from oms.domain.holds import KINDS
from tests.console import factories
from tests.console.browsing import page_of, send

PATH = "/settings/detectors"


@pytest.fixture(autouse=True)
def nothing_is_set(hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        connection.execute(delete(DetectorSetting))


def stored(hub: Hub) -> list[tuple[Any, ...]]:
    columns = (DetectorSetting.scope, DetectorSetting.scope_id, DetectorSetting.kind, DetectorSetting.is_on,
               DetectorSetting.thresholds)  # fmt: skip
    with hub.begin() as connection:
        return [tuple(row) for row in connection.execute(select(*columns))]


def test_every_detector_says_what_it_blocks_and_how_it_is_lifted(client: FlaskClient) -> None:
    page = page_of(client, PATH)
    assert all(KINDS[detector.kind].zh in page for detector in ALL_DETECTORS)
    assert all(detector.why_zh in page for detector in ALL_DETECTORS)
    assert "只有人能解除" in page
    assert "默认（关着）" in page


def test_a_detector_is_switched_in_a_shop_and_follows_again(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    place = f"shop:{world.shops[0]}"
    assert send(client, f"{PATH}/memo_present", place=place, is_on="on").status_code == 303
    assert stored(hub) == [("shop", world.shops[0], "memo_present", True, {})]
    assert "跟上级（关着）" in page_of(client, f"{PATH}?place={place}")
    assert send(client, f"{PATH}/memo_present", place=place, is_on="inherit").status_code == 303
    assert stored(hub) == []


def test_thresholds_are_stored_within_their_bounds(client: FlaskClient, hub: Hub) -> None:
    answer = send(client, f"{PATH}/negative_margin", place="global:0", is_on="on", margin_bp="-500")
    assert answer.status_code == 303
    assert stored(hub) == [("global", 0, "negative_margin", True, {"margin_bp": -500})]
    assert 'value="-500"' in page_of(client, PATH)
    for wrong in ("ten", "-10001", "100001"):
        answer = send(client, f"{PATH}/negative_margin", place="global:0", is_on="on", margin_bp=wrong)
        assert answer.status_code == 422


@pytest.mark.parametrize(
    ("kind", "place"), [("refund_asked", "global:0"), ("bad_phone", "shop:99999"), ("bad_phone", "x")]
)
def test_what_cannot_be_switched_is_refused(client: FlaskClient, hub: Hub, kind: str, place: str) -> None:
    assert send(client, f"{PATH}/{kind}", place=place, is_on="off").status_code == 422
    assert stored(hub) == []


def test_it_shows_how_many_orders_are_held_now_and_were_lately(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world)
        values = {"order_id": order, "kind": "gift_only", "blocks": 1, "placed_at": factories.NOW}
        factories.add(connection, Hold, **values)
        factories.add(connection, Hold, **values, cleared_at=factories.NOW)
    assert "/orders/?hold=gift_only" in page_of(client, PATH).replace("/orders?", "/orders/?")


def test_a_person_of_one_shop_changes_that_shop_alone(
    client: FlaskClient, hub: Hub, somebody: Any, world: factories.World
) -> None:
    mine = frozenset({world.shops[0]})
    somebody(permissions=frozenset({"rule.view", "rule.activate", "order.view"}), shop_ids=mine)
    assert send(client, f"{PATH}/bad_phone", place="global:0", is_on="off").status_code == 403
    assert send(client, f"{PATH}/bad_phone", place=f"shop:{world.shops[0]}", is_on="off").status_code == 303
    assert len(stored(hub)) == 1
    somebody(permissions=frozenset({"rule.view", "order.view"}))
    assert 'type="submit" aria-label="存' not in page_of(client, PATH)
