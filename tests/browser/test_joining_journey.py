"""Merging, splitting and their settings as an operations lead clicks through them, at the widths people have."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.db.people import User
from tests.app.joining import live, waiting
from tests.browser.looking import CUT, SIDEWAYS
from tests.console import factories
from tests.factories import RECEIVER, World, a_line, a_world

pytestmark = pytest.mark.browser
BUYER = {"external_id": "one-buyer", "nick": "买**"}


@pytest.fixture(scope="module")
def planned(database_url: str) -> Iterator[World]:
    """A shop with a merge window of ten minutes."""
    world = a_world(database_url, window=600)
    yield world
    world.hub.engine.dispose()


@pytest.fixture(scope="module")
def hub(planned: World) -> Hub:
    """That shop's hub."""
    return planned.hub


@pytest.fixture(scope="module")
def day(hub: Hub) -> dict[str, int]:
    """Somebody to click."""
    with hub.begin() as connection:
        user = factories.add(connection, User, email="q@example.com", display_name="青禾", fs_uniquifier="q")
    return {"user": user}


def look(page: Page, name: str) -> None:
    """No page is cut or scrolls sideways; pictures of it when somebody asks for them."""
    for width in (1280, 768):
        page.set_viewport_size({"width": width, "height": 800})
        wrong = page.evaluate(SIDEWAYS) + (page.evaluate(CUT) if width > 1000 else [])
        folder = os.environ.get("OMS_PICTURES")
        if folder:
            for theme in ("light", "dark"):
                page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
                page.screenshot(path=Path(folder) / f"{name}-{width}-{theme}.png")
        assert wrong == [], name
    page.set_viewport_size({"width": 1280, "height": 800})


def test_orders_are_merged_split_and_set_by_clicks(page: Page, planned: World) -> None:
    first = waiting(planned, a_line("1", "A", 3, 1000), a_line("2", "B", 1, 500), buyer=BUYER, is_cod=True)
    second = waiting(planned, buyer=BUYER, is_cod=True)
    waiting(planned, buyer=BUYER)
    waiting(planned, buyer=BUYER, is_cod=True, receiver={**RECEIVER, "address": "别处 9 号"})
    page.goto("/shipping/merging")
    expect(page.get_by_role("link", name="T1")).to_be_visible()
    look(page, "groups")
    page.get_by_role("link", name="T1").click()
    expect(page.get_by_text("一个已付款，一个货到付款")).to_be_visible()
    page.get_by_role("checkbox", name="T2").check()
    page.get_by_role("button", name="先看合出来什么样").click()
    expect(page.get_by_role("status").filter(has_text="代收合计")).to_contain_text("25.00")
    look(page, "merge")
    page.get_by_role("button", name="合成一张发货单").click()
    expect(page.get_by_text("2 单合发", exact=False).first).to_be_visible()
    look(page, "order")
    page.locator("summary", has_text="撤回合单").click()
    page.get_by_label("为什么撤回").fill("点错了")
    page.get_by_role("button", name="撤回", exact=True).click()
    expect(page.get_by_text("各单回到自己的发货单")).to_be_visible()
    assert [len(live(planned, id_)) for id_ in (first, second)] == [1, 1]
    page.get_by_role("link", name="拆成几个包裹").click()
    page.get_by_label("A 放进包裹 2 的件数").fill("2")
    page.get_by_role("button", name="先看拆出来什么样").click()
    expect(page.get_by_role("cell", name="8.33").first).to_be_visible()
    look(page, "split")
    page.get_by_role("button", name="拆开", exact=True).click()
    expect(page.locator(".joining")).to_contain_text("拆成 2 张")
    page.goto("/settings/merging?place=channel:1")
    page.get_by_label("货到付款互相合").select_option("no")
    page.get_by_label("等多久（秒）").fill("90")
    page.get_by_role("button", name="存", exact=True).click()
    page.goto("/settings/merging?place=shop:1")
    expect(page.get_by_text("现在：90，来自渠道")).to_be_visible()
    look(page, "settings")
    with planned.hub.engine.connect() as connection:
        assert connection.execute(text("select window_s from merge_setting")).scalar_one() == 90
