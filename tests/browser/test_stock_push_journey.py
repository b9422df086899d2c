"""Pushing stock as an operations lead switches it on: the switch, what is kept back, the state afterwards."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from oms.app.kernel.hub import Hub
from oms.db.channels import Shop
from oms.db.stock import StockPool
from tests.console import factories
from tests.console.test_stock_push import Shelf

pytestmark = pytest.mark.browser


def test_a_shops_stock_is_switched_on_and_says_so(page: Page, day: dict[str, int], hub: Hub) -> None:
    hub.vendors["taobao"] = Shelf
    with hub.begin() as connection:
        pool = factories.add(connection, StockPool, code="browser", name="华东")
        connection.execute(update(Shop).values(stock_pool_id=pool))
        shop = connection.execute(select(Shop.id).order_by(Shop.id).limit(1)).scalar_one()
    page.goto(f"/settings/shops/{shop}")
    panel = page.locator("#stock-push")
    panel.get_by_label("推到平台").check()
    panel.get_by_label("每个货品留底").fill("5")
    panel.get_by_role("button", name="保存").click()
    expect(page.locator("#stock-push")).to_contain_text("在推")
    expect(page.locator("#stock-push").get_by_label("每个货品留底")).to_have_value("5")
    expect(page.get_by_role("button", name="全部重推")).to_be_visible()
