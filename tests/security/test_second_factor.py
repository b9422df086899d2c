"""The second factor: set-up with a code that works, sign-in with it, and ways back in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.console.sign_in import ensure_user
from tests.web_kit import PASSWORD, sign_in, token_of

EMAIL = "two@example.com"


@pytest.fixture
def key(hub: Hub, app: Flask) -> str:
    """An account whose second factor was just set up; the key in its authenticator app."""
    ensure_user(hub, EMAIL, PASSWORD, "viewer")
    with hub.begin() as connection:
        connection.execute(text("delete from seen_key"))
        connection.execute(
            text("update users set tf_totp_secret = null, tf_primary_method = null, mf_recovery_codes = null")
        )
    return set_up(app.test_client())


def set_up(browser: FlaskClient) -> str:
    sign_in(browser, EMAIL)
    token = token_of(browser.get("/me/second-factor"))
    shown = browser.post("/me/second-factor", data={"setup": "authenticator", "csrf_token": token})
    assert 'src="data:image/svg+xml;base64,' in shown.text
    key = re.search(r"<code>([A-Z2-7 -]+)</code>", shown.text)
    address = re.search(r'action="(/me/second-factor/[^"]+)"', shown.text)
    assert key is not None
    assert address is not None
    code = code_of(key[1], -60)
    refused = browser.post(address[1], data={"code": "000000", "csrf_token": token_of(shown)})
    assert refused.status_code == 302
    assert browser.get("/me/second-factor").text.count("关闭第二步验证") == 0
    browser.post(address[1], data={"code": code, "csrf_token": token_of(shown)})
    assert "第二步验证已启用" in browser.get("/me/second-factor").text
    return key[1]


def code_of(key: str, seconds: int = 0) -> str:
    """What the app shows now, or some seconds from now."""
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return TOTP(key=key.replace("-", "").replace(" ", ""), format="base32").generate(int(at.timestamp())).token


def enter(browser: FlaskClient, code: str) -> int:
    page = browser.get("/sign-in/code")
    return browser.post("/sign-in/code", data={"code": code, "csrf_token": token_of(page)}).status_code


@pytest.fixture
def halfway(app: Flask, key: str) -> FlaskClient:
    """A browser that has given the password only."""
    browser = app.test_client()
    answer = sign_in(browser, EMAIL)
    assert answer.headers["Location"].startswith("/sign-in/code")
    return browser


def test_the_password_alone_opens_nothing(halfway: FlaskClient) -> None:
    assert halfway.get("/me/password").status_code == 302


def test_the_code_opens(halfway: FlaskClient, key: str) -> None:
    assert enter(halfway, code_of(key)) == 302
    assert halfway.get("/me/password").status_code == 200


def test_a_wrong_code_does_not_open(halfway: FlaskClient) -> None:
    assert enter(halfway, "123456") == 200
    assert halfway.get("/me/password").status_code == 302


def test_a_code_opens_once(app: Flask, halfway: FlaskClient, key: str) -> None:
    code = code_of(key)
    assert enter(halfway, code) == 302
    second = app.test_client()
    sign_in(second, EMAIL)
    assert enter(second, code) == 200
    assert second.get("/me/password").status_code == 302


def test_guessing_codes_is_stopped(app: Flask, halfway: FlaskClient, key: str) -> None:
    for _ in range(10):
        enter(halfway, "000000")
    page = sign_in(app.test_client(), EMAIL)
    assert page.status_code in (302, 429)
    token = token_of(app.test_client().get("/sign-in"))
    answer = halfway.post("/sign-in/code", data={"code": code_of(key), "csrf_token": token})
    assert answer.status_code in (400, 429)
    assert halfway.get("/me/password").status_code == 302


def test_a_recovery_code_opens_once(app: Flask, halfway: FlaskClient, key: str) -> None:
    enter(halfway, code_of(key))
    token = token_of(halfway.get("/me/recovery-codes"))
    page = halfway.post("/me/recovery-codes", data={"generate_new_codes": "1", "csrf_token": token})
    codes = re.findall(r"<li>([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})</li>", page.text)
    assert len(codes) == 8
    assert recover(app.test_client(), codes[0]) == 302
    assert recover(app.test_client(), codes[0]) == 200
    assert recover(app.test_client(), codes[1]) == 302


def recover(browser: FlaskClient, code: str) -> int:
    sign_in(browser, EMAIL)
    page = browser.get("/sign-in/recovery")
    answer = browser.post("/sign-in/recovery", data={"code": code, "csrf_token": token_of(page)})
    assert (browser.get("/me/password").status_code == 200) == (answer.status_code == 302)
    return answer.status_code


def test_keys_and_recovery_codes_are_sealed_in_the_database(hub: Hub, app: Flask, halfway: FlaskClient, key: str) -> None:
    enter(halfway, code_of(key))
    token = token_of(halfway.get("/me/recovery-codes"))
    page = halfway.post("/me/recovery-codes", data={"generate_new_codes": "1", "csrf_token": token})
    with hub.begin() as connection:
        secret, kept = connection.execute(
            text("select tf_totp_secret, mf_recovery_codes from users where email = :e"), {"e": EMAIL}
        ).one()
    assert key.replace("-", "") not in secret
    assert not any(code in page.text for code in kept)


def test_mail_rescue_does_not_exist(halfway: FlaskClient) -> None:
    assert halfway.get("/sign-in/rescue").status_code in (404, 405)
    assert halfway.post("/sign-in/rescue", data={"help_setup": "help"}).status_code in (400, 404)
