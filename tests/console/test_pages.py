"""Every page: it opens, in both languages, holds to the strict policy and asks for its permission."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from oms.app.kernel.hub import Hub
from oms.console.icons import ICONS
from oms.console.permissions import PERMISSIONS
from oms.console.security import SIGNED_IN, Person
from oms.db.people import User
from tests.console import busy_day, factories
from tests.console.browsing import page_of, send

REFUSING = "/stock/quotas/policy"
PATHS = (
    "/",
    "/steps",
    "/orders",
    "/orders/new",
    "/orders/import",
    "/cases",
    "/cases?show=all",
    "/orders?phase=review&hold=bad_address&cod=1&presale=1&status=open&step=3",
    "/review?tier=1",
    "/review?tier=8",
    "/rules/gifts",
    "/operations/sync",
    "/operations/parked",
    "/operations/outbound",
    "/operations/outbound?state=unknown",
    "/operations/interceptions",
    "/operations/stop",
    "/settings/shops",
    "/settings/listings",
    "/settings/listings?show=matched&find=LY",
    "/settings/opening",
    "/settings/people",
    "/me",
)


@pytest.fixture(scope="module")
def busy(hub: Hub, world: factories.World) -> dict[str, int]:
    """A day with everything on it."""
    with hub.begin() as connection:
        return busy_day.a_busy_day(connection, world)


def as_person(app: Flask, **changes: object) -> FlaskClient:
    """A browser of somebody else."""
    before = app.config["CONSOLE_PERSON"]
    values = {"id": before.id, "display_name": "阿柚", "permissions": before.permissions} | changes
    app.config["CONSOLE_PERSON"] = Person(**values)
    return app.test_client()


@pytest.fixture(autouse=True)
def same_person_again(app: Flask) -> object:
    """Whoever a test lets in leaves with it."""
    before = app.config["CONSOLE_PERSON"]
    yield
    app.config["CONSOLE_PERSON"] = before


@pytest.mark.parametrize("path", PATHS)
def test_every_page_opens_and_keeps_the_strict_policy(client: FlaskClient, busy: dict[str, int], path: str) -> None:
    page = page_of(client, path)
    assert not re.search(r"<[^>]+\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_english_for_who_reads_english(app: Flask, busy: dict[str, int], path: str) -> None:
    page = page_of(as_person(app, display_name="Ann", locale="en"), path)
    left = set(re.findall(r"[\u3400-\u9fff]+", page))
    stored = "罗雅天猫旗舰店 罗雅家居专营店 天猫账号 华东主仓接口 中通 货品未备案 状态码不认识 青禾 天 已出库 中文"
    stored += "".join(f"{name}{variant}" for _code, name, variant in factories.GOODS)
    assert {word for word in left if not set(word) <= set(stored)} == set()


def test_an_order_page_holds_to_the_policy_too(client: FlaskClient, busy: dict[str, int]) -> None:
    page = page_of(client, f"/orders/{busy['order']}")
    assert not re.search(r"<[^>]+\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)
    assert 'aria-current="step"' in page


def test_answers_carry_strict_headers(client: FlaskClient) -> None:
    headers = client.get("/orders").headers
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_every_route_names_a_known_permission(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint in ("static", "console.static"):
            continue
        view = app.view_functions[rule.endpoint]
        permission = getattr(view, "permission", None)
        assert permission in {*PERMISSIONS, SIGNED_IN} or getattr(view, "open_to_all", ""), rule.endpoint


def test_a_menu_shows_only_what_a_person_may_use(app: Flask) -> None:
    page = page_of(as_person(app, permissions=frozenset({"order.view"})), "/")
    assert 'href="/orders"' in page
    assert "/operations/sync" not in page.partition("<main")[0]
    assert "/settings/shops" not in page


def test_a_page_without_its_permission_is_refused_with_a_remedy(app: Flask) -> None:
    page = page_of(as_person(app, permissions=frozenset({"order.view"})), "/operations/parked", 403)
    assert "找管理员加权限" in page


def test_an_address_that_leads_nowhere_says_so(client: FlaskClient) -> None:
    assert "没有这一页" in page_of(client, "/nowhere", 404)


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    assert client.post("/operations/stop", data={"where": "all", "reason": "演练"}).status_code == 400


def test_language_and_theme_are_remembered(client: FlaskClient, hub: Hub, app: Flask) -> None:
    assert send(client, "/me/language", locale="en", next="/orders?cod=1").headers["Location"] == "/orders?cod=1"
    assert send(client, "/me/theme", theme="dark", next="//evil.example").headers["Location"] == "/"
    with hub.begin() as connection:
        statement = select(User.locale, User.theme).where(User.id == app.config["CONSOLE_PERSON"].id)
        assert connection.execute(statement).one() == ("en", "dark")


def test_every_icon_named_in_a_template_is_in_the_sprite(app: Flask) -> None:
    loader = app.jinja_env
    used = set()
    for name in loader.list_templates():
        if name.endswith(".html") and not name.startswith("security/"):
            source, _path, _fresh = loader.loader.get_source(loader, name)  # type: ignore[union-attr]
            used |= set(re.findall(r"ico\(\"([a-z0-9-]+)\"", source))
    assert used
    assert used <= set(ICONS)


@pytest.mark.parametrize("came", ["/stock/quotas?sku=A", REFUSING, "http://elsewhere.example/stock/quotas", ""])
def test_buttons_of_a_refused_form_lead_to_pages_that_open(client: FlaskClient, came: str) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/").text)
    assert token is not None
    base = came if "//" in came or not came else f"http://localhost{came}"
    asked = {"csrf_token": token[1], "pool": "1", "shop": "0", "short_hours": "x"}
    refused = client.post(REFUSING, data=asked, headers={"Referer": base} if base else {})
    assert refused.status_code == 422
    found = re.search(r'action="/me/language">.*?name="next" value="([^"]*)"', refused.text, re.S)
    assert found is not None
    assert found[1] == (came if came.startswith("/stock/quotas?") else "/")
    assert page_of(client, found[1])


def test_an_address_that_takes_forms_only_says_so_on_a_page_of_ours(client: FlaskClient) -> None:
    page = page_of(client, REFUSING, 405)
    assert "这个地址只收表单" in page
    assert 'class="nav"' in page
