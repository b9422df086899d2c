"""The editor of a draft in a real browser: rules by mouse, by keyboard alone, refused, taken over, in small windows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from oms.app.kernel.hub import Hub
from oms.app.rulebook.drafts import Content, edit_draft
from oms.db.people import User
from tests.browser.looking import CUT, SIDEWAYS
from tests.browser.rule_editing import RULES, a_draft, body_of, pick, pictures, row, saved, version_of

pytestmark = pytest.mark.browser


@pytest.fixture
def draft(hub: Hub, day: dict[str, int]) -> str:
    """The path of the editor of a fresh draft."""
    return a_draft(hub, "review", RULES, [{"rule": "night", "action": "send_to_tier", "per_hour": 50}])


def test_a_rule_is_shown_as_a_tree_with_its_sentence(page: Page, draft: str) -> None:
    page.goto(draft)
    expect(page.locator("#red-sentence")).to_have_text(
        "如果货到付款为是或者（订单来源是换货而且实付金额大于300.00元），而且不是会员等级属于「VIP」，"
        "那么转人工审核（级别：财审）"
    )
    expect(row(page, "条件 1.2.2").get_by_label("值")).to_have_value("300.00")
    expect(row(page, "条件 2.1")).to_contain_text("VIP")
    pictures(page, "tree")
    page.get_by_role("button", name="夜里的大单").click()
    expect(page.get_by_label("下限")).to_have_value("1000.00")
    pictures(page, "spans")
    page.get_by_role("button", name="EN", exact=True).last.click()
    expect(page.locator("#red-sentence")).to_contain_text("If amount paid is from 1000.00 CNY to 5000.00 CNY")


def test_a_rule_is_added_filled_in_and_saved_with_the_mouse(page: Page, hub: Hub, draft: str) -> None:
    page.goto(draft)
    page.get_by_role("button", name="规则", exact=True).click()
    page.get_by_label("名称").fill("大单")
    pick(page, "条件 1", "实付金额")
    row(page, "条件 1").get_by_label("比较").select_option("不小于")
    row(page, "条件 1").get_by_label("值").fill("1000.5")
    row(page, "动作 1").get_by_label("做什么").select_option("转人工审核")
    row(page, "动作 1").get_by_label("级别").select_option("物流审")
    expect(page.locator("#red-sentence")).to_have_text("如果实付金额不小于1000.50元，那么转人工审核（级别：物流审）")
    saved(page)
    rule = body_of(hub, draft)[-1]
    assert rule["name"] == "大单"
    assert rule["when"] == {"all": [{"fact": "order.paid", "op": "ge", "value": 100050}]}
    assert rule["actions"] == [{"action": "send_to_tier", "params": {"tier": "logistics"}}]


def test_a_rule_is_built_with_the_keyboard_alone(page: Page, hub: Hub, draft: str) -> None:
    page.goto(draft)
    keys = page.keyboard
    page.get_by_role("button", name="规则", exact=True).focus()
    keys.press("Enter")
    expect(page.get_by_label("名称")).to_be_focused()
    keys.type("按键规则")
    row(page, "条件 1").get_by_label("字段").focus()
    keys.type("member lev")
    keys.press("Enter")
    expect(row(page, "条件 1").get_by_label("比较")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(row(page, "条件 1").get_by_label("比较")).to_have_value("in")
    row(page, "条件 1").get_by_label("加一个值").focus()
    keys.type("VIP")
    keys.press("Enter")
    keys.type("SVIP")
    keys.press("Enter")
    row(page, "全部条件").get_by_role("button", name="条件", exact=True).press("Enter")
    expect(row(page, "条件 2").get_by_label("字段")).to_be_focused()
    keys.type("order.lines")
    keys.press("Enter")
    row(page, "条件 2").get_by_label("值").focus()
    keys.type("3")
    row(page, "条件 2").get_by_role("button", name="移动 条件 2").press("ArrowUp")
    expect(row(page, "条件 1").get_by_label("值")).to_have_value("3")
    action = row(page, "动作 1").get_by_label("做什么")
    action.focus()
    while action.input_value() != "send_to_tier":
        keys.press("ArrowDown")
    row(page, "动作 1").get_by_label("级别").focus()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Control+s")
    expect(page.locator("#red-note")).to_contain_text("草稿存好了")
    assert [leaf["fact"] for leaf in body_of(hub, draft)[-1]["when"]["all"]] == ["order.lines", "buyer.level"]


def test_what_is_missing_is_shown_at_its_row_and_has_the_focus(chromium: Browser, address: str, draft: str) -> None:
    context = chromium.new_context(base_url=address, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()  # Not the usual page: a browser calls the answer 422 an error.
    page.goto(draft)
    page.get_by_role("button", name="规则", exact=True).click()
    page.get_by_label("名称").fill("半条规则")
    row(page, "全部条件").get_by_role("button", name="条件组", exact=True).click()
    pick(page, "条件 2.1", "实付金额")
    expect(page.get_by_text("还没填值")).to_have_count(0)
    row(page, "条件 2.1").get_by_label("值").fill("三百")
    page.get_by_label("名称").focus()
    expect(row(page, "条件 2.1")).to_contain_text("这不是金额 · 写成 300.00 这样")
    expect(page.locator("#red-sentence .gap")).to_have_text(["＿＿", "实付金额是＿＿", "＿＿"])
    page.get_by_role("button", name="存草稿").click()
    expect(page.locator("#red-note")).to_contain_text("没存：有 3 处要改")
    expect(row(page, "条件 1").get_by_label("字段")).to_be_focused()
    expect(row(page, "动作 1")).to_contain_text("还没选动作")
    pictures(page, "faults")
    context.close()


def test_who_comes_second_keeps_what_was_typed(chromium: Browser, address: str, hub: Hub, draft: str) -> None:
    context = chromium.new_context(base_url=address, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.goto(draft)
    page.get_by_label("名称").fill("我改的名")
    edit_draft(hub, version_of(draft), Content([], comment="清空"), 1, "user:1")
    page.get_by_role("button", name="存草稿").click()
    expect(page.locator("#red-note")).to_contain_text("你写的还在这一页")
    expect(page.get_by_role("link", name="看现在存的")).to_be_visible()
    pictures(page, "stale")
    page.get_by_role("button", name="用我写的盖过去").click()
    expect(page.locator("#red-note")).to_contain_text("草稿存好了，3 条规则")
    assert body_of(hub, draft)[0]["name"] == "我改的名"
    context.close()


def test_rules_are_moved_copied_switched_off_deleted_and_brought_back(page: Page, hub: Hub, draft: str) -> None:
    page.goto(draft)
    page.get_by_role("button", name="夜里的大单").press("Alt+ArrowUp")
    expect(page.locator("#red-rules li").first).to_contain_text("30夜里的大单")
    page.get_by_role("button", name="复制").click()
    expect(page.get_by_label("名称")).to_have_value("夜里的大单人工看 的副本")
    page.get_by_label("启用这条").uncheck()
    page.get_by_label("优先级").fill("95")
    page.get_by_label("优先级").press("Tab")
    expect(page.locator("#red-rules li").last).to_contain_text("的副本")
    page.get_by_role("button", name="老规则").click()
    page.get_by_role("button", name="删掉", exact=True).click()
    expect(page.locator("#red-rules li")).to_have_count(3)
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("#red-rules li")).to_have_count(4)
    page.locator("#red-rules li").nth(2).drag_to(page.locator("#red-rules li").first)
    saved(page)
    kept = [(rule["id"], rule["priority"], rule["enabled"]) for rule in body_of(hub, draft)]
    assert kept[:3] == [("old", 30, False), ("night", 30, True), ("f-003", 30, True)]
    assert kept[3][0] not in ("old", "night", "f-003")
    assert kept[3][1:] == (95, False)


def test_rules_that_get_in_each_others_way_are_told_after_saving(page: Page, hub: Hub, draft: str) -> None:
    page.goto(draft)
    region = page.get_by_role("region", name="存下的规则放在一起看")
    page.get_by_role("button", name="老规则").click()
    page.get_by_label("启用这条").check()
    page.get_by_role("button", name="条件", exact=True).click()
    pick(page, "条件 1", "货到付款")
    row(page, "全部条件").get_by_role("button", name="条件", exact=True).click()
    pick(page, "条件 2", "货到付款")
    row(page, "条件 2").get_by_label("值").select_option("否")
    saved(page)
    expect(region).to_contain_text("永远不会命中 老规则")
    expect(page.get_by_text("还没选字段")).to_have_count(0)
    expect(page.locator("#red-sentence")).to_have_text("如果货到付款为是，而且货到付款为否，那么直接通过")
    pictures(page, "findings")
    page.get_by_role("button", name="货到付款与高额换货送财务").first.click()
    region.get_by_role("button", name="老规则").click()
    expect(page.get_by_label("名称")).to_have_value("老规则")
    page.get_by_label("启用这条").uncheck()
    saved(page)
    expect(region).to_be_hidden()


#: Controls of the editor that nobody who cannot see would know by a name.
NAMELESS = """() => [...document.querySelectorAll('#main :is(input, select, textarea, button)')]
  .filter(e => e.checkVisibility() && e.type !== 'hidden')
  .filter(e => !e.ariaLabel && !e.labels?.length && !e.textContent.trim() && !e.title)
  .map(e => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_nothing_is_cut_and_nothing_scrolls_sideways(
    page: Page, hub: Hub, day: dict[str, int], draft: str, locale: str
) -> None:
    with hub.begin() as connection:
        connection.execute(update(User).where(User.id == day["user"]).values(locale=locale))
    found = {}
    for path in (draft, f"{draft}/text"):
        for width in (1280, 1000, 768):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(path)
            page.get_by_role("button", name="40").click() if path == draft else None
            found[path, width] = page.evaluate(CUT) + page.evaluate(SIDEWAYS) + page.evaluate(NAMELESS)
        pictures(page, f"{'text' if path != draft else 'whole'}-{locale}")
    with hub.begin() as connection:
        connection.execute(update(User).where(User.id == day["user"]).values(locale="zh"))
    assert {key: cut for key, cut in found.items() if cut} == {}


def test_the_json_of_a_draft_is_written_without_any_script(chromium: Browser, address: str, hub: Hub, draft: str) -> None:
    context = chromium.new_context(base_url=address, locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto(draft)
    page.get_by_role("link", name="用 JSON 改").click()
    text_field = page.get_by_label("规则和限额，JSON")
    text_field.fill(text_field.input_value().replace("老规则", "新名字").replace('"limits"', '"limit"'))
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_role("alert")).to_contain_text("没存")
    text_field.fill(text_field.input_value().replace('"limit"', '"limits"'))
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_role("status")).to_contain_text("草稿存好了，3 条规则")
    assert body_of(hub, draft)[2]["name"] == "新名字"
    context.close()
