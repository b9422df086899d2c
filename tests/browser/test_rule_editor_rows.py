"""Single rows of the rule editor in a real browser: dragged, searched, offered codes, times, limits, many parameters."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from oms.app.kernel.hub import Hub
from tests.browser.rule_editing import COD, EXCHANGE, RULES, a_draft, body_of, pick, pictures, row, saved

pytestmark = pytest.mark.browser


@pytest.fixture
def draft(hub: Hub, day: dict[str, int]) -> str:
    """The path of the editor of a fresh draft."""
    return a_draft(hub, "review", RULES, [{"rule": "night", "action": "send_to_tier", "per_hour": 50}])


def test_conditions_are_dragged_into_groups_and_moved_by_keys(page: Page, hub: Hub, draft: str) -> None:
    page.goto(draft)
    head = row(page, "条件组 2").get_by_label("怎么算")
    row(page, "条件 1.1").get_by_role("button", name="移动 条件 1.1").drag_to(head)
    expect(row(page, "条件 2.2").get_by_label("字段")).to_have_value("货到付款")
    page.get_by_role("button", name="移动 条件 2.2").press("ArrowLeft")
    expect(row(page, "条件 3").get_by_label("字段")).to_have_value("货到付款")
    page.keyboard.press("ArrowRight")
    expect(row(page, "条件 2.2").get_by_label("字段")).to_have_value("货到付款")
    row(page, "条件组 1").get_by_label("怎么算").first.select_option("都不满足")
    page.get_by_role("button", name="删掉 条件 2.1").click()
    saved(page)
    assert body_of(hub, draft)[0]["when"] == {"all": [{"none": [EXCHANGE]}, {"none": [COD]}]}


def test_conditions_are_moved_by_touch_alone(page: Page, hub: Hub, draft: str) -> None:
    page.goto(draft)
    page.get_by_role("button", name="移动 条件 1.1").click()
    moves = page.get_by_role("group", name="移到哪")
    expect(moves.get_by_role("button", name="上移")).to_have_attribute("aria-disabled", "true")
    pictures(page, "moves")
    moves.get_by_role("button", name="出组").click()
    expect(moves).to_be_hidden()
    expect(row(page, "条件 2").get_by_label("字段")).to_have_value("货到付款")
    page.get_by_role("button", name="移动 条件 2", exact=True).click()
    moves.get_by_role("button", name="上移").click()
    saved(page)
    assert body_of(hub, draft)[0]["when"]["all"][0] == COD


def test_a_long_list_is_searched_and_each_rule_has_an_address(page: Page, hub: Hub, day: dict[str, int]) -> None:
    rules = [RULES[2] | {"id": f"r{number}", "name": f"第 {number} 条"} for number in range(300)]
    path = a_draft(hub, "review", rules)
    page.goto(f"{path}#r123")
    expect(page.get_by_label("名称")).to_have_value("第 123 条")
    page.get_by_label("找规则").fill("第 29")
    expect(page.locator("#red-rules li:visible")).to_have_count(12)
    page.get_by_role("button", name="第 299 条").click()
    expect(page).to_have_url(re.compile("#r299$"))
    page.get_by_label("名称").fill("最后一条")
    saved(page)
    assert body_of(hub, path)[299]["name"] == "最后一条"


def test_a_sentence_is_typed_and_read_back(page: Page, hub: Hub, draft: str) -> None:
    page.goto(draft)
    expect(page.locator("#red-sentence")).to_contain_text("实付金额大于300.00元")
    page.get_by_role("button", name="改句子").click()
    typed = page.get_by_label("条件写成一句话")
    expect(typed).to_have_value("货到付款为是或者（订单来源是换货而且实付金额大于300.00元），而且不是会员等级属于「VIP」")
    typed.fill("货到付款为是，而且实付金额大于三百元")
    page.get_by_role("button", name="读成条件").click()
    expect(page.locator("#red-unread")).to_contain_text("读不懂")
    pictures(page, "sentence")
    typed.fill("货到付款为是，而且实付金额不小于99.90元")
    page.get_by_role("button", name="读成条件").click()
    expect(row(page, "条件 2").get_by_label("值")).to_have_value("99.90")
    saved(page)
    assert body_of(hub, draft)[0]["when"]["all"][1]["value"] == 9990


def test_times_limits_and_lengths_are_typed(page: Page, hub: Hub, draft: str) -> None:
    page.goto(draft)
    pick(page, "条件 2.1", "付款时间")
    row(page, "条件 2.1").get_by_label("比较").select_option("已过")
    row(page, "条件 2.1").get_by_label("值").fill("90")
    row(page, "条件 2.1").get_by_label("单位").select_option("分")
    page.get_by_role("button", name="只在这段日期").click()
    row(page, "生效时间 1").get_by_label("从").fill("2026-11-11T00:00")
    page.get_by_role("button", name="除了每周这些时段").click()
    row(page, "除外时间 1").get_by_label("从").fill("12:00")
    row(page, "除外时间 1").get_by_label("到", exact=True).fill("13:30")
    row(page, "除外时间 1").get_by_label("周日").uncheck()
    page.get_by_role("button", name="限额", exact=True).click()
    row(page, "限额 1").get_by_label("每小时最多几单").fill("20")
    saved(page)
    rule = body_of(hub, draft)[0]
    assert rule["when"]["all"][1]["none"] == [{"fact": "order.paid_at", "op": "older_than", "value": 5400}]
    assert rule["active"] == [{"from": "2026-11-10T16:00:00Z", "until": None}]
    window = {"weekdays": [1, 2, 3, 4, 5, 6], "from": "12:00", "to": "13:30", "time_zone": "Asia/Shanghai"}
    assert rule["excluded"] == [window]


def test_the_list_of_facts_is_searched_in_both_languages(page: Page, draft: str) -> None:
    page.goto(draft)
    field = row(page, "条件 2.1").get_by_label("字段")
    field.click()
    found = page.get_by_role("listbox", name="找到的").get_by_role("option")
    expect(found.first).to_be_visible()
    pictures(page, "facts")
    field.fill("amount paid")
    expect(found.first).to_have_text("实付金额amount paid")
    field.fill("order.paid_per_unit")
    expect(found).to_have_count(1)
    field.press("Escape")
    expect(field).to_have_value("会员等级")


def test_codes_that_the_hub_knows_are_offered_while_typing(page: Page, hub: Hub, draft: str) -> None:
    page.goto(draft)
    pick(page, "条件 2.1", "货品编码")
    row(page, "条件 2.1").get_by_label("比较").select_option("同时含有")
    row(page, "条件 2.1").get_by_label("加一个值").fill("枕")
    expect(page.locator("#known-sku option")).to_have_count(1)
    expect(page.locator("#known-sku option")).to_have_attribute("value", "LY-PIL-02")
    row(page, "条件 2.1").get_by_label("加一个值").fill("LY-PIL-02，LY-KET-15")
    expect(row(page, "条件 2.1").get_by_label("值", exact=True)).to_contain_text("LY-PIL-02×LY-KET-15×")
    row(page, "条件 2.1").get_by_role("button", name="删掉 LY-PIL-02").click()
    saved(page)
    leaf = body_of(hub, draft)[0]["when"]["all"][1]["none"][0]
    assert leaf == {"fact": "goods.skus", "op": "contains_all", "value": ["LY-KET-15"]}


def test_an_action_with_many_parameters_names_those_that_lack(
    chromium: Browser, address: str, hub: Hub, day: dict[str, int]
) -> None:
    context = chromium.new_context(base_url=address, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.goto(a_draft(hub, "gift", []))
    pictures(page, "empty")
    page.get_by_role("button", name="加第一条规则").click()
    page.get_by_label("名称").fill("买二送一")
    pick(page, "条件 1", "货品编码")
    row(page, "条件 1").get_by_label("加一个值").fill("LY-PIL-02，LY-KET-15")
    action = row(page, "动作 1")
    action.get_by_label("做什么").select_option("买满件数送")
    action.get_by_label("每满件数").fill("2")
    page.get_by_role("button", name="存草稿").click()
    expect(action).to_contain_text("货品编码 还没填值")
    expect(action.get_by_label("货品编码", exact=True)).to_be_focused()
    expect(action.get_by_label("每满件数")).not_to_have_attribute("aria-invalid", "true")
    pictures(page, "gift")
    action.get_by_label("货品编码", exact=True).fill("LY-TOWEL-4")
    action.get_by_label("件数", exact=True).fill("1")
    saved(page)
    assert body_of(hub, page.url.removeprefix(address))[0]["actions"] == [
        {"action": "add_gift_per_units", "params": {"per": 2, "sku": "LY-TOWEL-4", "units": 1}}
    ]
    context.close()
