"""Every route names the permission it asks for, or says why it needs none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from oms.app.kernel.hub import Hub
from oms.console.permissions import BUILT_IN_ROLES, PERMISSIONS
from oms.console.security import SIGNED_IN
from oms.console.sign_in import ensure_user
from tests.web_kit import PASSWORD, sign_in

#: Flask-Security's pages for people who are not signed in yet.
BEFORE_SIGN_IN = {
    "security.login",
    "security.logout",
    "security.two_factor_token_validation",
    "security.mf_recovery",
    "security.two_factor_rescue",
    "security.tf_select",
}
#: Its pages that ask for a session themselves; the second test below makes sure.
OWN_SETTINGS = {
    "security.verify",
    "security.change_password",
    "security.two_factor_setup",
    "security.two_factor_setup_validate",
    "security.mf_recovery_codes",
}
FILES = {"console.static", "security.static"}


def the_rules(app: Flask) -> Iterator[tuple[Rule, object]]:
    for rule in app.url_map.iter_rules():
        yield rule, app.view_functions[rule.endpoint]


def test_every_route_declares_a_known_permission_or_why_it_has_none(app: Flask) -> None:
    undeclared = [
        f"{rule.rule} ({rule.endpoint})"
        for rule, view in the_rules(app)
        if rule.endpoint not in BEFORE_SIGN_IN | OWN_SETTINGS | FILES
        and getattr(view, "permission", None) not in {*PERMISSIONS, SIGNED_IN}
        and not getattr(view, "open_to_all", "")
    ]
    assert undeclared == []


def test_only_hooks_health_the_description_and_buyers_links_are_open(app: Flask) -> None:
    opened = {rule.rule for rule, view in the_rules(app) if getattr(view, "open_to_all", "")}
    assert opened == {
        "/hooks/<family>/<vendor>/<token>",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/openapi.json",
        "/api/docs",
        "/t/<link>",
    }


def test_nothing_of_the_console_answers_before_sign_in(app: Flask, browser: FlaskClient) -> None:
    answered = []
    for rule, view in the_rules(app):
        guarded = hasattr(view, "permission") or rule.endpoint in OWN_SETTINGS
        if not guarded or rule.rule.startswith("/api/"):
            continue
        address = rule.rule
        for name in rule.arguments:
            address = address.replace(f"<int:{name}>", "1").replace(f"<{name}>", "1")
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        answer = browser.open(address, method=method)
        led_away = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")
        if not led_away and answer.status_code not in (400, 401, 404, 405):
            answered.append((method, address, answer.status))
    assert answered == []


def test_the_permissions_of_built_in_roles_exist() -> None:
    assert all(role.permissions <= PERMISSIONS.keys() for role in BUILT_IN_ROLES.values())
    assert BUILT_IN_ROLES["admin"].permissions == PERMISSIONS.keys()


@pytest.mark.parametrize("role", sorted(BUILT_IN_ROLES))
def test_everybody_has_a_home_page(hub: Hub, app: Flask, role: str) -> None:
    ensure_user(hub, f"{role}@example.com", PASSWORD, role)
    browser = app.test_client()
    sign_in(browser, f"{role}@example.com")
    assert browser.get("/", follow_redirects=True).status_code == 200


def test_a_page_beyond_the_role_is_refused(hub: Hub, app: Flask) -> None:
    ensure_user(hub, "only-looks@example.com", PASSWORD, "viewer")
    browser = app.test_client()
    sign_in(browser, "only-looks@example.com")
    answer = browser.get("/api/v1/changes")
    assert answer.status_code == 403
    assert answer.json["detail"] == "the permission feed.view is missing"
