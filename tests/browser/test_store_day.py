"""A day at a store as clerks click through it, found by what the screens say, at the widths people have."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from oms.app.kernel.hub import Hub
from oms.app.pipeline.stores.overdue import mark_overdue
from tests.app.shipping import ship_fulfilment
from tests.app.stores.kit import NEAR, code_of, through_store, with_stores
from tests.browser.at_stores import PICTURE, a_clerk, look
from tests.factories import World, settle

pytestmark = pytest.mark.browser


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


def test_a_day_at_the_store(page: Page, planned: World) -> None:
    due = [{"kind": "store", "amount": 1000, "paid_at": None}]
    own = through_store(planned, "store_pickup", "pickup", payments=due)
    for _ in range(3):
        ship_fulfilment(planned, planned.fulfilments(through_store(planned, "unified", "pickup"))[0].id)
    settle(planned)
    waybills = [row[0] for row in planned.rows("select waybill_no from parcel order by id")]
    _hand_store_goods_over(page, planned, own)
    _receive_a_note(page, waybills)
    _send_back_what_nobody_collected(page, planned, waybills)


def _hand_store_goods_over(page: Page, planned: World, own: int) -> None:
    page.goto("/stores")
    look(page, "tasks")
    page.get_by_role("button", name="接单").click()
    page.get_by_role("button", name="拣好了").click()
    page.get_by_label("货位").fill("A-1")
    look(page, "task-picked")
    page.get_by_role("button", name="备好").click()
    expect(page.get_by_role("status")).to_contain_text("备好了")
    page.get_by_role("navigation", name="门店菜单").get_by_role("link", name="交付").click()
    look(page, "waiting")
    page.get_by_text("A-1").click()
    parcel = planned.one("select parcel_id from store_parcel where order_id = :id", id=own)
    page.get_by_label("买家的取货码").fill(code_of(planned, parcel))
    page.get_by_label("实收").fill("10.00")
    look(page, "hand-over")
    page.get_by_role("button", name="交给买家").click()
    expect(page.get_by_role("status")).to_contain_text("交付完成")
    assert planned.phase(own) == "completed"


def _receive_a_note(page: Page, waybills: list[str]) -> None:
    page.goto("/stores/carry")
    look(page, "carry")
    page.get_by_role("button", name="装车发出").click()
    expect(page.get_by_role("status")).to_contain_text("配送单已发车")
    page.goto("/stores/arrivals")
    look(page, "arrivals")
    page.get_by_role("link", name="在途").click()
    page.get_by_label("扫运单号").fill(waybills[1])
    page.get_by_label("货位").fill("B-2")
    page.get_by_role("button", name="收下").click()
    page.get_by_label("扫运单号").fill(waybills[2])
    page.get_by_text("破损", exact=True).first.click()
    page.get_by_label("哪里坏了").fill("箱子湿了")
    page.get_by_label("照片").set_input_files({"name": "p.png", "mimeType": "image/png", "buffer": PICTURE})
    page.get_by_role("button", name="收下").click()
    page.get_by_role("button", name="收完了").click()
    expect(page.get_by_role("status")).to_contain_text("缺 1 件")
    look(page, "note")
    page.get_by_role("button", name="认定丢失").click()
    page.get_by_role("button", name="退回仓库").click()
    expect(page.get_by_text("已关闭")).to_be_visible()


def _send_back_what_nobody_collected(page: Page, planned: World, waybills: list[str]) -> None:
    planned.clock.forward(8 * 86400)
    mark_overdue(planned.hub)
    page.goto("/stores/hand-over")
    page.get_by_label("扫运单号").fill(waybills[1])
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_text("逾期未取")).to_be_visible()
    page.goto("/stores/back")
    look(page, "back")
    page.get_by_role("link", name="待发出").click()
    look(page, "transfer")
    page.get_by_role("button", name="装车发出").click()
    page.goto("/stores/carry")
    page.get_by_role("link", name="Y").first.click()
    for waybill, button in ((waybills[1], "完好收下"), (waybills[2], "收下，货已坏")):
        page.get_by_label("扫运单号").fill(waybill)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("status")).to_contain_text(waybill)
    assert planned.one("select status from transfer") == "closed"


def test_an_order_gets_its_store_by_hand_and_notices_are_set(page: Page, planned: World) -> None:
    planned.run("update shop_stores set finds_by = 'hand'")
    id_ = through_store(planned, "store_pickup", "pickup", store="")
    page.goto("/stores/unplaced")
    look(page, "unplaced")
    page.get_by_role("combobox").select_option(label="store 11")
    page.get_by_role("button", name="定这家").click()
    expect(page.get_by_role("status")).to_contain_text("门店定好了")
    settle(planned)
    assert [work.stock_point_id for work in planned.fulfilments(id_)] == [NEAR]
    page.goto(f"/orders/{id_}")
    look(page, "order")
    expect(page.get_by_text("人工指定")).to_be_visible()
    planned.run("""insert into account (id, family, vendor, name, push_token)
                   values (40, 'notifier', 'plainsms', '短信', 'tn') on conflict do nothing""")
    page.goto("/settings/stores")
    look(page, "settings")
    page.get_by_text("store 12", exact=True).click()
    page.get_by_label("青禾").last.check()
    page.get_by_role("button", name="保存店员").last.click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    assert planned.one("select count(*) from user_point where stock_point_id = 12") == 1
    page.get_by_role("combobox", name="哪一家").select_option("plainsms")
    page.get_by_placeholder("账号名").fill("短信二")
    page.get_by_role("button", name="接一个账号").click()
    expect(page.get_by_role("status")).to_contain_text("账号建好了")
    page.goto("/settings/stores")
    page.get_by_label("短信模板号，或邮件标题").fill("SMS_100")
    page.get_by_label("启用").check()
    page.get_by_role("button", name="保存").last.click()
    expect(page.get_by_role("cell", name="SMS_100")).to_be_visible()
