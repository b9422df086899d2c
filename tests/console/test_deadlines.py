"""时效: the list by expected fine, and settings by place with stopped clocks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from tests.console import factories
from tests.console.browsing import page_of, send


def test_the_list_counts_what_is_late_and_what_it_costs(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    saved = send(client, "/settings/deadlines", place="global:0", warn_minutes="240, 60", fine_amount="3",
                 fine_percent="5", fine_most="50.00")  # fmt: skip
    assert saved.status_code == 303
    with hub.begin() as connection:
        late = factories.an_order(connection, world, "review", ship_by=world.now - timedelta(hours=1), paid_total=10_000)
        factories.an_order(connection, world, "review", ship_by=world.now + timedelta(days=9), paid_total=10_000)
        number = connection.scalar(text("select external_no from orders where id = :id"), {"id": late})
    page = page_of(client, "/deadlines")
    assert number in page
    assert "1 单已超时" in page
    assert "预计罚款 ¥8.00" in page
    assert "这段时间里没有要到期的单" not in page
    kept = page_of(client, "/settings/deadlines")
    assert 'value="240, 60"' in kept
    assert 'value="5.00"' in kept


def test_a_stopped_clock_is_made_shown_and_taken_away(
    client: FlaskClient, somebody: Any, hub: Hub, world: factories.World
) -> None:
    day = (world.now + timedelta(days=3)).strftime("%Y-%m-%dT09:00")
    later = (world.now + timedelta(days=5)).strftime("%Y-%m-%dT09:00")
    place = {"place": "global:0", "reason": "春节放假"}
    assert send(client, "/settings/deadlines/pauses", starts_at=day, ends_at=later, **place).status_code == 303
    assert "春节放假" in page_of(client, "/settings/deadlines")
    backwards = send(client, "/settings/deadlines/pauses", starts_at=later, ends_at=day, **place)
    assert backwards.status_code == 422
    with hub.begin() as connection:
        pause = connection.scalar(text("select max(id) from deadline_pause"))
    somebody(shop_ids=[world.shops[0]])  # Of one shop, and under its name a clock of all shops is not started either.
    for named in ("global:0", f"shop:{world.shops[0]}"):
        assert send(client, f"/settings/deadlines/pauses/{pause}/remove", place=named).status_code == 403, named
    somebody()
    assert send(client, f"/settings/deadlines/pauses/{pause}/remove", place="global:0").status_code == 303
    assert send(client, f"/settings/deadlines/pauses/{pause}/remove", place="global:0").status_code == 404


def test_minutes_that_are_none_are_named(client: FlaskClient) -> None:
    answer = send(client, "/settings/deadlines", place="global:0", warn_minutes="soon")
    assert answer.status_code == 422
    assert "要写 60, 240 这样的分钟数" in answer.text
