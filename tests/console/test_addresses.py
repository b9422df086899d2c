"""Addresses and forms with numbers that no document can have, and what is said when a request cannot be read."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import BadRequest

from oms.console.home import page as home
from tests.console.browsing import page_of, send

TOO_LARGE = (str(2**63), "9" * 20, "9" * 5000)


def numbered(app: Flask) -> list[tuple[str, str]]:
    """(method, address with a gap for each number) of every route that holds a number."""
    found = []
    for rule in app.url_map.iter_rules():
        if "<int:" in rule.rule:
            address = "/".join("{}" if part.startswith("<int:") else part for part in rule.rule.split("/"))
            found += [
                (method, address.replace("<stream>", "orders")) for method in rule.methods or () if method in "GETPOST"
            ]
    return found


@pytest.mark.parametrize("number", TOO_LARGE, ids=["bigint", "digits", "endless"])
def test_a_number_that_no_document_can_have_is_not_there(app: Flask, client: FlaskClient, number: str) -> None:
    addresses = numbered(app)
    assert len(addresses) > 10
    for method, address in addresses:
        path = address.format(*[number] * 4)
        answer = client.get(path) if method == "GET" else send(client, path, reason="试一试")
        assert answer.status_code in (404, 405), path[:60]  # 405 where a name could stand in its place.


@pytest.mark.parametrize("number", TOO_LARGE, ids=["bigint", "digits", "endless"])
def test_a_form_with_such_a_number_is_refused_or_left_out(client: FlaskClient, number: str) -> None:
    assert send(client, "/review/preview", tier="1", id=number).status_code == 200
    assert send(client, "/review/pass", tier="1", id=number).status_code == 422
    assert send(client, "/operations/stop", where=f"shop:{number}", reason="演练").status_code == 422
    page_of(client, f"/orders?shop={number}")
    page_of(client, f"/review?tier={number}", 404)


def test_only_a_form_of_another_session_is_called_stale(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = client.post("/operations/stop", data={"where": "all", "reason": "演练"})
    assert (stale.status_code, "这一页放得太久了" in stale.text) == (400, True)

    def unreadable(*_given: object) -> None:
        raise BadRequest("odd")

    monkeypatch.setattr(home, "phase_counts", unreadable)
    odd = client.get("/")
    assert (odd.status_code, "这一页放得太久了" in odd.text) == (400, False)
    assert "没做成：发来的内容读不懂" in odd.text
