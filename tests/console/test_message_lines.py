"""The sync page tells since when a shop's messages come over a connection, and why not."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from tests.console import factories
from tests.console.browsing import page_of

ROW = """insert into stream_cursor (shop_id, stream, cursor, last_started_at, last_success_at, documents, last_error,
  paused_until) values (:shop, 'messages', 'line', :opened, :opened, 4321, :words, null)"""
LEASE = """insert into lease (name, holder, fence, expires_at) values ('line', 'worker', 1, :until)"""


def tell(hub: Hub, world: factories.World, *, lease_s: int, words: str = "") -> None:
    """A connection that was opened once, under a lease that lives on or not."""
    opened, until = world.now - timedelta(minutes=5), world.now + timedelta(seconds=lease_s)
    with hub.begin() as connection:
        connection.execute(text("delete from stream_cursor where stream = 'messages'"))
        connection.execute(text("delete from lease where name = 'line'"))
        connection.execute(text(ROW), {"shop": world.shops[0], "opened": opened, "words": words})
        connection.execute(text(LEASE), {"until": until})


def test_an_open_connection_is_shown_with_its_messages(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    tell(hub, world, lease_s=10)
    page = page_of(client, "/operations/sync")
    assert "起连着" in page
    assert "共 4,321 条" in page


def test_who_was_killed_is_not_shown_as_connected(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    tell(hub, world, lease_s=-1, words="could not connect")
    page = page_of(client, "/operations/sync")
    assert "起连着" not in page
    assert "没连上，靠拉取" in page
    assert "连不上" in page


def test_a_shop_without_a_connection_says_nothing_of_one(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        connection.execute(text("delete from stream_cursor where stream = 'messages'"))
    assert "消息连接" not in page_of(client, "/operations/sync")
