"""From a stopped order to the reason, by the key w, in a real browser and at every usual width."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from oms.app.kernel.hub import Hub
from oms.db.people import User
from tests.browser.test_widths import CUT, SIDEWAYS
from tests.console import factories
from tests.console.lived import orders_to_explain, rules_to_explain
from tests.factories import World, a_world

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lived(make_database: Callable[[], str]) -> Iterator[World]:
    world = a_world(make_database())
    yield world
    world.hub.engine.dispose()


@pytest.fixture(scope="module")
def hub(lived: World) -> Hub:
    return lived.hub


@pytest.fixture(scope="module")
def day(lived: World) -> dict[str, int]:
    rules_to_explain(lived)
    named = orders_to_explain(lived)
    with lived.hub.begin() as connection:
        named["user"] = factories.add(
            connection, User, id=1, email="qing@example.com", display_name="青禾", fs_uniquifier="qing"
        )
    return named


def test_a_key_leads_from_a_stopped_order_to_the_reason(page: Page, day: dict[str, int]) -> None:
    page.goto(f"/orders/{day['waiting']}")
    page.keyboard.press("w")
    expect(page.get_by_role("heading", level=1)).to_have_text("为什么要人审核")
    expect(page.locator("#hit")).to_have_text("命中 3 条")
    page.goto(f"/orders/{day['passed']}/why")
    page.get_by_text("全部展开").click()
    expect(page.get_by_text("会员等级是「vip」")).to_be_visible()
    page.get_by_role("navigation", name="环节").get_by_text("分仓").click()
    expect(page.locator("#src")).to_have_text("2 种走法")


def test_the_same_key_asks_why_of_the_row_in_a_list(page: Page, day: dict[str, int]) -> None:
    page.goto("/orders")
    page.keyboard.press("w")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("为什么")
    page.keyboard.press("j")
    page.keyboard.press("w")
    expect(page.get_by_role("heading", level=1)).to_contain_text("为什么")
    expect(page.get_by_role("navigation", name="环节")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_nothing_is_cut_at_any_width(page: Page, hub: Hub, day: dict[str, int], locale: str, theme: str) -> None:
    with hub.begin() as connection:
        connection.execute(update(User).where(User.id == 1).values(locale=locale, theme=theme))
    found: dict[str, list[str]] = {}
    steps = {"waiting": "", "lacking": "", "passed": "?all=1", "held": f"?step=h{day['hold']}", "falsified": ""}
    for name, asked in steps.items():
        for width in (1280, 768):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"/orders/{day[name]}/why{asked}")
            picture(page, f"why-{name}-{locale}-{theme}-{width}")
            found[f"{name} {width}"] = page.evaluate(CUT) + page.evaluate(SIDEWAYS)
    assert {name: cut for name, cut in found.items() if cut} == {}


def picture(page: Page, name: str) -> None:
    """A picture to look at, when somebody asks for it."""
    folder = os.environ.get("OMS_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
