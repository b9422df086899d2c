"""JD's authorisation: codes, tokens that end, refreshing in the last day and only so often."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.sandbox.jd.twin import JdTwin
from connectors.sandbox.kit import TwinOptions

from .caller import Caller

METHOD = "jingdong.fce.alpha.getVenderCarrier"


def twin_with(folder: Path, **settings: Any) -> JdTwin:
    return JdTwin(TwinOptions(folder, seed=7, settings=settings))


def client_of(shop: Caller, grant: str) -> dict[str, str]:
    keys = shop.twin.keys
    return {"app_key": keys["app_key"], "app_secret": keys["app_secret"], "grant_type": grant}


def refresh(shop: Caller, token: str, **changed: str) -> dict[str, Any]:
    query = {**client_of(shop, "refresh_token"), "refresh_token": token, **changed}
    found: dict[str, Any] = shop.client.get("/oauth2/refresh_token", query_string=query).get_json()
    return found


def login(shop: Caller) -> str:
    query = {"app_key": shop.twin.keys["app_key"], "response_type": "code", "redirect_uri": "https://hub.example.invalid/jd",
             "state": "s1"}  # fmt: skip
    answer = shop.client.get("/oauth2/to_login", query_string=query)
    assert answer.status_code == 302
    told = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert told["state"] == ["s1"]
    return told["code"][0]


def test_a_code_is_good_for_one_token(shop: Caller) -> None:
    query = {**client_of(shop, "authorization_code"), "code": login(shop)}
    token = shop.client.get("/oauth2/access_token", query_string=query).get_json()
    assert {"access_token", "refresh_token", "expires_in", "scope", "open_id", "xid", "uid"} <= set(token)
    assert shop.call(METHOD)["error_response"]["code"] == "19"
    shop.access_token = token["access_token"]
    assert shop.ok(METHOD)
    assert shop.client.get("/oauth2/access_token", query_string=query).get_json()["en_desc"] == "invalid code"


def test_login_refuses_an_unknown_application(shop: Caller) -> None:
    answer = shop.client.get("/oauth2/to_login", query_string={"app_key": "x", "redirect_uri": "https://a.invalid"})
    assert answer.get_json()["code"] == "400"


def test_a_token_is_refreshed_in_its_last_day(tmp_path: Path) -> None:
    shop = Caller(twin_with(tmp_path, expires_in=3600))
    renewed = refresh(shop, shop.twin.keys["refresh_token"])
    assert shop.call(METHOD)["error_response"]["code"] == "19"
    shop.access_token = renewed["access_token"]
    assert shop.ok(METHOD)
    assert refresh(shop, shop.twin.keys["refresh_token"])["code"] == "401"
    shop.twin.close()


def test_a_token_is_not_refreshed_earlier(shop: Caller) -> None:
    assert refresh(shop, shop.twin.keys["refresh_token"])["en_desc"] == "refresh within the last 24 hours"


def test_an_ended_token_is_refused_and_cannot_be_refreshed(tmp_path: Path) -> None:
    shop = Caller(twin_with(tmp_path, expires_in=0))
    error = shop.call(METHOD)["error_response"]
    assert error == {"code": "19", "zh_desc": "无效的access_token", "en_desc": "Invalid access_token"}
    assert refresh(shop, shop.twin.keys["refresh_token"])["code"] == "401"
    shop.twin.close()


def test_a_month_has_only_so_many_refreshes(tmp_path: Path) -> None:
    shop = Caller(twin_with(tmp_path, expires_in=3600, refreshes_a_month=1))
    renewed = refresh(shop, shop.twin.keys["refresh_token"])
    assert refresh(shop, renewed["refresh_token"])["code"] == "403"
    shop.twin.close()


@pytest.mark.parametrize("name", ["app_key", "app_secret", "grant_type", "refresh_token"])
def test_a_refresh_without_a_parameter_is_refused(shop: Caller, name: str) -> None:
    assert refresh(shop, "x", **{name: ""})["en_desc"] == f"missing {name}"


def test_what_was_issued_survives_a_restart(tmp_path: Path) -> None:
    shop = Caller(twin_with(tmp_path, expires_in=3600))
    access = refresh(shop, shop.twin.keys["refresh_token"])["access_token"]
    number = shop.make()
    shop.twin.close()
    again = Caller(twin_with(tmp_path, expires_in=3600))
    again.access_token = access
    assert again.order(number)["orderId"] == number
    assert again.make() != number
    again.client.post("/_twin/reset")
    again.access_token = again.twin.keys["access_token"]
    assert again.search()["orderTotal"] == 0
    again.twin.close()
