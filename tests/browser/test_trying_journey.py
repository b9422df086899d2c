"""A draft is tried on one order and on last week's, in a real browser, and one changed order is opened."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.app.pipeline.reviewing.passing import pass_orders
from oms.app.rulebook.trying.backtests import ask_backtest
from oms.app.rulebook.trying.running import backtest_next
from tests.app.rule_sets import a_rule, in_force, set_id
from tests.app.trying import COD, PAID, PERIOD, another_draft, some_orders
from tests.browser.looking import cut, picture, somebody, speaking
from tests.factories import World, advance, drain

pytestmark = pytest.mark.browser

HALF = """update backtest set state = 'running', started_at = :now, claimed_until = :now + interval '1 hour',
  done = total / 2 where id = :id"""
SHANGHAI = {"fact": "receiver.province", "op": "in", "value": ["310000", "330000"]}
LEVEL = {"all": [{"fact": "buyer.level", "op": "eq", "value": "vip"}, {"fact": "order.paid", "op": "ge", "value": 11000}]}


@pytest.fixture(scope="module")
def hub(lived: World) -> Hub:
    return lived.hub


@pytest.fixture(scope="module")
def day(lived: World) -> dict[str, int]:
    """Orders of a morning, some of them passed by people, and a draft of the rules that decided."""
    version = in_force(lived, a_rule("cod", "finance", name="货到付款送财务", when=COD), name="全部店铺的审单规则")
    orders = some_orders(lived, 16)
    lived.clock.forward(40)
    pass_orders(lived.hub, orders[:3:3], 2, "user:1")
    lived.clock.forward(400)
    pass_orders(lived.hub, orders[3:7:3], 2, "user:1")
    advance(lived)
    draft = another_draft(
        lived, version,
        a_rule("cod-dear", "finance", name="大额货到付款送财务", when={"all": [COD, PAID]}),
        a_rule("dear", "service", name="上海浙江大额客服核对", when={"all": [PAID, SHANGHAI]}),
        a_rule("vip", "courier", name="VIP 大单看快递", when=LEVEL),
    )  # fmt: skip
    user = somebody(lived.hub)
    lived.clock.forward(60)
    return {"user": user, "draft": draft, "set": set_id(lived, draft), "order": orders[5], "version": version}


def start_of(day: dict[str, int]) -> str:
    return f"/rules/{day['set']}/versions/{day['draft']}/try"


def number_of(world: World, day: dict[str, int]) -> str:
    return str(world.one("select external_no from orders where id = :id", id=day["order"]))


def test_a_draft_is_tried_before_anybody_dares_to_put_it_in_force(page: Page, lived: World, day: dict[str, int]) -> None:
    page.goto(start_of(day))
    page.get_by_label("单号", exact=True).fill(number_of(lived, day))
    page.get_by_role("button", name="试这一单").click()
    expect(page.get_by_text("生效中的规则：自动过；v2：转客审")).to_be_visible()
    page.get_by_role("button", name="开始比").click()
    expect(page.locator("#found header").first).to_contain_text("排队中")
    assert drain(backtest_next, lived) == 1
    expect(page.locator("#found header").first).to_contain_text("比完了")
    expect(page.get_by_text("16 单里 8 单的结果变了（50.0%），另有 6 单无法比较")).to_be_visible()
    page.get_by_role("navigation", name="种类").get_by_text("新拦下").click()
    expect(page.locator("#changes tbody tr")).to_have_count(4)
    page.locator("#changes tbody a").first.click()
    expect(page.get_by_role("region", name="试的这一版 v2").get_by_text("上海浙江大额客服核对")).to_be_visible()
    expect(page.get_by_role("region", name="比的那一版 v1").get_by_text("差 1 条")).to_be_visible()


def test_a_running_backtest_is_stopped(page: Page, lived: World, day: dict[str, int]) -> None:
    started = ask_backtest(lived.hub, day["draft"], PERIOD, (1,), "user:1")
    with lived.hub.begin() as connection:  # Some of it is done, by a worker that goes on elsewhere.
        connection.execute(text(HALF), {"id": started, "now": lived.clock()})
    lived.clock.forward(30)
    page.goto(f"/rules/backtests/{started}")
    expect(page.get_by_text("50%，还要 30 秒")).to_be_visible()
    picture(page, "try-running")
    with page.expect_response(lambda answer: "/progress" in answer.url):
        pass  # What is drawn again must lead back to the whole page, too.
    page.get_by_role("button", name="停下").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("回测 v2")
    expect(page.locator("#found header").first).to_contain_text("已停下")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_nothing_is_cut_at_any_width(page: Page, lived: World, day: dict[str, int], locale: str) -> None:
    speaking(lived.hub, locale)
    started = ask_backtest(lived.hub, day["draft"], PERIOD, (1,), "user:1")
    drain(backtest_next, lived)
    order = lived.one("select min(order_id) from backtest_change where backtest_id = :id and kind = 'newly_held'",
                      id=started)  # fmt: skip
    assert cut(page, pages(lived, day, started, order), f"try-{{}}-{locale}") == {}


def pages(world: World, day: dict[str, int], started: int, order: int) -> dict[str, str]:
    return {
        "start": start_of(day),
        "dry": f"{start_of(day)}?no={number_of(world, day)}",
        "result": f"/rules/backtests/{started}",
        "change": f"/rules/backtests/{started}/orders/{order}",
        "agreement": "/rules/agreement",
        "coverage": "/rules/coverage",
    }
