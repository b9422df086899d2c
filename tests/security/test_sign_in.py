"""Signing in with a password: who gets in, who does not, and what is told about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.console.sign_in import ensure_user
from oms.console.sign_in.attempts import MOST_OF_ONE_ACCOUNT, WINDOW
from oms.domain.errors import Invalid
from tests.security.conftest import ADMIN
from tests.web_kit import PASSWORD, sign_in, token_of


def test_the_right_password_opens_the_console(browser: FlaskClient) -> None:
    answer = sign_in(browser, ADMIN)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "Boss" in browser.get("/me/password").text


def test_capitals_in_the_address_do_not_matter(browser: FlaskClient) -> None:
    assert sign_in(browser, "Boss@Example.COM").status_code == 302


def test_a_wrong_password_and_an_unknown_address_read_the_same(app: Flask) -> None:
    wrong = sign_in(app.test_client(), ADMIN, "not-the-password-9")
    unknown = sign_in(app.test_client(), "nobody@example.com", "not-the-password-9")
    assert wrong.status_code == unknown.status_code == 200
    note = "没登录成：邮箱或密码不对"
    assert note in wrong.text
    assert note in unknown.text


def test_sign_in_leads_back_to_the_page_that_was_wanted(browser: FlaskClient) -> None:
    led = browser.get("/orders?status=open")
    assert led.status_code == 302
    page = browser.get(led.headers["Location"])
    form = {"email": ADMIN, "password": PASSWORD, "csrf_token": token_of(page)}
    answer = browser.post(led.headers["Location"], data=form)
    assert answer.headers["Location"] == "/orders?status=open"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1"])
def test_sign_in_never_leads_to_another_site(browser: FlaskClient, elsewhere: str) -> None:
    page = browser.get("/sign-in")
    form = {"email": ADMIN, "password": PASSWORD, "csrf_token": token_of(page), "next": elsewhere}
    answer = browser.post("/sign-in", query_string={"next": elsewhere}, data=form)
    led_to = answer.headers.get("Location", "/")
    assert led_to.startswith("/")
    assert not led_to.startswith(("//", "/\\"))


def test_a_form_without_its_token_is_refused(browser: FlaskClient) -> None:
    answer = browser.post("/sign-in", data={"email": ADMIN, "password": PASSWORD})
    assert answer.status_code == 400


def test_an_account_that_is_switched_off_is_out_at_once(hub: Hub, app: Flask) -> None:
    ensure_user(hub, "leaver@example.com", PASSWORD, "viewer")
    browser = app.test_client()
    sign_in(browser, "leaver@example.com")
    assert browser.get("/me/password").status_code == 200
    with hub.begin() as connection:
        connection.execute(text("update users set active = false where email = 'leaver@example.com'"))
    assert browser.get("/me/password").status_code == 302
    assert sign_in(app.test_client(), "leaver@example.com").status_code == 200


def test_signing_out_ends_the_session_and_wants_the_page_s_token(browser: FlaskClient) -> None:
    sign_in(browser, ADMIN)
    asked = browser.post("/sign-out")
    assert asked.status_code in (200, 400)
    assert browser.get("/me/password").status_code == 200
    page = browser.get("/")
    assert '<form class="inline" method="post" action="/sign-out">' in page.text
    answer = browser.post("/sign-out", data={"csrf_token": token_of(page)})
    assert answer.headers["Location"] == "/sign-in"
    assert browser.get("/me/password").status_code == 302


def test_too_many_failures_close_the_account_for_a_while(hub: Hub, app: Flask) -> None:
    ensure_user(hub, "target@example.com", PASSWORD, "viewer")
    attacker = app.test_client()
    for _ in range(MOST_OF_ONE_ACCOUNT):
        assert sign_in(attacker, "target@example.com", "a-wrong-guess-1").status_code == 200
    blocked = sign_in(app.test_client(), "target@example.com")
    assert blocked.status_code == 429
    assert "15 分钟后再试" in blocked.text
    assert sign_in(app.test_client(), ADMIN).status_code == 302
    later = hub.clock() + WINDOW + timedelta(seconds=1)
    clock, hub.clock = hub.clock, lambda: later
    try:
        assert sign_in(app.test_client(), "target@example.com").status_code == 302
    finally:
        hub.clock = clock


def test_failures_are_counted_under_hashes(hub: Hub, browser: FlaskClient) -> None:
    sign_in(browser, "canary@example.com", "a-wrong-guess-1")
    with hub.begin() as connection:
        kept = connection.execute(text("select scope || key from seen_key where scope like 'sign_in%'")).scalars()
        assert not any("canary" in row or "127.0.0.1" in row for row in kept)


def test_passwords_are_kept_as_argon2id(hub: Hub) -> None:
    with hub.begin() as connection:
        kept = connection.execute(text("select password from users where email = :e"), {"e": ADMIN}).scalar_one()
    assert kept.startswith("$argon2id$")


@pytest.mark.parametrize(
    "password", ["short-1", "aaaaaaaaaaaa", "abababababab", "boss-boss-1234", "1234567890", "abcdefghijkl", "x" * 201]
)
def test_weak_passwords_are_refused(hub: Hub, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        ensure_user(hub, ADMIN, password, "admin")
    assert refused.value.field == "password"
    assert refused.value.remedy
    assert password not in str(refused.value)


def test_changing_the_password_ends_all_other_sessions(hub: Hub, app: Flask) -> None:
    ensure_user(hub, "changer@example.com", PASSWORD, "viewer")
    here, elsewhere = app.test_client(), app.test_client()
    sign_in(here, "changer@example.com")
    sign_in(elsewhere, "changer@example.com")
    token = token_of(here.get("/me/password"))
    fresh = "another-long-one-7"
    form = {"password": PASSWORD, "new_password": fresh, "new_password_confirm": fresh, "csrf_token": token}
    assert here.post("/me/password", data=form).status_code == 302
    assert "密码改好了" in here.get("/me/password").text
    assert elsewhere.get("/me/password").status_code == 302
    assert sign_in(app.test_client(), "changer@example.com", fresh).status_code == 302


def test_a_weak_new_password_is_refused_with_the_rule(hub: Hub, app: Flask) -> None:
    ensure_user(hub, "weak@example.com", PASSWORD, "viewer")
    browser = app.test_client()
    sign_in(browser, "weak@example.com")
    token = token_of(browser.get("/me/password"))
    form = {"password": PASSWORD, "new_password": "abc", "new_password_confirm": "abc", "csrf_token": token}
    answer = browser.post("/me/password", data=form)
    assert answer.status_code == 200
    assert "密码至少 10 位" in answer.text


def test_the_sign_in_page_speaks_the_browser_s_language(browser: FlaskClient) -> None:
    assert 'lang="zh-CN"' in browser.get("/sign-in").text
    assert 'lang="en"' in browser.get("/sign-in", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
