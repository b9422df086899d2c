"""What tests look for on a page: text that is cut, pages that scroll sideways; and pictures of it for people."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.db.people import User
from tests.console import factories

THEMES = ("light", "dark")
#: Text in tables and heads that is wider than its place. Prose may end in "…" where its title shows it whole;
#: a number may not.
CUT = r"""() => [...document.querySelectorAll('#main .tbl :is(td, th, td *, th *), #main :is(.head, .panel > header) *')]
  .filter(e => e.checkVisibility() && e.textContent.trim() && !['SELECT', 'INPUT', 'OPTION'].includes(e.tagName))
  .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
  .filter(e => !e.closest('[title]') || /^[\s¥$€\d,.–-]{6,}$/.test(e.textContent.trim()))
  .map(e => `${e.tagName}.${e.className} ${e.scrollWidth}>${e.clientWidth} ${e.textContent.trim().slice(0, 60)}`)"""
SIDEWAYS = """() => ['html', '#main', '#main .scroll'].map(s => document.querySelector(s))
  .filter(e => e && e.scrollWidth > e.clientWidth).map(e => `${e.tagName} ${e.scrollWidth}>${e.clientWidth}`)"""


def picture(page: Page, name: str) -> None:
    """A picture to look at, when somebody asks for it."""
    folder = os.environ.get("OMS_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def in_both_themes(page: Page) -> Iterator[str]:
    """The page light and dark, as the button of the bar makes it; names the theme."""
    for theme in THEMES:
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        yield theme


def cut(page: Page, paths: Mapping[str, str], name: str, *, height: int = 900) -> dict[str, list[str]]:
    """What is cut or scrolls sideways on a desk and a tablet, light and dark; each page is fetched once for all four."""
    found: dict[str, list[str]] = {}
    for part, path in paths.items():
        page.goto(path)
        for width in (1280, 768):
            page.set_viewport_size({"width": width, "height": height})
            for theme in in_both_themes(page):
                picture(page, f"{name.format(part)}-{width}-{theme}")
                wrong = page.evaluate(CUT) + page.evaluate(SIDEWAYS)
                if wrong:
                    found[f"{part} {width} {theme}"] = wrong
    return found


def somebody(hub: Hub) -> int:
    """The person at the console."""
    with hub.begin() as connection:
        return factories.add(connection, User, email="qing@example.com", display_name="青禾", fs_uniquifier="qing")


def speaking(hub: Hub, locale: str) -> None:
    """Everybody reads the console in this language."""
    with hub.begin() as connection:
        connection.execute(text("update users set locale = :locale"), {"locale": locale})
