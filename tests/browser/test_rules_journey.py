"""Rule sets as an operations lead works on them: made, tried on a share, put in force, rolled back, copied, retired."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from oms.app.kernel.hub import Hub
from oms.app.rulebook.drafts import Content, copy_version, create_draft, create_set, edit_draft
from oms.app.rulebook.troubles import pause
from oms.app.rulebook.versions import activate
from oms.db.channels import Shop, ShopGroup, UserGroup
from oms.db.people import User
from oms.db.rulebook import RuleSetVersion
from tests.app.rule_sets import a_rule
from tests.browser.looking import CUT, SIDEWAYS, picture
from tests.console import factories

pytestmark = pytest.mark.browser
PAID = {"fact": "order.paid", "op": "gt", "value": 30000}
COD = {"fact": "order.is_cod", "op": "eq", "value": True}


@pytest.fixture(scope="module")
def kept(hub: Hub, day: dict[str, int]) -> dict[str, Any]:
    """Sets of several places, one with a canary, one copied and changed since, one in trouble; ids by name."""
    actor = f"user:{day['user']}"
    with hub.begin() as connection:
        group = factories.add(connection, ShopGroup, code="flagship", name="旗舰店组")
        users = factories.add(connection, UserGroup, code="east", name="华东客服一组")
        shops = list(connection.execute(select(Shop.id).order_by(Shop.id)).scalars())
        connection.execute(update(Shop).values(shop_group_id=group, user_group_id=users))
    first = a_draft(hub, actor, "global", 0, "全局审核", a_rule("cod", "finance", name="货到付款送财审", when=COD))
    activate(hub, first, actor)
    second = create_draft(hub, set_of(hub, first), actor, comment="高额也看")
    both = (
        a_rule("cod", "finance", name="货到付款送财审", when=COD, priority=10),
        a_rule("big", "service", name="高额送客审", when=PAID, stop=True),
    )
    edit_draft(hub, second, Content(list(both), [], "高额也看"), 1, actor)
    activate(hub, second, actor)
    copy = copy_version(hub, second, "shop", shops[0], actor, name="天猫旗舰店审核")
    changed = a_rule("cod", "service", name="货到付款送客审", when=COD)
    edit_draft(hub, copy, Content([changed, both[1]], [], "这家店客审看货到付款"), 1, actor)
    activate(hub, copy, actor)
    third = create_draft(hub, set_of(hub, second), actor, comment="门槛降到 200")
    edit_draft(hub, third, Content([both[0], both[1] | {"when": PAID | {"value": 20000}}], [], "门槛降到 200"), 1, actor)
    activate(hub, third, actor, share=10)
    clash = a_draft(
        hub,
        actor,
        "shop_group",
        group,
        "旗舰店组审核",
        a_rule("all", "finance", stop=True, priority=1),
        a_rule("late", "service"),
    )
    with hub.begin() as connection:
        pause(hub, connection, set_of(hub, second), second, "big", "limit of send_to_tier", hub.clock())
    return {"set": set_of(hub, first), "second": second, "third": third, "copy": copy, "clash": clash, "shop": shops[0]}


def a_draft(hub: Hub, actor: str, scope: str, scope_id: int, name: str, *rules: dict[str, Any]) -> int:
    return create_set(hub, "review", scope, scope_id, name, Content(list(rules), [], "第一版"), actor)


def set_of(hub: Hub, version_id: int) -> int:
    with hub.engine.connect() as connection:
        question = select(RuleSetVersion.rule_set_id).where(RuleSetVersion.id == version_id)
        return int(connection.execute(question).scalar_one())


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_nothing_is_cut_and_nothing_scrolls_sideways(
    page: Page, hub: Hub, day: dict[str, int], kept: dict[str, Any], locale: str
) -> None:
    found: dict[str, list[str]] = {}
    paths = {
        "list": "/rules",
        "narrowed": f"/rules?place=shop:{kept['shop']}",
        "new": "/rules/new",
        "standing": f"/rules/standing?shop={kept['shop']}",
        "inheritance": "/rules/inheritance",
        "copy": f"/rules/copy?from=global:0&to=shop:{kept['shop']}",
        "troubles": "/rules/troubles",
        "set": f"/rules/{kept['set']}",
        "copied": f"/rules/{set_of(hub, kept['copy'])}",
        "version": f"/rules/{kept['set']}/versions/{kept['second']}",
        "canary": f"/rules/{kept['set']}/versions/{kept['third']}",
        "clash": f"/rules/{set_of(hub, kept['clash'])}/versions/{kept['clash']}",
    }
    for theme in ("light", "dark") if os.environ.get("OMS_PICTURES") else ("light",):
        with hub.begin() as connection:
            connection.execute(update(User).where(User.id == day["user"]).values(locale=locale, theme=theme))
        for name, path in paths.items():
            page.goto(path)
            for width in (1280, 768):
                page.set_viewport_size({"width": width, "height": 900})
                picture(page, f"rules-{name}-{locale}-{theme}-{width}")
                found[f"{name} {width}"] = page.evaluate(SIDEWAYS) + (page.evaluate(CUT) if width == 1280 else [])
    with hub.begin() as connection:
        connection.execute(update(User).where(User.id == day["user"]).values(locale="zh", theme="light"))
    assert {name: cut for name, cut in found.items() if cut} == {}


def press(page: Page, *keys: str) -> None:
    """Keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def test_a_set_is_made_tried_on_a_share_rolled_back_and_retired(page: Page, hub: Hub, kept: dict[str, Any]) -> None:
    page.goto("/rules")
    press(page, "1")
    expect(page).to_have_url("/rules/new")
    page.get_by_label("环节").select_option(label="截停")
    page.get_by_label("适用范围").select_option(label="全局")
    page.get_by_label("名称").fill("大促截停")
    page.get_by_role("button", name="建规则集").click()
    expect(page.get_by_role("status")).to_contain_text("第一份草稿还是空的")
    first = int(page.url.rsplit("/", 1)[1])
    page.get_by_label("这一版为了什么").fill("大促前先空着")
    press(page, "Tab")
    page.get_by_role("button", name="启用 v1").click()
    expect(page.get_by_role("status")).to_contain_text("v1 已启用，几秒内")
    home = page.url
    page.get_by_label("这一版为了什么").fill("拦高额")
    page.get_by_role("button", name="从 v1 建草稿").click()
    expect(page.get_by_role("status")).to_contain_text("草稿已建")
    second = int(page.url.rsplit("/", 1)[1])
    rule = {"id": "big", "name": "高额先停", "when": PAID, "actions": [{"action": "stop", "params": {"reason": "高额"}}]}
    edit_draft(hub, second, Content([rule], [], "拦高额"), 1, "user:1")
    page.reload()
    expect(page.locator(".spoken")).to_contain_text("实付金额大于300.00元")
    page.get_by_label("灰度比例").fill("20")
    page.get_by_role("button", name="灰度 v2").click()
    expect(page.get_by_text("v1 在管 80% 的单，v2 灰度 20%")).to_be_visible()
    press(page, "1")
    expect(page.get_by_role("status")).to_contain_text("灰度已推全")
    page.get_by_label("为什么回退").fill("拦得太多")
    page.get_by_role("button", name="回退到 v1").first.click()
    expect(page.get_by_role("status")).to_contain_text("已回退，几秒内所有进程都按它判断")
    expect(page.locator(".line")).to_contain_text("原来是 v2，拦得太多")
    page.get_by_text("停用这套规则").click()
    page.get_by_label("为什么停用").fill("大促结束")
    page.get_by_role("button", name="停用").click()
    expect(page.get_by_text("没有启用的版本，由更宽的范围判断")).to_be_visible()
    expect(page).to_have_url(home)
    press(page, "Control+z")
    expect(page.get_by_text("v1 在管全部订单")).to_be_visible()
    assert first < second


def test_the_list_is_walked_with_the_keyboard(page: Page, kept: dict[str, Any]) -> None:
    page.goto("/rules?stage=review")
    press(page, "j", "j", "k", "Enter")
    expect(page).to_have_url(f"/rules/{kept['set']}")
    press(page, "j", "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("全局审核 v3")
    press(page, "k")
    expect(page.get_by_role("heading", level=1)).to_have_text("全局审核 v2")


def test_a_contradicting_draft_is_activated_only_after_its_findings(page: Page, hub: Hub, kept: dict[str, Any]) -> None:
    page.goto(f"/rules/{set_of(hub, kept['clash'])}/versions/{kept['clash']}")
    expect(page.get_by_role("button", name="启用 v1")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_text("有规则轮不到、永远不会命中或互相矛盾，先看发现")).to_be_visible()
    page.get_by_text("还是要启用").click()
    page.get_by_role("button", name="启用，我看过这些发现").click()
    expect(page.get_by_role("status")).to_contain_text("v1 已启用")


def test_rules_are_copied_from_shop_to_shop_after_a_look_at_what_will_be(
    page: Page, hub: Hub, kept: dict[str, Any]
) -> None:
    page.goto("/rules/copy")
    page.get_by_label("从", exact=True).select_option(f"shop:{kept['shop']}")
    expect(page.get_by_role("heading", name="会建 1 份草稿")).to_be_visible()
    page.get_by_label("到", exact=True).select_option(label="店铺 罗雅家居专营店")
    expect(page.get_by_role("button", name="建 1 份草稿")).to_be_visible()
    press(page, "1")
    expect(page.get_by_role("status")).to_contain_text("1 份草稿已建，逐份看过再启用")
