"""Logs hold neither people nor secrets."""

from __future__ import annotations

import pytest

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
