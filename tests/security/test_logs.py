"""Logs hold neither people nor secrets."""

from __future__ import annotations

import pytest
from flask import Flask
from structlog.testing import capture_logs

from oms.logs import DROPPED, drop_sensitive, tell_exception

CANARY = "张三 13800138000"


@pytest.mark.parametrize(
    "name",
    ["name", "receiver_name", "phone", "mobile", "Address", "buyer_nick", "password", "push_token", "app_secret",
     "sealed", "body", "raw_body", "Authorization", "cookie", "memo", "telephone"],
)  # fmt: skip
def test_fields_of_people_and_secrets_are_dropped(name: str) -> None:
    assert drop_sensitive(None, "info", {"event": "x", name: CANARY}) == {"event": "x", name: DROPPED}


def test_they_are_dropped_however_deep_they_lie() -> None:
    event = {"event": "x", "order": {"id": 1, "receiver": {"phone": CANARY}, "lines": [{"phone": CANARY}]}}
    assert CANARY not in str(drop_sensitive(None, "info", event))
    assert event["order"] == {"id": 1, "receiver": DROPPED, "lines": [{"phone": DROPPED}]}


def test_bytes_are_never_logged() -> None:
    assert drop_sensitive(None, "info", {"event": "x", "seen": CANARY.encode()})["seen"] == DROPPED


def test_what_a_pump_reports_stays_readable() -> None:
    event = {"event": "pump_report", "pump": "advance", "items": 3, "errors": 0, "state": "open", "shop_id": 4}
    assert drop_sensitive(None, "info", dict(event)) == event


def test_an_exception_is_told_by_type_and_place_without_its_words() -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        told = tell_exception(None, "error", {"event": "failed", "exc_info": error})
    assert told["exception"] == "ValueError"
    assert "test_logs.py" in told["where"][-1]
    assert CANARY not in str(told)


def test_a_defect_in_a_page_is_logged_without_the_words_of_the_error(app: Flask) -> None:
    def fail() -> str:
        raise RuntimeError(CANARY)

    kept, app.view_functions["health.alive"] = app.view_functions["health.alive"], fail
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        with capture_logs(processors=[tell_exception]) as lines:
            answer = app.test_client().get("/healthz")
    finally:
        app.view_functions["health.alive"] = kept
        app.config["PROPAGATE_EXCEPTIONS"] = None
    assert answer.status_code == 500
    assert CANARY not in answer.text
    assert [line["exception"] for line in lines] == ["RuntimeError"]
    assert lines[0]["route"] == "/healthz"
    assert CANARY not in str(lines)
