"""Wide values in a real browser: nothing in a table is cut, no page scrolls sideways, in either language."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import update

from connectors.marketplaces.taobao import Taobao
from oms.app.kernel.hub import Hub
from oms.db.people import User
from tests.browser.looking import CUT, SIDEWAYS
from tests.console import factories, wide_day
from tests.console.wide_places import wide_places

pytestmark = pytest.mark.browser
PAGES = {
    "home": "/",
    "orders": "/orders",
    "order": "/orders/{wide}",
    "merged": "/orders/{order}",
    "review": "/review?tier=1",
    "forced": "/review/forced",
    "review-settings": "/settings/review",
    "review-shop": "/settings/review/shops/{shop}",
    "cases": "/cases",
    "case": "/cases/{case}",
    "sync": "/operations/sync",
    "completeness": "/operations/completeness",
    "certificate": "/operations/completeness/{check}",
    "parked": "/operations/parked",
    "outbound": "/operations/outbound",
    "interceptions": "/operations/interceptions",
    "stop": "/operations/stop",
    "shops": "/settings/shops",
    "shop": "/settings/shops/{shop}",
    "hooks": "/settings/shops/{shop}/webhooks",
    "hook": "/settings/shops/{shop}/webhooks/{hook}",
    "observed": "/settings/shops/{shop}/observed",
    "platforms": "/settings/shops/new",
    "connect": "/settings/shops/new/taobao",
    "account": "/settings/accounts/{account}",
    "listings": "/settings/listings?shop={shop}",
    "matched": "/settings/listings?shop={shop}&show=matched",
    "opening": "/settings/opening",
    "stock": "/stock",
    "stock-points": "/stock/points",
    "stock-point": "/stock/points/new",
    "detectors": "/settings/detectors",
    "masters": "/settings/masters/blacklist",
    "keys": "/settings/keys",
    "people": "/settings/people",
    "new": "/orders/new",
    "import": "/orders/import",
    "merging": "/shipping/merging",
    "due": "/deadlines",
    "due-settings": "/settings/deadlines",
    "packing": "/packing",
    "relabel": "/labels/changes",
    "coming-back": "/returns",
    "carry": "/stores/carry",
    "unplaced": "/stores/unplaced",
    "store-settings": "/settings/stores",
    "cod": "/finance/cod",
    "partners": "/finance/partners",
    "partner": "/finance/partners/new",
    "differences": "/stock/differences",
    "counts": "/stock/counts",
    "proofs": "/stock/proofs",
    "quotas": "/stock/quotas",
    "promises": "/stock/promises",
    "replenishing": "/stock/replenishing",
    "pools": "/stock/pools",
    "coverage": "/stock/points/coverage",
    "receipts": "/stock/receipts",
    "transfers": "/stock/transfers",
    "adjustments": "/stock/adjustments",
    "parcels": "/operations/parcels",
    "sourcing": "/settings/sourcing",
    "plans": "/settings/sourcing/plans",
    "variants": "/rules/variants",
    "variant": "/rules/variants/new",
    "agreement": "/rules/agreement",
    "tried": "/rules/coverage",
    "gifts": "/rules/gifts",
    "replanning": "/settings/replanning",
    "merge-settings": "/settings/merging",
    "labels": "/settings/labels",
    "status-pages": "/settings/status-pages",
    "why": "/orders/{left_out}/why",
    "sold-through": "/finance/partners/{partner}",
    "notices": "/notices",
}
#: What people at stores use, a phone in hand.
ON_PHONES = {
    "store-tasks": "/stores?point={store}",
    "store-day": "/stores/day?point={store}",
    "store-arrivals": "/stores/arrivals?point={store}",
    "store-hand-over": "/stores/hand-over?point={store}",
    "store-rounds": "/stores/rounds?point={store}",
    "store-returns": "/stores/returns?point={store}",
    "store-back": "/stores/back?point={store}",
    "carry": "/stores/carry",
    "unplaced": "/stores/unplaced",
}


@pytest.fixture(scope="module")
def day(hub: Hub) -> dict[str, int]:
    """A day of wide values in place of the busy one."""
    hub.vendors["taobao"] = Taobao
    with hub.begin() as connection:
        world = factories.a_world(connection, hub.keys, hub.clock())
        named = wide_day.a_wide_day(connection, world)
        named["user"] = factories.add(
            connection, User, email="qing@example.com", display_name="青禾", fs_uniquifier="qing"
        )
        named |= wide_places(connection, world, named["user"])
    return named


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_nothing_is_cut_and_nothing_scrolls_sideways_at_1280(
    page: Page, hub: Hub, day: dict[str, int], locale: str
) -> None:
    with hub.begin() as connection:
        connection.execute(update(User).where(User.id == day["user"]).values(locale=locale))
    page.set_viewport_size({"width": 1280, "height": 800})
    found: dict[str, list[str]] = {}
    for name, path in PAGES.items():
        page.goto(path.format(**day))
        pictures(page, f"{name}-{locale}")
        found[name] = page.evaluate(CUT) + page.evaluate(SIDEWAYS)
    page.wait_for_load_state("networkidle")
    assert {name: cut for name, cut in found.items() if cut} == {}


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_nothing_of_a_store_scrolls_sideways_on_a_phone(page: Page, hub: Hub, day: dict[str, int], locale: str) -> None:
    with hub.begin() as connection:
        connection.execute(update(User).where(User.id == day["user"]).values(locale=locale))
    page.set_viewport_size({"width": 390, "height": 800})
    found: dict[str, list[str]] = {}
    for name, path in ON_PHONES.items():
        page.goto(path.format(**day))
        if folder := os.environ.get("OMS_PICTURES"):
            page.screenshot(path=Path(folder) / f"{name}-{locale}-390.png")
        found[name] = page.evaluate(SIDEWAYS)
    page.wait_for_load_state("networkidle")
    assert {name: wide for name, wide in found.items() if wide} == {}


def pictures(page: Page, name: str) -> None:
    """Pictures at the usual widths to look at, when somebody asks for them."""
    folder = os.environ.get("OMS_PICTURES")
    for width, height in ((1440, 900), (1920, 1080), (1280, 800)) if folder else ():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=Path(str(folder)) / f"{name}-{width}.png")
