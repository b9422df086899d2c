"""Who may call: keys, sessions with their token, and nobody else."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.console.sign_in import ensure_user
from tests.api.conftest import Caller, MakeCaller
from tests.web_kit import PASSWORD, sign_in, token_of


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer nonsense", "Bearer \x7f", "oms_x"])
def test_without_a_key_in_force_nothing_is_answered(app: Flask, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    answer = app.test_client().get("/api/v1/orders", headers=headers)
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["remedy"]


def test_a_revoked_key_is_refused(hub: Hub, make_caller: MakeCaller) -> None:
    caller = make_caller("order.view")
    assert caller.get("/orders").status_code == 200
    with hub.begin() as connection:
        connection.execute(text("update api_key set revoked_at = now()"))
    assert caller.get("/orders").status_code == 401
    with hub.begin() as connection:
        connection.execute(text("update api_key set revoked_at = null"))


def test_a_key_does_what_it_was_given_and_no_more(make_caller: MakeCaller) -> None:
    caller = make_caller("stock.view")
    assert caller.get("/stock").status_code == 200
    refused = caller.get("/orders")
    assert refused.status_code == 403
    assert refused.json["detail"] == "the permission order.view is missing"


def test_only_the_hash_of_a_key_is_kept(hub: Hub, caller: Caller) -> None:
    with hub.begin() as connection:
        rows = connection.execute(text("select key_hash::text || name from api_key")).scalars().all()
    assert rows
    assert not any(caller.key in row for row in rows)


def test_a_session_reads_but_changes_only_with_the_page_s_token(hub: Hub, app: Flask, shops: tuple[int, int]) -> None:
    ensure_user(hub, "api@example.com", PASSWORD, "admin")
    browser = app.test_client()
    sign_in(browser, "api@example.com")
    assert browser.get("/api/v1/orders").status_code == 200
    body = {"scope": "shop", "scope_id": shops[0], "reason": "盘点"}
    refused = browser.post("/api/v1/emergency-stops", json=body)
    assert (refused.status_code, refused.json["field"]) == (422, "X-CSRFToken")
    headers = {"X-CSRFToken": token_of(browser.get("/me/password"))}
    assert browser.post("/api/v1/emergency-stops", json=body, headers=headers).status_code == 201


def test_a_key_beats_the_session_of_the_same_browser(hub: Hub, app: Flask, make_caller: MakeCaller) -> None:
    ensure_user(hub, "both@example.com", PASSWORD, "admin")
    caller = make_caller("stock.view")
    sign_in(caller.browser, "both@example.com")
    assert caller.get("/orders").status_code == 403
