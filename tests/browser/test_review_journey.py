"""The review desk in a real browser: keys, the preview before the click, many at once with progress, and the undo."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, text, update

from oms.app.kernel.hub import Hub
from oms.db.channels import UserGroup
from oms.db.orders import ReviewDecision
from oms.db.people import Role, User, UserGroupMember, UserRole
from oms.db.reviewing import DutyShift, ReviewClaim, ReviewLimit, ShopTier
from tests.console import factories

pytestmark = pytest.mark.browser
STEPS = 120


@pytest.fixture(scope="module")
def day(hub: Hub) -> dict[str, int]:
    """A review desk in full swing: limits, a team with shifts, orders that colleagues have taken, tiers in order."""
    with hub.begin() as connection:
        now = hub.clock()
        world = factories.a_world(connection, hub.keys, now)
        named = {"user": factories.add(connection, User, email="q@example.com", display_name="青禾", fs_uniquifier="q")}
        finance, lead = (
            factories.add(connection, Role, name=name, label_zh=zh, label_en=en, permissions=["order.pass_review"])
            for name, zh, en in (("finance", "财务", "Finance"), ("ops_lead", "运营主管", "Operations lead"))
        )
        named["group"] = factories.add(connection, UserGroup, code="white", name="白班客服")
        for name, role in (("小满", finance), ("阿柚", finance), ("川穹", lead)):
            id_ = factories.add(connection, User, email=f"{name}@example.com", display_name=name, fs_uniquifier=name)
            factories.add(connection, UserRole, user_id=id_, role_id=role)
            connection.execute(insert(UserGroupMember).values(user_group_id=named["group"], user_id=id_))
            named[name] = id_
        factories.add(connection, UserRole, user_id=named["user"], role_id=finance)
        for name, starts, ends in (("小满", 0, 1440), ("阿柚", 0, 1)):
            factories.add(
                connection, DutyShift, user_group_id=named["group"], user_id=named[name], weekdays=list(range(1, 8)),
                starts_min=starts, ends_min=ends,
            )  # fmt: skip
        for role, most in ((finance, 500000), (lead, 10**15)):
            factories.add(connection, ReviewLimit, tier=2, role_id=role, most_amount=most)
        for place, (tier, mode) in enumerate(((1, "auto"), (2, "manual"), (4, "skip"), (8, "auto")), 1):
            connection.execute(insert(ShopTier).values(shop_id=world.shops[0], tier=tier, mode=mode, position=place))
        connection.execute(text("update shop set reviews_in_order = true where id = :id"), {"id": world.shops[0]})
        for number in range(24):
            order = factories.an_order(
                connection, world, "review", lines=1 + number % 3, tiers_waiting=2, tiers_passed=number % 2,
                tiers_next="8" if number % 3 == 0 else "", has_memo=number % 5 == 0, is_cod=number % 7 == 0,
                paid_total=34500 + 71000 * number, ship_by=now + timedelta(minutes=18 + 37 * number),
            )  # fmt: skip
            if number in (2, 3, 9):
                taken = {"user_id": named["小满"], "user_group_id": named["group"]}
                connection.execute(insert(ReviewClaim).values(order_id=order, tier=2, claimed_at=now, **taken))
            if number == 5:
                connection.execute(insert(ReviewClaim).values(order_id=order, tier=2, user_group_id=named["group"]))
        for _ in range(STEPS):
            factories.an_order(connection, world, "review", tiers_waiting=4)
        named["wide"] = factories.an_order(connection, world, "at_warehouse", paid_total=1234567890)
        factories.add(
            connection, ReviewDecision, order_id=named["wide"], tier=2, verdict="forced", actor=f"user:{named['川穹']}",
            amount=1234567890, reason="大促要赶晚班车，主管在群里确认过", at=now,
        )  # fmt: skip
        named["shop"] = world.shops[0]
    return named


@pytest.fixture
def dark(hub: Hub, day: dict[str, int]) -> Iterator[None]:
    with hub.begin() as connection:
        connection.execute(update(User).where(User.id == day["user"]).values(theme="dark"))
    yield
    with hub.begin() as connection:
        connection.execute(update(User).where(User.id == day["user"]).values(theme="light"))


def picture(page: Page, name: str) -> None:
    """A picture at both widths, when somebody asks for them."""
    folder = os.environ.get("OMS_PICTURES")
    for width, height in ((1280, 800), (768, 1024)) if folder else ():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=Path(str(folder)) / f"{name}-{width}.png")


def test_nothing_scrolls_sideways_at_768_and_1280(page: Page, day: dict[str, int]) -> None:
    wide = """() => [document.documentElement, document.querySelector('#main')]
      .filter(e => e.scrollWidth > e.clientWidth).map(e => e.tagName)"""
    found = {}
    places = {
        "queue": "/review?tier=2",
        "settings": "/settings/review",
        "shop": f"/settings/review/shops/{day['shop']}",
        "forced": "/review/forced",
    }
    for name, path in places.items():
        page.goto(path)
        for width in (768, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate(wide):
                found[name, width] = page.evaluate(wide)
        picture(page, name)
    page.wait_for_load_state("networkidle")
    assert found == {}


def test_the_same_pages_in_the_dark(page: Page, day: dict[str, int], dark: None) -> None:
    for name, path in {"queue": "/review?tier=2", "settings": "/settings/review", "forced": "/review/forced"}.items():
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        picture(page, f"{name}-dark")
    page.wait_for_load_state("networkidle")


def test_the_preview_tells_outcomes_and_m_hands_over_to_who_is_on_duty(page: Page, day: dict[str, int]) -> None:
    page.goto("/review?tier=2&whose=free")
    for _ in range(3):
        page.keyboard.press("j")
        page.keyboard.press("x")
    bar = page.locator("#bulk")
    expect(bar).to_contain_text("已选 3 单")
    expect(bar).to_contain_text("会通过")
    picture(page, "bulk")
    page.keyboard.press("m")
    target = bar.get_by_label("转交给", exact=True)
    expect(target).to_be_focused()
    expect(target.locator("option").nth(1)).to_contain_text("小满，在班到")
    target.select_option(f"u{day['小满']}")
    picture(page, "hand-over")
    bar.get_by_role("button", name="转交 3 单").click()
    expect(page.locator(".note.is-ok")).to_contain_text("3 单已转交")
    page.wait_for_load_state("networkidle")


def test_g_takes_twenty_and_shows_them(page: Page, day: dict[str, int]) -> None:
    page.goto("/review?tier=2")
    page.keyboard.press("g")
    expect(page.locator(".note.is-ok")).to_contain_text("领取了")
    expect(page).to_have_url(re.compile("whose=mine"))
    picture(page, "mine")
    page.locator("tbody tr[data-href] a").first.click()
    expect(page.locator(".story")).to_contain_text("青禾")
    picture(page, "order")
    page.wait_for_load_state("networkidle")


def test_many_are_passed_with_progress_and_taken_back_by_one_key(page: Page, hub: Hub, day: dict[str, int]) -> None:
    page.goto("/review?tier=4&rows=500")
    page.get_by_label("全选本页").check()
    page.get_by_role("button", name=f"通过 {STEPS} 单").click()
    expect(page.locator("#bulk-progress")).to_contain_text("全部处理完", timeout=30_000)
    expect(page.locator("#bulk-progress tbody tr")).to_have_count(STEPS)
    picture(page, "bulk-done")
    page.keyboard.press("Control+z")
    expect(page.locator(".note.is-ok")).to_contain_text(f"{STEPS} 单已收回通过")
    with hub.begin() as connection:
        waiting = connection.execute(text("select count(*) from orders where tiers_waiting = 4")).scalar_one()
    assert waiting == STEPS
    page.wait_for_load_state("networkidle")
