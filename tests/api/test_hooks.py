"""Pushes of other systems: the raw request goes on untouched, the vendor's exact bytes come back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from urllib.parse import urlencode

import orjson
import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from connectors.registry import all_vendors
from oms.api import hooks
from oms.app.kernel.hub import Hub

SALT = "salt-of-the-test"


@pytest.fixture(scope="module", autouse=True)
def account(hub: Hub) -> Iterator[None]:
    hub.vendors = dict(all_vendors())
    secrets = hub.keys.seal_secret(orjson.dumps({"key": "k", "customer": "c", "salt": SALT}), "account 1")
    with hub.begin() as connection:
        connection.execute(
            text(
                "insert into account (id, family, vendor, name, push_token, sealed_secrets, secrets_key_id) "
                "values (1, 'carrier', 'kuaidi100', 'kd', 'tok', :sealed, :key)"
            ),
            {"sealed": secrets, "key": hub.keys.current},
        )
    yield
    hub.vendors = {}


def a_form(number: str = "75300002", salt: str = SALT) -> dict[str, str]:
    scan = {"ftime": "2026-11-23 09:10:00", "time": "2026-11-23 09:10:00", "context": "已签收", "statusCode": "3"}
    trail = {"message": "ok", "state": "3", "status": "200", "ischeck": "1", "com": "zhongtong", "nu": number}
    param = json.dumps({"status": "shutdown", "message": "", "lastResult": {**trail, "data": [scan]}})
    return {"param": param, "sign": hashlib.md5((param + salt).encode()).hexdigest().upper()}


def push(app: Flask, body: bytes | str, token: str = "tok", family: str = "carrier") -> TestResponse:
    address = f"/hooks/{family}/kuaidi100/{token}"
    return app.test_client().post(address, data=body, content_type="application/x-www-form-urlencoded")


def stored(hub: Hub) -> int:
    with hub.begin() as connection:
        return int(connection.execute(text("select count(*) from push_message")).scalar_one())


def refused(hub: Hub) -> int:
    with hub.begin() as connection:
        return int(connection.execute(text("select coalesce(sum(count), 0) from refused_push")).scalar_one())


def test_a_genuine_push_is_stored_and_answered_in_the_vendor_s_bytes(hub: Hub, app: Flask) -> None:
    before = stored(hub)
    answer = push(app, urlencode(a_form()))
    assert answer.status_code == 200
    assert answer.json["result"] is True
    assert stored(hub) == before + 1


def test_a_replay_is_answered_alike_and_stored_once(hub: Hub, app: Flask) -> None:
    body = urlencode(a_form("75300003"))
    first = push(app, body)
    before = stored(hub)
    again = push(app, body)
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert stored(hub) == before


def test_a_wrong_signature_is_refused_in_the_vendor_s_way_and_counted(hub: Hub, app: Flask) -> None:
    before = stored(hub), refused(hub)
    answer = push(app, urlencode(a_form(salt="another")))
    assert answer.json["result"] is False
    assert (stored(hub), refused(hub)) == (before[0], before[1] + 1)


def test_a_push_that_is_too_large_is_refused_in_the_vendor_s_way_and_counted(hub: Hub, app: Flask) -> None:
    before = stored(hub), refused(hub)
    answer = push(app, b"x" * (hooks.LARGEST + 1))
    assert answer.json["result"] is False
    assert (stored(hub), refused(hub)) == (before[0], before[1] + 1)


def test_one_that_is_just_small_enough_is_read(hub: Hub, app: Flask) -> None:
    answer = push(app, (urlencode(a_form("75300004")) + "&more=").ljust(hooks.LARGEST, "x"))
    assert answer.json["result"] is True


@pytest.mark.parametrize(("token", "family"), [("other", "carrier"), ("tok", "warehouse")])
def test_an_unknown_address_is_not_found(app: Flask, token: str, family: str) -> None:
    assert push(app, urlencode(a_form()), token, family).status_code == 404


def test_a_paused_account_asks_the_sender_to_come_again(hub: Hub, app: Flask) -> None:
    with hub.begin() as connection:
        connection.execute(text("update account set state = 'paused'"))
    try:
        assert push(app, urlencode(a_form())).status_code == 503
    finally:
        with hub.begin() as connection:
            connection.execute(text("update account set state = 'active'"))


def test_only_posts_are_taken(app: Flask) -> None:
    assert app.test_client().get("/hooks/carrier/kuaidi100/tok").status_code == 405
