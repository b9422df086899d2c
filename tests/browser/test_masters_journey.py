"""An admin in a real browser: switches a detector for one shop, puts a phone on the blacklist, corrects a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from oms.app.kernel.hub import Hub
from oms.db.channels import Shop
from oms.db.handling import DetectorSetting
from oms.db.parties import BlacklistEntry
from oms.db.people import User

pytestmark = pytest.mark.browser
WIDE = """() => [document.documentElement, document.querySelector('#main')]
  .filter(e => e.scrollWidth > e.clientWidth).map(e => `${e.tagName} ${e.scrollWidth}>${e.clientWidth}`)"""
TABLES = ("cost", "floor", "blacklist", "level", "member", "sku", "coverage")


@pytest.fixture
def dark(hub: Hub, day: dict[str, int]) -> Iterator[None]:
    with hub.begin() as connection:
        connection.execute(update(User).where(User.id == day["user"]).values(theme="dark"))
    yield
    with hub.begin() as connection:
        connection.execute(update(User).where(User.id == day["user"]).values(theme="light"))


def picture(page: Page, name: str) -> None:
    """A picture at both widths, when somebody asks for them."""
    folder = os.environ.get("OMS_PICTURES")
    for width, height in ((1280, 800), (768, 1024)) if folder else ():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=Path(str(folder)) / f"{name}-{width}.png")


def test_a_detector_is_switched_on_for_one_shop(page: Page, hub: Hub, day: dict[str, int]) -> None:
    with hub.begin() as connection:
        name = connection.scalar(select(Shop.name).order_by(Shop.id).limit(1))
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/settings/detectors")
    picture(page, "detectors")
    page.get_by_label("适用范围").last.select_option(label=f"店铺 {name}")
    expect(page.get_by_role("heading", name=f"店铺 {name} 的检测项")).to_be_visible()
    page.get_by_label("有卖家备注 开或关").select_option(label="打开")
    page.get_by_role("button", name="存「有卖家备注」").click()
    expect(page.get_by_text("「有卖家备注」在这里打开了")).to_be_visible()
    expect(page.get_by_label("有卖家备注 开或关")).to_have_value("on")
    with hub.begin() as connection:
        assert list(connection.scalars(select(DetectorSetting.scope))) == ["shop"]


def test_a_phone_goes_onto_the_blacklist_and_a_bad_row_comes_back(page: Page, hub: Hub, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/settings/masters/blacklist")
    page.get_by_label("类型").fill("电话")
    page.get_by_label("内容").fill("13800000001")
    page.get_by_label("原因", exact=True).fill("连续三次拒收")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("cell", name="连续三次拒收")).to_be_visible()
    expect(page.locator("#main")).not_to_contain_text("13800000001")
    file = tmp_path / "list.csv"
    file.write_text("类型,内容,原因\n买家,tb-9,欺诈\n狗,1,咬人\n", "utf-8")
    page.get_by_label("Excel 或 CSV").set_input_files(file)
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_text("改了 1 行")).to_be_visible()
    expect(page.get_by_role("cell", name="咬人")).to_be_visible()
    picture(page, "blacklist")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载有问题的行").click()
    assert download.value.suggested_filename == "blacklist-refused.xlsx"
    with hub.begin() as connection:
        assert len(list(connection.scalars(select(BlacklistEntry.id)))) == 2


def test_nothing_scrolls_sideways_at_768_and_1280(page: Page) -> None:
    found = {}
    for path in ("/settings/detectors", *(f"/settings/masters/{code}" for code in TABLES)):
        page.goto(path)
        for width in (1280, 768):
            page.set_viewport_size({"width": width, "height": 900})
            found[f"{path} {width}"] = page.evaluate(WIDE)
    assert {path: wide for path, wide in found.items() if wide} == {}


def test_the_pages_are_readable_in_the_dark(page: Page, dark: None) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    for name, path in (("detectors-dark", "/settings/detectors"), ("blacklist-dark", "/settings/masters/blacklist")):
        page.goto(path)
        picture(page, name)
        assert page.locator("html").get_attribute("data-theme") == "dark"
