"""A shop from observing to live in a real browser: both sides are compared, then only later orders are ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from oms.app.capture.shown import note_shown
from oms.app.kernel.hub import Hub
from oms.db.people import User
from tests.app.test_observing import TWO, left
from tests.console import factories
from tests.factories import START, World, a_world, an_order, settle, take

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def world(make_database: Callable[[], str]) -> Iterator[World]:
    """An observed shop with orders that the system before us has shipped, or not yet."""
    made = a_world(make_database(), mode="observing")
    for no in ("OLD-1", "OLD-2", "OLD-3"):
        an_order(made, TWO, no=no, ship_by=(START + timedelta(hours=8)).isoformat())
    settle(made)
    take(made, left("OLD-1", "75300001", carrier="ZTO"), left("OLD-2", "75300002", "75300003", carrier="YTO"))
    settle(made)
    note_shown(made.hub)
    yield made
    made.hub.engine.dispose()


@pytest.fixture(scope="module")
def hub(world: World) -> Hub:
    """The hub of this world in place of the busy day's."""
    return world.hub


@pytest.fixture(scope="module")
def day(hub: Hub) -> dict[str, int]:
    """The person at the console."""
    with hub.begin() as connection:
        user = factories.add(connection, User, email="qing@example.com", display_name="青禾", fs_uniquifier="qing")
    return {"user": user}


def test_a_shop_is_observed_compared_and_taken_live(page: Page, world: World) -> None:
    page.goto("/settings/shops/1")
    page.get_by_role("link", name="观察对比").click()
    rates = page.get_by_role("region", name="一致率")
    expect(rates).to_contain_text("共 3 单")
    expect(rates.get_by_role("cell").first).to_contain_text("50.0% 1/2")
    page.get_by_label("只看").select_option("differs")
    page.get_by_role("button", name="看", exact=True).click()
    rows = page.get_by_role("region", name="订单").locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("OLD-2")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 CSV").click()
    assert "OLD-2" in download.value.path().read_text("utf-8-sig")
    world.clock.forward(7200)
    page.goto("/settings/shops/1")
    page.locator("#mode").select_option("live")
    page.locator("#go_live_at").fill("2026-11-21T11:00")
    page.get_by_role("form", name="模式").get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").first).to_contain_text("已改")
    settle(world)
    an_order(world, TWO, no="NEW-1", created_at=(START + timedelta(hours=2)).isoformat(), at=7200)
    settle(world)
    sent = world.rows("select o.external_no from orders o where o.id in (select order_id from fulfilment_line)")
    assert [row[0] for row in sent] == ["NEW-1"]
    assert len(world.script.asked("create")) == 1
