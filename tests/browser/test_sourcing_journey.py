"""A pool's sourcing is set, tried first and undone, its plan switched on and read, in a real browser at every width."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from oms.app.kernel.hub import Hub
from oms.app.stock.planning.renewing import renew_next
from tests.app.test_sourcing_plans import BOTH, have, sent_from
from tests.browser.looking import cut, picture, somebody, speaking
from tests.factories import World, a_line

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hub(lived: World) -> Hub:
    return lived.hub


@pytest.fixture(scope="module")
def day(lived: World) -> dict[str, int]:
    """A day of orders over two points; of what all want some is left at both, of the rest only at the first."""
    lived.run("update stock_pool set name = '华东仓群'")
    lived.run("update shop set name = '青禾旗舰店'")
    lived.run("""update stock_point set name = case id when 1 then '杭州一号仓' else '成都西部仓' end,
                 handling_amount = case id when 1 then 0 else 500 end""")
    lived.run("update sku set name = case code when 'A' then '保温杯 500 ml' when 'B' then '茶叶礼盒' else name end")
    for _ in range(4):
        sent_from(lived, a_line("1", "A"))
        sent_from(lived, *BOTH)
    have(lived, a1=4, a2=4, b1=8, b2=0)
    return {"user": somebody(lived.hub)}


def test_a_pool_is_set_tried_first_and_undone(page: Page, lived: World, day: dict[str, int]) -> None:
    assert day
    page.goto("/settings/sourcing")
    picture(page, "sourcing-none")
    page.get_by_role("link", name="华东仓群").first.click()
    page.get_by_role("radio", name="主备货仓").check()
    page.get_by_label("成都西部仓 排第几").fill("1")
    page.get_by_role("button", name="先试算，不生效").click()
    expect(page.get_by_role("checkbox", name="寻源试改")).to_be_checked()
    assert lived.one("select count(*) from sourcing_setting") == 0
    page.goto("/settings/sourcing/pool/1")
    page.get_by_role("radio", name="总价最低").check()
    page.get_by_label("拆单至少省").fill("2")
    page.get_by_label("要一起发的货").fill("A B")
    page.get_by_label("杭州一号仓 排第几").fill("1")
    page.get_by_role("button", name="存", exact=False).first.click()
    expect(page.get_by_text("寻源设置已存")).to_be_visible()
    picture(page, "sourcing-saved")
    page.get_by_role("region", name="改动").get_by_role("button", name="撤销").click()
    expect(page.get_by_role("region", name="改动")).to_contain_text("撤销了前一次")
    assert lived.one("select count(*) from sourcing_setting") == 0


def test_a_plan_is_switched_on_and_read(page: Page, lived: World, day: dict[str, int]) -> None:
    assert day
    page.goto("/settings/sourcing/plans/1")
    expect(page.get_by_text("这个库存池还没开计划")).to_be_visible()
    picture(page, "sourcing-plan-none")
    page.get_by_label("做计划").select_option("on")
    page.get_by_role("button", name="存", exact=False).first.click()
    expect(page.get_by_text("第一次正在算").first).to_be_visible()
    assert renew_next(lived.hub) == 1
    page.reload()
    expect(page.get_by_role("region", name="紧缺的货值多少")).to_contain_text("保温杯")
    expect(page.get_by_role("region", name="按单的样子").get_by_role("row", name="几种货")).to_contain_text("%")
    page.get_by_role("button", name="现在算一次").click()
    expect(page.get_by_text("排上了")).to_be_visible()
    assert renew_next(lived.hub) == 1


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_nothing_is_cut_at_any_width(page: Page, lived: World, day: dict[str, int], locale: str) -> None:
    assert day
    speaking(lived.hub, locale)
    pages = {
        "list": "/settings/sourcing", "place": "/settings/sourcing/pool/1", "shop": "/settings/sourcing/shop/1",
        "plans": "/settings/sourcing/plans", "plan": "/settings/sourcing/plans/1", "transit": "/settings/masters/transit",
    }  # fmt: skip
    assert cut(page, pages, f"sourcing-{{}}-{locale}", height=1700) == {}
