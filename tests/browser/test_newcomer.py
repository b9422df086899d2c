"""A newcomer's first rule, by visible labels alone: built, tried on last week, activated, and seen to stop an order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from oms.app.kernel.hub import Hub
from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.trying.running import backtest_next
from oms.app.rulebook.versions import activate
from oms.db.people import User
from tests.console import factories
from tests.factories import START, World, a_line, a_world, advance, an_order, drain

pytestmark = pytest.mark.browser
COMMON = {
    "id": "vip", "name": "VIP 大单", "actions": [{"action": "send_to_tier", "params": {"tier": "service"}}],
    "when": {"all": [{"fact": "buyer.level", "op": "eq", "value": "VIP"},
                     {"fact": "order.paid", "op": "gt", "value": 500000}]},
}  # fmt: skip
NAME = "货到付款和大额换货送财审"
SENTENCE = (
    "如果货到付款为是或者（订单来源是换货而且实付金额大于300.00元），而且不是会员等级是「VIP」，"
    "那么转人工审核（级别：财审）"
)


@pytest.fixture(scope="module")
def world(database_url: str) -> Iterator[World]:
    """A shop that has sold for a week under a rule for every shop: some on delivery, one of these to a VIP."""
    made = a_world(database_url)
    made.clock.now = START - timedelta(days=8)
    common = create_set(made.hub, "review", "global", 0, "全局审核", Content([COMMON], comment="VIP 大单"), "user:1")
    activate(made.hub, common, "user:1")
    for days, cod, buyer in ((6, True, "b1"), (5, False, "b2"), (4, True, "vip"), (2, True, "b3"), (1, False, "b4")):
        made.clock.now = START - timedelta(days=days)
        at = made.clock.now.isoformat()
        dates = {"created_at": at, "changed_at": at, "paid_at": None if cod else at}
        an_order(made, [a_line(paid=9900)], is_cod=cod, buyer={"external_id": buyer, "nick": "买**"}, **dates)
        made.run("update customer set member_level = 'VIP' where external_id = 'vip'")
        advance(made)
    made.clock.now = START
    yield made
    made.hub.engine.dispose()


@pytest.fixture(scope="module")
def hub(world: World) -> Hub:
    """The hub of that shop."""
    return world.hub


@pytest.fixture(scope="module")
def day(hub: Hub) -> dict[str, int]:
    """Who tries it."""
    with hub.begin() as connection:
        user = factories.add(connection, User, email="xin@example.com", display_name="新人", fs_uniquifier="xin")
    return {"user": user}


def picture(page: Page, name: str) -> None:
    """A picture to look at, when somebody asks for one."""
    folder = os.environ.get("OMS_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"newcomer-{name}.png", full_page=True)


def menu(page: Page) -> Locator:
    return page.get_by_role("navigation", name="主菜单")


def group(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def add(page: Page, into: str, what: str) -> None:
    """Add a condition or a group to a group; its own button is the first among those of the groups inside."""
    group(page, into).get_by_role("button", name=what, exact=True).first.click()


def fill(page: Page, name: str, fact: str, comparison: str, value: str = "", choice: str = "") -> None:
    """One condition."""
    row = group(page, name)
    row.get_by_label("字段").fill(fact)
    page.get_by_role("option").filter(has_text=fact).locator("visible=true").first.click()
    row.get_by_label("比较").select_option(label=comparison)
    if value:
        row.get_by_label("值", exact=True).fill(value)
    if choice:
        row.get_by_label("值", exact=True).select_option(label=choice)


def count(page: Page, into: str, how: str) -> None:
    group(page, into).get_by_label("怎么算").first.select_option(label=how)


def make_a_rule_set(page: Page) -> None:
    """From the menu to the empty editor."""
    page.goto("/")
    menu(page).get_by_role("link", name="规则", exact=True).click()
    page.get_by_role("link", name="新建规则集").first.click()
    page.get_by_label("环节").select_option(label="审核")
    page.get_by_label("适用范围").select_option(label="店铺 店")
    page.get_by_label("名称").fill("财务审核")
    page.get_by_label("这一版为了什么").fill("到付和大额换货先看钱")
    page.get_by_role("button", name="建规则集").click()
    page.get_by_role("link", name="编辑").click()


def build_the_rule(page: Page) -> None:
    """COD, or exchange and amount over 300, but not for VIP buyers, goes to finance."""
    page.get_by_role("button", name="规则", exact=True).click()
    page.get_by_label("名称").fill(NAME)
    page.get_by_role("button", name="删掉 条件 1").click()
    add(page, "全部条件", "条件组")
    fill(page, "条件 1.1", "货到付款", "为")
    add(page, "条件组 1", "条件组")
    count(page, "条件组 1.2", "全部满足")
    fill(page, "条件 1.2.1", "订单来源", "是", choice="换货")
    add(page, "条件组 1.2", "条件")
    fill(page, "条件 1.2.2", "实付金额", "大于", value="300")
    add(page, "全部条件", "条件组")
    count(page, "条件组 2", "都不满足")
    fill(page, "条件 2.1", "会员等级", "是", value="VIP")
    group(page, "动作 1").get_by_label("做什么").select_option(label="转人工审核")
    group(page, "动作 1").get_by_label("级别").select_option(label="财审")
    expect(page.get_by_role("region", name="读出来是")).to_contain_text(SENTENCE)
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_text("草稿存好了，1 条规则")).to_be_visible()
    picture(page, "1-built")


def try_last_week(page: Page, world: World) -> None:
    """Compare with what is in force, over the orders of the last seven days as the form proposes."""
    page.get_by_role("link", name="先试试").click()
    page.get_by_role("button", name="开始比").click()
    drain(backtest_next, world)
    expect(page.get_by_text("比完了")).to_be_visible()
    picture(page, "2-tried")
    expect(page.get_by_role("heading", name="新拦下")).to_have_text("新拦下 2")
    page.get_by_role("navigation", name="种类").get_by_role("link", name="新拦下").click()
    expect(page.get_by_role("region", name="变了的单").get_by_role("row")).to_have_count(3)
    page.get_by_role("link", name="财务审核").click()
    page.get_by_role("link", name="编辑").click()


def activate_it(page: Page) -> None:
    page.get_by_role("link", name="去启用").click()
    picture(page, "3-version")
    page.get_by_role("button", name="启用 v1").click()
    expect(page.get_by_text("生效中").first).to_be_visible()


def see_what_it_stopped(page: Page) -> None:
    """The order in the queue of the tier, its page with the rule's name, and why, condition by condition."""
    menu(page).get_by_role("link", name="待财审").click()
    picture(page, "4-queue")
    expect(page.get_by_role("link", name="N-COD")).to_be_visible()
    expect(page.get_by_text("N-VIP")).to_have_count(0)
    expect(page.get_by_text("N-PLAIN")).to_have_count(0)
    page.get_by_role("link", name="N-COD").click()
    picture(page, "5-order")
    expect(page.get_by_text(f"财审：{NAME}")).to_be_visible()
    page.get_by_role("link", name="为什么").click()
    picture(page, "6-why")
    expect(page.get_by_text(NAME).first).to_be_visible()


def test_a_newcomer_writes_tries_and_activates_a_rule_and_sees_what_it_stops(page: Page, world: World) -> None:
    make_a_rule_set(page)
    build_the_rule(page)
    try_last_week(page, world)
    activate_it(page)
    an_order(world, [a_line(paid=8800)], no="N-PLAIN")
    an_order(world, [a_line(paid=8800)], no="N-VIP", is_cod=True, buyer={"external_id": "vip", "nick": "买**"})
    an_order(world, [a_line(paid=8800)], no="N-COD", is_cod=True)
    advance(world)
    see_what_it_stopped(page)
