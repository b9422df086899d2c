"""The console served for a real Chromium, which fails a test when a page breaks its own policy."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from oms.app.kernel.hub import Hub
from oms.console import register_console, vendor
from oms.console.permissions import PERMISSIONS
from oms.console.security import Person, find_people_with
from oms.db.people import User
from oms.db.session import make_engine
from tests.console import busy_day, factories
from tests.factories import World, a_world

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ACTS = ("check", "click", "fill", "hover", "press", "press_sequentially", "select_option", "set_input_files", "uncheck")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session", autouse=True)
def _seen_before_done() -> Iterator[None]:
    """A page hears clicks and choices once its script is there, and nobody acts before they see it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ACTS:
            patch.setattr(Locator, name, _once_loaded(getattr(Locator, name)))
        yield


def _once_loaded(act: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(act)
    def patient(where: Locator, *given: Any, **how: Any) -> Any:
        where.page.wait_for_load_state()
        return act(where, *given, **how)

    return patient


@pytest.fixture(scope="module")
def hub(database_url: str) -> Iterator[Hub]:
    """A hub on the wall clock, as countdowns tick in the browser."""
    engine = make_engine(database_url, name="browser tests", pool_size=4)
    yield Hub(engine, factories.a_key_ring(), {})
    engine.dispose()


@pytest.fixture(scope="module")
def lived(database_url: str) -> Iterator[World]:
    """Goods and orders that go all the way, for modules that take its hub in place of the busy day's."""
    world = a_world(database_url)
    yield world
    world.hub.engine.dispose()


@pytest.fixture(scope="module")
def day(hub: Hub) -> dict[str, int]:
    """A busy day and the person who works on it; answers ids by name."""
    with hub.begin() as connection:
        world = factories.a_world(connection, hub.keys, hub.clock())
        named = busy_day.a_busy_day(connection, world)
        named["user"] = factories.add(
            connection, User, email="qing@example.com", display_name="青禾", fs_uniquifier="qing"
        )
    return named


@pytest.fixture(scope="module")
def address(hub: Hub, day: dict[str, int]) -> Iterator[str]:
    """Where the console is served."""
    if not (vendor.TARGET / "htmx.min.js").is_file():
        vendor.copy_front_end(vendor.ROOT / "node_modules", vendor.TARGET)
    app = Flask(__name__)
    app.config.update(SECRET_KEY="browser")
    register_console(app, hub)
    find_people_with(app, lambda: _person(hub, day["user"]))
    server = make_server("127.0.0.1", 0, _whole(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)


def _person(hub: Hub, user_id: int) -> Person:
    with hub.engine.connect() as connection:
        statement = select(User.display_name, User.locale, User.theme).where(User.id == user_id)
        name, locale, theme = connection.execute(statement).one()
    return Person(user_id, name, locale, theme, frozenset(PERMISSIONS))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, else playwright's own; root has no sandbox."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] if root else [])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """A page that fails its test on any error of the browser's console, a broken policy among them."""
    context = chromium.new_context(base_url=address, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    wrong: list[str] = []
    opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    _press_when_loaded(opened)
    yield opened
    context.close()
    assert wrong == []


def _whole(app: Flask) -> Callable[..., list[bytes]]:
    """Answers are read before they are sent: the test server leaves files open for pages that were left meanwhile."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        parts = app(environ, start)
        try:
            return list(parts)
        finally:
            getattr(parts, "close", lambda: None)()

    return answer


def _press_when_loaded(page: Page) -> None:
    """A page hears keys once its script is there, and nobody types before they see it."""
    press, type_in = page.keyboard.press, page.keyboard.type

    def patient(key: str, **how: float) -> None:
        page.wait_for_load_state()
        press(key, **how)

    def patiently(text: str, **how: float) -> None:
        page.wait_for_load_state()
        type_in(text, **how)

    page.keyboard.press = patient  # type: ignore[assignment]
    page.keyboard.type = patiently  # type: ignore[assignment]
