"""Connecting a shop in a real browser, whose policy must let the form lead on to the platform's page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from oms.app.kernel.hub import Hub
from tests.console.test_connecting import Granted

pytestmark = pytest.mark.browser


def test_a_shop_is_connected_and_its_owner_reaches_the_platform(page: Page, day: dict[str, int], hub: Hub) -> None:
    hub.vendors["granted"] = Granted
    page.goto("/settings/shops/new/granted")
    page.fill("#code", "G-1")
    page.fill("#name", "授权店一号")
    page.fill("[name='field.app_key']", "42")
    page.fill("[name='field.app_secret']", "x")
    page.get_by_role("button", name="接入").click()
    expect(page.get_by_role("status").first).to_contain_text("已接入")
    page.route("https://open.example.com/**", lambda route: route.fulfill(body="platform", content_type="text/plain"))
    page.get_by_role("button", name="去授权").click()
    page.wait_for_url("https://open.example.com/authorize?**")
