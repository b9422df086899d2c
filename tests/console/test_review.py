"""The review queue: order of deadlines, the preview before the click, passing and sending back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from oms.app.kernel.hub import Hub
from oms.console.security import Person
from oms.db.orders import Order
from tests.console import factories
from tests.console.browsing import page_of, send


@pytest.fixture
def queue(hub: Hub, world: factories.World) -> list[int]:
    """Orders at the first tier: one that passes, one that goes on to finance, one that is blocked."""
    with hub.begin() as connection:
        soon = world.now + timedelta(minutes=5)
        plain = factories.an_order(connection, world, "review", ship_by=soon)
        onwards = factories.an_order(connection, world, "review", tiers_waiting=3, ship_by=soon + timedelta(minutes=1))
        blocked = factories.an_order(connection, world, "review", ship_by=soon + timedelta(minutes=2))
        factories.a_hold(connection, world, blocked, "blacklist")
        return [plain, onwards, blocked]


def tiers_of(hub: Hub, order_id: int) -> tuple[str, int, int]:
    with hub.begin() as connection:
        row = connection.execute(
            select(Order.review, Order.tiers_waiting, Order.tiers_passed).where(Order.id == order_id)
        ).one()
        return row[0], row[1], row[2]


def test_the_nearest_deadline_comes_first(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        deadlines = (world.now - timedelta(minutes=42), None, world.now + timedelta(minutes=18))
        late, never, next_ = (
            factories.an_order(connection, world, "review", ship_by=ship_by, tiers_waiting=8) for ship_by in deadlines
        )
    page = page_of(client, "/review?tier=8")
    assert re.findall(r'data-href="/orders/(\d+)"', page) == [str(late), str(next_), str(never)]
    assert ">超 42 分</time>" in page
    assert "18:00</time>" in page
    assert "is-over" in page


def test_a_preview_tells_the_three_outcomes_and_the_true_number(client: FlaskClient, queue: list[int]) -> None:
    page = send(client, "/review/preview", tier="1", id=[str(id_) for id_ in queue]).text
    counts = re.findall(r"<h3 class=\"\w+\"><b>(\d)</b>", page)
    assert counts == ["1", "1", "1"]
    assert "通过 2 单" in page
    assert "待财审" in page
    assert "黑名单" in page


def test_a_preview_tells_apart_what_passes_and_stays_held(
    client: FlaskClient, hub: Hub, world: factories.World, queue: list[int]
) -> None:
    with hub.begin() as connection:
        held = [factories.an_order(connection, world, "review") for _ in range(2)]
        for order, kind in zip(held, ("short_of_stock", "emergency_stop"), strict=True):
            factories.a_hold(connection, world, order, kind)
    page = send(client, "/review/preview", tier="1", id=[str(id_) for id_ in (*queue, *held)]).text
    told = re.findall(r"<h3 class=\"\w+\"><b>(\d)</b>([^<]+)</h3>", page)
    assert told == [
        ("1", "会通过"), ("2", "通过，但还被拦住"), ("1", "通过后转下一级"), ("1", "不会通过，留在这里"),
    ]  # fmt: skip
    assert "还被「缺货」拦住" in page
    assert "还被「紧急停发」拦住" in page
    assert "通过 4 单" in page
    assert send(client, "/review/pass", tier="1", id=[str(id_) for id_ in held]).status_code == 303


def test_passing_moves_each_order_where_the_preview_said(client: FlaskClient, hub: Hub, queue: list[int]) -> None:
    answer = send(client, "/review/pass", tier="1", id=[str(id_) for id_ in queue[:2]])
    assert answer.status_code == 303
    assert tiers_of(hub, queue[0]) == ("passed", 0, 1)
    assert tiers_of(hub, queue[1]) == ("waiting", 2, 1)
    assert "2 单已通过" in page_of(client, "/review?tier=1")


def test_one_that_left_meanwhile_is_told_apart(client: FlaskClient, hub: Hub, queue: list[int]) -> None:
    send(client, "/review/pass", tier="1", id=str(queue[0]))
    answer = send(client, "/review/pass", tier="1", id=[str(queue[0]), str(queue[1])])
    assert answer.status_code == 303
    page = client.get("/review?tier=1").text
    assert "1 单已通过" in page
    assert "1 单没通过" in page


def test_sending_back_needs_a_reason(client: FlaskClient, hub: Hub, queue: list[int]) -> None:
    refused = send(client, "/review/send-back", tier="1", id=str(queue[0]), reason="")
    assert refused.status_code == 422
    assert "要写 2 到 200 个字的原因" in refused.text
    assert tiers_of(hub, queue[0])[0] == "waiting"
    assert send(client, "/review/send-back", tier="1", id=str(queue[0]), reason="地址少门牌").status_code == 303
    assert tiers_of(hub, queue[0])[0] == "sent_back"


def test_nothing_ticked_is_refused(client: FlaskClient) -> None:
    answer = send(client, "/review/pass", tier="1")
    assert answer.status_code == 422
    assert "先勾选要处理的行" in answer.text


def test_orders_of_other_shops_cannot_be_passed(app: Flask, client: FlaskClient, hub: Hub, queue: list[int]) -> None:
    everything = app.config["CONSOLE_PERSON"]
    app.config["CONSOLE_PERSON"] = Person(everything.id, "阿柚", permissions=everything.permissions, shop_ids={1})
    try:
        assert send(client, "/review/pass", tier="1", id=str(queue[0])).status_code == 403
        assert tiers_of(hub, queue[0])[0] == "waiting"
    finally:
        app.config["CONSOLE_PERSON"] = everything


def test_there_is_no_fifth_tier(client: FlaskClient) -> None:
    page_of(client, "/review?tier=16", 404)
    page_of(client, "/review?tier=customer", 404)
