"""A clerk of a store, and what tests look for on the screens of a store, which people have on a phone."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from tests.browser.looking import CUT, SIDEWAYS, in_both_themes, somebody

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cfc0f01f00050001ff56c7a5d00000000049454e44ae426082"
)


def a_clerk(hub: Hub, *points: int) -> int:
    """Somebody who works at these points."""
    user = somebody(hub)
    with hub.begin() as connection:
        for point in points:
            connection.execute(
                text("insert into user_point (user_id, stock_point_id) values (:u, :p)"), {"u": user, "p": point}
            )
    return user


def look(page: Page, name: str) -> None:
    """No screen is cut or scrolls sideways, on a phone neither; pictures of it when somebody asks for them."""
    for width in (1280, 768, 390):
        page.set_viewport_size({"width": width, "height": 800})
        wrong = page.evaluate(SIDEWAYS) + (page.evaluate(CUT) if width > 1000 else [])
        folder = os.environ.get("OMS_PICTURES")
        if folder:
            for theme in in_both_themes(page):
                page.screenshot(path=Path(folder) / f"{name}-{width}-{theme}.png", full_page=True)
        if width > 400 or name == "carry" or page.locator(".store").count():  # What stores use is made for phones.
            assert wrong == [], (name, width)
    page.set_viewport_size({"width": 390, "height": 800})
