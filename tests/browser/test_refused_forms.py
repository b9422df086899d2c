"""A form that is refused: what was typed is there again, the field is named, a second click sends nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from oms.app.kernel.hub import Hub
from oms.db.channels import Shop
from oms.db.stock import StockPool
from tests.browser.looking import picture
from tests.console import factories

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium: Browser, address: str, day: dict[str, int]) -> Iterator[Page]:
    """Not the usual page: a browser calls the answer 422 an error."""
    context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 900}, locale="zh-CN")
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    yield opened
    context.close()


@pytest.fixture(scope="module", autouse=True)
def pool(hub: Hub, day: dict[str, int]) -> int:
    """A pool that serves the shops, so that their policies are on the page."""
    with hub.begin() as connection:
        made = factories.add(connection, StockPool, code="refused", name="华东")
        connection.execute(update(Shop).values(stock_pool_id=made))
    return made


def test_what_was_typed_is_there_again_and_the_note_names_the_field(page: Page) -> None:
    page.goto("/stock/quotas")
    page.get_by_label("独占件数").fill("5")
    page.get_by_label("比例（百分数）").fill("half")
    page.get_by_label("在哪", exact=True).select_option(index=1)
    chosen = page.get_by_label("在哪", exact=True).input_value()
    page.get_by_role("button", name="存配额").click()
    expect(page.get_by_role("alert")).to_contain_text("比例（百分数） · 没保存")
    wrong = page.get_by_label("比例（百分数）", exact=True)
    expect(wrong).to_be_focused()
    expect(wrong).to_have_value("half")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("独占件数")).to_have_value("5")
    expect(page.get_by_label("在哪", exact=True)).to_have_value(chosen)
    picture(page, "refused")


def test_of_many_forms_of_a_kind_the_one_that_was_sent_is_filled(page: Page, pool: int) -> None:
    page.goto("/stock/quotas")
    form = page.locator("form[action='/stock/quotas/policy']").last.get_attribute("id")
    page.locator(f"[form='{form}'][name=late_fine]").fill("77")
    page.locator(f"[form='{form}'][name=short_hours]").fill("-3")
    page.locator(f"#{form} button").click()
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    expect(page.locator(f"[form='{form}'][name=short_hours]")).to_be_focused()
    expect(page.locator(f"[form='{form}'][name=late_fine]")).to_have_value("77")
    expect(page.locator(f"#p-{pool}-0").locator("xpath=../..").locator("[name=late_fine]")).to_have_value("")


def test_what_was_typed_outlives_a_page_that_was_too_old(page: Page) -> None:
    page.goto("/stock/quotas")
    page.evaluate("document.querySelectorAll('[name=csrf_token]').forEach(field => { field.value = 'old' })")
    page.get_by_label("独占件数").fill("8")
    page.get_by_role("button", name="存配额").click()
    page.get_by_role("link", name="回去").click()
    expect(page.get_by_label("独占件数")).to_have_value("8")
    page.reload()
    expect(page.get_by_label("独占件数")).to_have_value("")


def test_a_second_click_sends_nothing(page: Page) -> None:
    page.goto("/stock/quotas")
    page.evaluate("""() => { window.heard = []; window.addEventListener("submit", (event) => {
      window.heard.push(event.defaultPrevented); event.preventDefault(); }); }""")
    page.get_by_role("button", name="存配额").dblclick()
    assert page.evaluate("window.heard") == [False, True]


def test_what_was_done_is_not_filled_in_again(page: Page) -> None:
    page.goto("/stock/quotas")
    page.get_by_label("比例（百分数）", exact=True).fill("50")
    page.get_by_role("button", name="存配额").click()
    expect(page.get_by_role("status")).to_contain_text("配额存好了")
    expect(page.get_by_label("比例（百分数）", exact=True)).to_have_value("")


def test_a_change_of_others_since_the_page_was_opened_is_still_noticed(page: Page, hub: Hub, pool: int) -> None:
    page.goto("/stock/pools")
    form = page.locator(f"form:has([name=id][value='{pool}'])")
    seen = form.locator("[name=seen]").input_value()
    form.locator("[name=name]").fill("华东一")
    with hub.begin() as connection:
        connection.execute(update(StockPool).where(StockPool.id == pool).values(name="华东二"))
    form.locator("input[name^=rank_]").first.fill("first")
    form.locator("button[type=submit]").click()
    expect(page.locator("[aria-invalid=true]")).to_be_focused()
    expect(form.locator("[name=name]")).to_have_value("华东一")
    assert form.locator("[name=seen]").input_value() == seen


def test_a_form_without_an_answer_is_sent_again_under_its_key(page: Page) -> None:
    page.goto("/stock/receipts")
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    key = page.locator("form[action='/stock/receipts'] [name=key]").input_value()
    page.evaluate("document.querySelectorAll('[name=csrf_token]').forEach(field => { field.value = 'old' })")
    page.locator("[name=purchase_no]").fill("PO-1")
    page.evaluate("document.querySelector('form[action=\"/stock/receipts\"]').noValidate = true")
    page.locator("form[action='/stock/receipts'] button[type=submit]").click()
    page.get_by_role("link", name="回去").click()
    expect(page.locator("[name=purchase_no]")).to_have_value("PO-1")
    assert page.locator("form[action='/stock/receipts'] [name=key]").input_value() == key
