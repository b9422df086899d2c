"""A person's way through the console in a real browser: keys, previews, themes, small screens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
PATHS = (
    "/",
    "/orders",
    "/review?tier=1",
    "/operations/sync",
    "/operations/parked",
    "/operations/outbound",
    "/operations/interceptions",
    "/operations/stop",
    "/settings/shops",
    "/settings/people",
    "/me",
)


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_home_tells_what_waits_and_leads_there(page: Page, day: dict[str, int]) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("单待审核")
    expect(page.locator("ol.pipe > li")).to_have_count(7)
    if os.environ.get("OMS_SCREENSHOT") == "1":
        (ROOT / "docs").mkdir(exist_ok=True)
        page.screenshot(path=ROOT / "docs" / "screenshot.png")
    page.locator("#main").get_by_role("link", name="待客审").click()
    expect(page).to_have_url("/review?tier=1")


def test_the_strip_is_renewed_without_reloading(page: Page, day: dict[str, int]) -> None:
    page.goto("/")
    with page.expect_response("**/steps"):
        page.evaluate("htmx.ajax('GET', '/steps', {target: document.querySelector('[hx-get]')})")
    expect(page.locator("ol.pipe > li")).to_have_count(7)


def test_an_order_is_reviewed_with_the_keyboard_alone(page: Page, day: dict[str, int]) -> None:
    page.goto("/review?tier=1")
    rows = page.locator("tbody tr")
    before = rows.count()
    page.keyboard.press("j")
    expect(rows.first).to_have_class("is-at")
    page.keyboard.press("x")
    expect(page.locator(".outs h3 b").first).to_have_text("1")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="通过 2 单")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("已选 0 单")).to_be_visible()
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="通过 1 单")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_role("status")).to_contain_text("1 单已通过")
    expect(rows).to_have_count(before - 1)


def test_sending_back_asks_for_the_reason_first(page: Page, day: dict[str, int]) -> None:
    page.goto("/review?tier=2")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="通过 1 单")).to_be_visible()
    page.keyboard.press("r")
    field = page.get_by_label("驳回原因")
    expect(field).to_be_focused()
    page.keyboard.type("金额要核对 a r x")
    page.get_by_role("button", name="驳回 1 单").click()
    expect(page.get_by_role("status")).to_contain_text("1 单已驳回")


def test_single_keys_are_off_while_typing(page: Page, day: dict[str, int]) -> None:
    page.goto("/orders")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="搜索")).to_be_focused()
    page.keyboard.type("jjx?")
    expect(page.locator("tr.is-at")).to_have_count(0)
    expect(page.locator("#keys")).not_to_be_visible()
    expect(page.get_by_role("searchbox", name="搜索")).to_have_value("jjx?")


def test_enter_opens_the_row_and_the_timeline_is_filtered(page: Page, day: dict[str, int]) -> None:
    page.goto("/orders?phase=shipped")
    page.keyboard.press("j")
    href = page.locator("tr.is-at").get_attribute("data-href")
    page.keyboard.press("Enter")
    expect(page).to_have_url(str(href))
    page.goto(f"/orders/{day['order']}")
    expect(page.locator("svg.draw rect")).not_to_have_count(0)
    page.get_by_role("link", name="平台", exact=True).click()
    expect(page.locator("#line")).to_contain_text("仓库 已发货")
    expect(page.locator("#line")).not_to_contain_text("归集")


def test_plain_text_is_shown_after_a_reason_only(page: Page, day: dict[str, int]) -> None:
    page.goto(f"/orders/{day['order']}")
    who = page.locator("section", has=page.get_by_role("heading", name="收件人"))
    expect(who).to_contain_text("138****2207")
    who.get_by_text("看明文").click()
    who.get_by_label("为什么要看").fill("快递找不到门牌")
    who.get_by_role("button", name="看").click()
    expect(who).to_contain_text("林小满 13812342207")
    page.goto(f"/orders/{day['order']}")
    expect(who).to_contain_text("138****2207")
    expect(page.locator("#line")).to_contain_text("青禾 看明文")


def test_enter_in_a_reason_does_what_its_button_says(page: Page, day: dict[str, int]) -> None:
    page.goto("/operations/parked")
    rows = page.locator("tbody tr")
    before = rows.count()
    rows.first.get_by_role("checkbox").check()
    page.keyboard.press("2")
    expect(page.get_by_label("为什么放弃")).to_be_focused()
    page.keyboard.type("测试店的单")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 份报文已放弃")
    expect(rows).to_have_count(before - 1)


def test_help_lists_the_keys_and_closes(page: Page, day: dict[str, int]) -> None:
    page.goto("/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).not_to_be_visible()


def test_language_and_theme_are_switched_in_the_bar(page: Page, day: dict[str, int]) -> None:
    page.goto("/orders")
    light = background(page)
    page.get_by_role("button", name="切换深浅色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert background(page) != light
    page.get_by_role("button", name="切换语言").click()
    expect(page.get_by_role("heading", name="Orders")).to_be_visible()
    expect(page).to_have_url("/orders")
    page.get_by_role("button", name="Switch language").click()
    page.get_by_role("button", name="切换深浅色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_no_page_is_wider_than_the_screen_and_every_control_has_a_name(page: Page, day: dict[str, int]) -> None:
    wide = "document.querySelector('#main').scrollWidth - document.querySelector('#main').clientWidth"
    unnamed = """() => [...document.querySelectorAll('button, a[href], input:not([type=hidden]), select, summary')]
      .filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length)).map(e => e.outerHTML)"""
    for path in (*PATHS, f"/orders/{day['order']}"):
        page.goto(path)
        for width in (768, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(wide) <= 0, (path, width)
            assert page.evaluate(unnamed) == [], path
