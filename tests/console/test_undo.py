"""What was done by mistake is taken back from the toast or from the order's page, while nothing has left."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from oms.app.kernel.hub import Hub
from oms.db.orders import Hold, Order
from tests.console import factories
from tests.console.browsing import page_of, send


@pytest.fixture
def queued(hub: Hub, world: factories.World) -> int:
    """An order waiting for customer service."""
    with hub.begin() as connection:
        return factories.an_order(connection, world, "review", lines=1, tiers_waiting=1)


def undo(client: FlaskClient, page: str) -> str:
    """Press the toast's button; answers the page that follows."""
    toast = re.search(r'<div class="toast".*?</form>', page, re.S)
    assert toast is not None
    address = re.search(r'action="([^"]+)"', toast.group())
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', toast.group())
    assert address is not None
    plain = {name: html.unescape(value) for name, value in fields if name != "csrf_token"}
    answer = send(client, html.unescape(address.group(1)), **plain)
    assert answer.status_code == 303
    return page_of(client, answer.location)


def review_of(hub: Hub, order_id: int) -> tuple[object, ...]:
    with hub.begin() as connection:
        row = connection.execute(
            select(Order.review, Order.tiers_waiting, Order.tiers_passed).where(Order.id == order_id)
        )
        return tuple(row.one())


def is_held(hub: Hub, hold_id: int) -> bool:
    with hub.begin() as connection:
        return connection.scalar(select(Hold.cleared_at).where(Hold.id == hold_id)) is None


def test_a_pass_from_the_order_page_is_undone_by_the_toast(client: FlaskClient, hub: Hub, queued: int) -> None:
    answer = send(client, f"/orders/{queued}/pass", tier="1")
    assert review_of(hub, queued) == ("passed", 0, 1)
    page = undo(client, page_of(client, answer.location))
    assert review_of(hub, queued) == ("waiting", 1, 0)
    assert "已收回通过，重新待审" in page
    assert "原因 点错了，撤回" in page
    assert 'class="toast"' not in page


def test_a_pass_of_several_is_undone_in_the_queue(
    client: FlaskClient, hub: Hub, world: factories.World, queued: int
) -> None:
    with hub.begin() as connection:
        other = factories.an_order(connection, world, "review", lines=1, tiers_waiting=1)
    send(client, "/review/pass", tier="1", id=[str(queued), str(other)])
    assert [review_of(hub, id_)[0] for id_ in (queued, other)] == ["passed", "passed"]
    asked = page_of(client, "/review?tier=1")
    assert "2 单已收回通过" in undo(client, asked)
    assert [review_of(hub, id_)[0] for id_ in (queued, other)] == ["waiting", "waiting"]
    toast = re.search(r'action="(/review/bulk/\d+/undo)"', asked)
    assert toast is not None
    again = send(client, toast[1])
    assert again.status_code == 409
    assert "已经收回过了" in again.text


def test_a_lifted_hold_is_undone_by_the_toast_or_later_with_a_reason(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "held")
        hold = factories.a_hold(connection, world, order, "blacklist")
    answer = send(client, f"/orders/{order}/holds/{hold}/lift", reason="核实过本人")
    assert "撤回解除，重新挂起" in undo(client, page_of(client, answer.location))
    assert is_held(hub, hold)
    send(client, f"/orders/{order}/holds/{hold}/lift", reason="核实过本人")
    page_of(client, f"/orders/{order}")
    assert "重新挂起「黑名单」" in page_of(client, f"/orders/{order}")
    assert send(client, f"/orders/{order}/again", hold=str(hold), reason="x").status_code == 422
    assert not is_held(hub, hold)
    assert send(client, f"/orders/{order}/again", hold=str(hold), reason="又想起来").status_code == 303
    assert is_held(hub, hold)
    refused = send(client, f"/orders/{order}/again", hold=str(hold), reason="又想起来")
    assert refused.status_code == 404
    assert "没有人解除过这个挂起" in refused.text


def test_a_pass_is_taken_back_from_the_page_until_goods_have_left(client: FlaskClient, hub: Hub, queued: int) -> None:
    send(client, f"/orders/{queued}/pass", tier="1")
    page_of(client, f"/orders/{queued}")
    assert "收回客审" in page_of(client, f"/orders/{queued}")
    with hub.begin() as connection:
        connection.execute(text("update order_line set shipped = ordered where order_id = :id"), {"id": queued})
        connection.execute(text("update demand set shipped = units where order_id = :id"), {"id": queued})
    assert "收回客审" not in page_of(client, f"/orders/{queued}")
    late = send(client, f"/orders/{queued}/pass/back", tier="1", reason="点错了")
    assert late.status_code == 409
    assert "已有货发出" in late.text
    assert review_of(hub, queued)[0] == "passed"
