"""Walking a list with the keyboard, and what a stop would keep back before it is placed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_keys_lead_from_one_order_of_a_list_to_the_next_and_back(page: Page, day: dict[str, int]) -> None:
    page.goto("/orders?step=3")
    page.locator("tbody tr[data-href] a").first.click()
    expect(page).to_have_url(re.compile(r"/orders/\d+\?of=orders&step=3$"))
    first = page.url
    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    expect(page).to_have_url(re.compile(r"/orders/\d+\?of=orders&step=3$"))
    page.keyboard.press("[")
    expect(page).to_have_url(first)


def test_the_stop_s_form_tells_what_it_would_keep_back(page: Page, day: dict[str, int]) -> None:
    page.goto("/operations/stop")
    expect(page.locator("#reach")).to_contain_text("选了范围")
    page.get_by_label("停哪里").select_option("all")
    expect(page.locator("#reach")).to_contain_text("合单、待下发的发货单")
