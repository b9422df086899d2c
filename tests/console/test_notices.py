"""Notices: of the person's teams and shops alone, unread first, read for the whole team with one click."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from tests.console import factories
from tests.console.browsing import page_of, send


@pytest.fixture
def told(hub: Hub, world: factories.World) -> Iterator[None]:
    """A notice for everybody, one for a team of nobody, one of another's shop."""
    with hub.begin() as connection:
        connection.execute(text("insert into user_group (id, code, name) values (91, 'night', '夜班')"))
        connection.execute(
            text("""insert into notice (kind, key, shop_id, user_group_id, words) values
                    ('rule', 'a', :shop, null, '大额订单'), ('escalation', 'b', :shop, 91, '夜班才看得到'),
                    ('rule', 'c', 987654, null, '别人的店铺')"""),
            {"shop": world.shops[0]},
        )
    yield
    with hub.begin() as connection:
        connection.execute(text("delete from notice"))
        connection.execute(text("delete from user_group_member"))
        connection.execute(text("delete from user_group where id = 91"))


def test_people_see_what_is_for_them(client: FlaskClient, told: None) -> None:
    page = page_of(client, "/notices")
    assert "大额订单" in page
    assert "夜班才看得到" not in page
    assert "别人的店铺" not in page
    assert "通知，1 条没人看过" in page


def test_a_member_sees_what_the_team_is_told(client: FlaskClient, told: None, hub: Hub) -> None:
    with hub.begin() as connection:
        connection.execute(text("insert into user_group_member select 91, id from users where display_name = '青禾'"))
    page = page_of(client, "/notices")
    assert "夜班才看得到" in page
    assert "快到期还没发" in page


def test_what_is_read_stays_with_who_read_it(client: FlaskClient, told: None) -> None:
    send(client, "/notices/read", all="1")
    assert "没有没看过的通知" in page_of(client, "/notices")
    assert "青禾 看过" in page_of(client, "/notices?read=1")


def test_nobody_reads_for_others(client: FlaskClient, told: None, hub: Hub) -> None:
    with hub.engine.connect() as connection:
        other = connection.scalar(text("select id from notice where key = 'c'"))
    send(client, "/notices/read", id=str(other))
    with hub.engine.connect() as connection:
        assert connection.scalar(text("select read_at from notice where key = 'c'")) is None
