"""Orders brought by people in a real browser: one typed in with the keyboard alone, many from a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from connectors.marketplaces.standard import Standard
from oms.app.kernel.hub import Hub
from tests.console.test_entering import HEAD, LINE

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def knows_the_form(hub: Hub) -> None:
    hub.vendors["standard"] = Standard


def picture(page: Page, name: str) -> None:
    """A picture to look at, when somebody asks for one."""
    folder = os.environ.get("OMS_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


TYPED = {
    "sku.0": "LY-KET-15", "units.0": "2", "unit_price.0": "99.50", "name": "李四", "phone": "13812345678",
    "state": "浙江省", "city": "杭州市", "street": "文三路 1 号",
}  # fmt: skip


def fill(page: Page, **changes: str) -> None:
    """Fill the form in, the street last."""
    for field, value in (TYPED | changes).items():
        page.locator(f"[id='{field}']").fill(value)


def test_an_order_is_typed_in_with_the_keyboard_alone(page: Page, day: dict[str, int]) -> None:
    page.goto("/orders/new")
    expect(page.locator("#shop")).to_be_focused()
    page.locator("[id='sku.0']").press_sequentially("KET")
    expect(page.locator("#goods option")).to_have_count(1)
    fill(page)
    page.locator("#street").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("订单建好了")
    expect(page.get_by_role("heading", level=1)).to_contain_text("H")
    picture(page, "new-done")


def test_a_wrong_field_is_marked_and_has_the_focus(chromium: Browser, address: str, day: dict[str, int]) -> None:
    context = chromium.new_context(base_url=address, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()  # Not the usual page: a browser calls the answer 422 an error.
    page.goto("/orders/new")
    fill(page, **{"unit_price.0": "99,5x"})
    page.locator("#street").press("Enter")
    wrong = page.locator("[id='unit_price.0']")
    expect(wrong).to_be_focused()
    expect(page.locator("[id='e-unit_price.0']")).to_contain_text("逗号只能用来分千位")
    expect(page.locator("#phone")).to_have_value("13812345678")
    picture(page, "new-wrong")
    context.close()


def test_a_file_comes_in_and_its_refused_rows_are_fetched(page: Page, day: dict[str, int], tmp_path: Path) -> None:
    page.goto("/orders/import")
    page.get_by_text("每一列怎么写").click()
    picture(page, "import-columns")
    with page.expect_download() as template:
        page.get_by_role("link", name="下载模板 Excel").click()
    assert template.value.suggested_filename == "orders.xlsx"
    body = HEAD + LINE.format(no="B-1", phone="13812345678") + LINE.format(no="B-2", phone="138123456789")
    page.set_input_files("input[type=file]", {"name": "双十一补单.csv", "mimeType": "text/csv", "buffer": body.encode()})
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("status").first).to_contain_text("没导入 1 行")
    picture(page, "import-done")
    with page.expect_download() as refused:
        page.get_by_role("link", name="下载有问题的行").click()
    target = tmp_path / "refused.xlsx"
    refused.value.save_as(target)
    page.set_input_files("input[type=file]", target)
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("row", name=target.name)).to_contain_text("下载有问题的行")
