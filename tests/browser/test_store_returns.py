"""Goods brought back, a round and the day's numbers, as people at a store click through them on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from oms.app.kernel.hub import Hub
from oms.app.pipeline.stores import handing, notes
from tests.app.shipping import ship_fulfilment
from tests.app.stores.kit import NEAR, carried, code_of, doing, note_of, with_stores
from tests.app.stores.test_returns import own_goods
from tests.browser.at_stores import PICTURE, a_clerk, look
from tests.factories import World, a_line, an_order, settle

pytestmark = pytest.mark.browser
DUE = [{"kind": "cod", "amount": 1000, "paid_at": None}]


@pytest.fixture(scope="module")
def planned(lived: World) -> World:
    """A shop with two stores."""
    return with_stores(lived)


@pytest.fixture(scope="module")
def hub(planned: World) -> Hub:
    """That shop's hub."""
    return planned.hub


@pytest.fixture(scope="module")
def day(hub: Hub) -> dict[str, int]:
    """A clerk of the near store and the east warehouse."""
    return {"user": a_clerk(hub, NEAR, 1)}


def test_warehouse_goods_are_brought_back_and_wait_for_the_transfer(page: Page, planned: World) -> None:
    id_, parcel, waybill = carried(planned, lines=[a_line("1", "A", 3, 1000)])
    notes.send_note(planned.hub, doing(1), note_of(planned))
    notes.receive_parcel(planned.hub, doing(NEAR), note_of(planned), waybill, shelf="1")
    handing.hand_over(planned.hub, doing(NEAR), parcel, code_of(planned, parcel))
    page.goto("/stores/returns")
    look(page, "returns-empty")
    page.get_by_label("取货码、运单号").fill(code_of(planned, parcel))
    page.get_by_role("button", name="查找").click()
    look(page, "returns-found")
    page.get_by_role("link", name="能退到").click()
    page.get_by_label("退几件").fill("2")
    page.get_by_role("radio", name="坏了", exact=True).check()
    page.get_by_role("radio", name="货坏了").check()
    page.get_by_label("照片").set_input_files({"name": "p.png", "mimeType": "image/png", "buffer": PICTURE})
    look(page, "return-order")
    page.get_by_role("button", name="收下退货").click()
    expect(page.get_by_text("等客服审核")).to_be_visible()
    look(page, "return-waiting")
    page.get_by_role("link", name="放退运筐").click()
    look(page, "return-transfer")
    page.get_by_role("button", name="装车发出").click()
    page.goto("/stores/carry")
    page.get_by_role("link", name="Y").first.click()
    look(page, "return-arrives")
    page.get_by_role("button", name="入库").click()
    expect(page.get_by_text("良品 0，次品 2")).to_be_visible()
    case = planned.one("select id from cases where order_id = :id", id=id_)
    page.goto(f"/cases/{case}")
    look(page, "case")
    page.get_by_role("button", name="同意").click()
    page.get_by_label("怎么退的，流水号").fill("转账 1")
    look(page, "case-agreed")
    page.get_by_role("button", name="另外转账退了").click()
    expect(page.get_by_text("这张售后已经结束")).to_be_visible()


def test_money_of_the_stores_own_goods_goes_back_over_the_counter(page: Page, planned: World) -> None:
    page.goto("/settings/stores")
    page.get_by_label("店员自己做主的限额").first.fill("50")
    page.get_by_role("region", name="门店收退货").get_by_role("button", name="保存").first.click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    id_, _line = own_goods(planned, payments=[{"kind": "store", "amount": 1000, "paid_at": None}])
    page.goto(f"/stores/returns?q={planned.one('select external_no from orders where id = :id', id=id_)}")
    page.get_by_role("link", name="能退到").click()
    page.get_by_role("radio", name="不合适").check()
    page.get_by_role("button", name="收下退货").click()
    page.get_by_label("实退").fill("10.00")
    page.get_by_label("退款方式").select_option("cash")
    look(page, "return-pay")
    page.get_by_role("button", name="钱退给买家了").click()
    expect(page.get_by_text("柜台已退 ¥10.00")).to_be_visible()
    page.goto(f"/stores/returns/orders/{id_}?point={NEAR}")
    expect(page.get_by_text("没有能退的了")).to_be_visible()
    look(page, "return-none-left")


def test_a_round_on_a_phone_and_the_days_numbers(page: Page, planned: World) -> None:
    made = [carried(planned, "delivery", payments=DUE) for _ in range(3)]
    notes.send_note(planned.hub, doing(1), note_of(planned))
    for _, _, waybill in made:
        notes.receive_parcel(planned.hub, doing(NEAR), note_of(planned), waybill, shelf="C1")
    page.goto("/stores/hand-over")
    look(page, "waiting-to-bring")
    page.get_by_role("link", name="配送趟次").click()
    for _, _, waybill in made:
        page.get_by_text(waybill).click()
    look(page, "rounds")
    page.get_by_role("button", name="带走，出发").click()
    expect(page.get_by_role("heading", name="还有 3 件")).to_be_visible()
    look(page, "round")
    page.get_by_label("实收").first.fill("10.00")
    page.get_by_label("付款方式").first.select_option("cash")
    page.get_by_role("button", name="买家签收了").first.click()
    expect(page.get_by_role("heading", name="还有 2 件")).to_be_visible()
    page.get_by_text("没送成", exact=True).first.click()
    page.get_by_role("button", name="电话没人接").first.click()
    expect(page.get_by_role("heading", name="还有 1 件")).to_be_visible()
    page.get_by_text("买家不要", exact=True).first.click()
    page.get_by_role("button", name="不想要了").first.click()
    expect(page.get_by_role("heading", name="送完了")).to_be_visible()
    look(page, "round-done")
    page.get_by_role("link", name="总览").click()
    look(page, "day")
    page.get_by_label("交多少").fill("10.00")
    page.get_by_role("button", name="交款").click()
    expect(page.get_by_text("没有要交的现金")).to_be_visible()
    page.get_by_role("link", name="本店设置").click()
    look(page, "own")
    page.get_by_label("多少分钟内备好").fill("45")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("本店设置已保存")).to_be_visible()


def test_an_order_of_elsewhere_is_opened_with_its_number_and_the_phones_last_digits(page: Page, planned: World) -> None:
    id_ = an_order(planned, no="ELSE1")
    settle(planned)
    ship_fulfilment(planned, planned.fulfilments(id_)[0].id, "SF900")
    planned.run("update parcel set state = 'delivered', delivered_at = now() where waybill_no = 'SF900'")
    page.goto("/stores/returns?q=ELSE1")
    expect(page.get_by_text("这家店没有这一单")).to_be_visible()
    page.get_by_text("不是这家店的单").click()
    look(page, "returns-elsewhere")
    page.get_by_label("订单号或运单号").fill("ELSE1")
    page.get_by_label("收货手机号后四位").fill("0001")
    page.get_by_role("button", name="核对并打开").click()
    expect(page.get_by_role("heading", name="ELSE1")).to_be_visible()
