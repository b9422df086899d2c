"""Two variants are tried over open orders and read side by side, and replanning is switched on, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from oms.app.kernel.hub import Hub
from oms.app.pipeline.replanning.pump import replan_next
from oms.app.pipeline.variants.running import trial_next
from tests.browser.looking import cut, picture, somebody, speaking
from tests.factories import World, a_line, a_world, advance, an_order, drain, receive_stock

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lived(database_url: str) -> Iterator[World]:
    world = a_world(database_url, stock=0, window=7200)
    yield world
    world.hub.engine.dispose()


@pytest.fixture(scope="module")
def hub(lived: World) -> Hub:
    return lived.hub


@pytest.fixture(scope="module")
def day(lived: World) -> dict[str, int]:
    """Open orders over two points, some of them split because their goods came one after the other."""
    with lived.hub.begin() as connection:
        for code in "ABCDE":
            receive_stock(connection, 1 + (code in "BD"), lived.skus[code], 30)
    lived.run("update stock_pool set name = '华东仓群'")
    lived.run("update stock_point set name = case id when 1 then '杭州一号仓' else '成都西部仓' end")
    lived.run("update carrier set name = case id when 1 then '中通快递' when 2 then '圆通速递' else '顺丰速运' end")
    for number in range(18):
        goods = ["ABCDE"[number % 5], "ABCDE"[(number * 3 + 1) % 5]]
        an_order(lived, [a_line(str(at), code, 1 + number % 2) for at, code in enumerate(dict.fromkeys(goods))],
                 no=f"43000000000{number:08d}")  # fmt: skip
    advance(lived)
    with lived.hub.begin() as connection:
        for code in "ABCDE":
            receive_stock(connection, 1 + (code not in "BD"), lived.skus[code], 6)
    return {"user": somebody(lived.hub)}


def write(page: Page, name: str, *, out: str = "", tariff: str = "") -> None:
    page.goto("/rules/variants/new")
    page.get_by_role("textbox", name="名字").fill(name)
    if out:
        page.get_by_label(out, exact=True).check()
    if tariff:
        page.get_by_label(f"{tariff} 的运费，百分之几").fill("150")
    page.get_by_role("button", name="存下方案").click()
    expect(page.get_by_role("checkbox", name=name)).to_be_visible()


def test_variants_are_written_tried_and_read_side_by_side(page: Page, lived: World, day: dict[str, int]) -> None:
    assert day
    page.goto("/rules/variants")
    picture(page, "variants-none")
    write(page, "杭州仓停一天", out="杭州一号仓")
    write(page, "中通涨价一半", tariff="中通快递")
    page.get_by_role("checkbox", name="杭州仓停一天").check()
    page.get_by_role("checkbox", name="中通涨价一半").check()
    page.get_by_role("button", name="开始算").click()
    expect(page.locator("#found header").first).to_contain_text("排队中")
    assert drain(trial_next, lived) == 1
    expect(page.locator("#found header").first).to_contain_text("算完了")
    expect(page.get_by_role("region", name="并排看").get_by_role("row", name="总费用")).to_be_visible()
    page.get_by_role("navigation", name="方案").get_by_text("中通涨价一半").click()
    expect(page.locator("#changes tbody tr").first).to_contain_text("圆通速递")


def test_replanning_is_switched_on_and_says_what_it_saved(page: Page, lived: World, day: dict[str, int]) -> None:
    assert day
    page.goto("/settings/replanning")
    page.get_by_label("华东仓群 开或关").select_option("on")
    page.get_by_role("button", name="存「华东仓群」").click()
    expect(page.get_by_text("「华东仓群」开着了，马上看一遍")).to_be_visible()
    assert replan_next(lived.hub) > 0
    page.reload()
    expect(page.locator(".head")).to_contain_text("少发")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_nothing_is_cut_at_any_width(page: Page, lived: World, day: dict[str, int], locale: str) -> None:
    assert day
    speaking(lived.hub, locale)
    trial = lived.one("select max(id) from variant_trial")
    variant = lived.one("select min(id) from routing_variant")
    pages = {
        "list": "/rules/variants", "form": f"/rules/variants/{variant}", "trial": f"/rules/trials/{trial}?side=2",
        "replanning": "/settings/replanning",
    }  # fmt: skip
    assert cut(page, pages, f"variants-{{}}-{locale}") == {}
