"""What every answer carries: strict headers, careful cookies; and what a proxy may tell us."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.config import plain_url
from tests.security.conftest import ADMIN
from tests.web_kit import an_app, sign_in


@pytest.mark.parametrize("address", ["/sign-in", "/healthz", "/api/docs", "/api/v1/orders", "/nowhere", "/"])
def test_every_answer_forbids_foreign_scripts_frames_and_sniffing(browser: FlaskClient, address: str) -> None:
    headers = browser.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_pages_of_people_are_not_kept_by_caches(browser: FlaskClient) -> None:
    sign_in(browser, ADMIN)
    assert "no-store" in browser.get("/me/password").headers["Cache-Control"]


def test_no_page_of_sign_in_has_inline_script_or_style(browser: FlaskClient) -> None:
    pages = [browser.get("/sign-in").text]
    sign_in(browser, ADMIN)
    pages += [browser.get(at).text for at in ("/me/password", "/me/second-factor", "/me/recovery-codes", "/api/docs")]
    for page in pages:
        assert "<style" not in page
        assert " style=" not in page
        assert "<script>" not in page
        assert "http://" not in page.replace("http://www.w3.org/", "").replace("http://localhost", "")


def test_the_session_cookie_is_out_of_reach_of_scripts(browser: FlaskClient) -> None:
    cookie = sign_in(browser, ADMIN).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_tls_cookies_are_secure_and_the_proxy_names_the_caller(hub: Hub, tmp_path: Path) -> None:
    app = an_app(hub, tmp_path, public_url="https://oms.example.com")
    browser = app.test_client()
    answer = browser.get("/sign-in", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"})
    assert "Secure" in answer.headers["Set-Cookie"]
    assert browser.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 401


def test_without_tls_nobody_may_pretend_to_be_a_proxy(app: Flask, browser: FlaskClient) -> None:
    with app.test_request_context("/", headers={"X-Forwarded-For": "203.0.113.7"}):
        from flask import request

        assert request.remote_addr != "203.0.113.7"
    assert browser.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401


def test_an_address_with_a_nul_is_refused(browser: FlaskClient) -> None:
    assert browser.get("/find?q=%00").status_code == 400
    assert browser.post("/hooks/carrier/x/%00", data=b"{}").status_code == 400


def test_a_lock_that_another_holds_is_told_as_busy(hub: Hub, app: Flask, database_url: str) -> None:
    """A person waits a second at most, then hears that it is being processed."""

    def locked() -> str:
        with hub.begin() as connection:
            connection.execute(text("set local lock_timeout = 50"))
            connection.execute(text("lock table audit_root in access exclusive mode"))
        return "never"

    app.view_functions["health.alive"], kept = locked, app.view_functions["health.alive"]
    try:
        with psycopg.connect(plain_url(database_url)) as other:
            other.execute("lock table audit_root in access exclusive mode")
            answer = app.test_client().get("/healthz")
    finally:
        app.view_functions["health.alive"] = kept
    assert answer.status_code == 409
