"""From a stopped order to the reason, by the key w, in a real browser and at every usual width."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from oms.app.kernel.hub import Hub
from tests.browser.looking import cut, somebody, speaking
from tests.console.lived import orders_to_explain, rules_to_explain
from tests.factories import World

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hub(lived: World) -> Hub:
    return lived.hub


@pytest.fixture(scope="module")
def day(lived: World) -> dict[str, int]:
    rules_to_explain(lived)
    named = orders_to_explain(lived)
    return named | {"user": somebody(lived.hub)}


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


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_nothing_is_cut_at_any_width(page: Page, hub: Hub, day: dict[str, int], locale: str) -> None:
    speaking(hub, locale)
    steps = {"waiting": "", "lacking": "", "passed": "?all=1", "held": f"?step=h{day['hold']}", "falsified": ""}
    pages = {name: f"/orders/{day[name]}/why{asked}" for name, asked in steps.items()}
    assert cut(page, pages, f"why-{{}}-{locale}") == {}
