"""Signature, system parameters, tokens and faults, against the sheet."""

import time
from pathlib import Path

import pytest
from werkzeug.test import Client

from connectors.sandbox.douyin import describe
from connectors.sandbox.douyin.gateway import METHODS
from connectors.sandbox.douyin.signing import push_sign, sign
from connectors.sandbox.douyin.twin import DouyinTwin
from connectors.sandbox.kit import TwinOptions

from .caller import Caller

LIST = "order/searchList"
PAGE = {"page": 0, "size": 10}
VECTOR = {"app_key": "7000000000000000001", "method": "order.searchList", "timestamp": "1768442400", "v": "2"}
VECTOR_JSON = (
    '{"order_asc":true,"order_by":"update_time","page":0,"size":100,'
    '"update_time_end":1768442400,"update_time_start":1768440600}'
)
SIGNS = {
    "hmac-sha256": "74da9dedba2c177a260054b45f3bc8493280233c7117b6573b2ed33a3b1db50a",
    "md5": "313b965d88af820a0b2bc8db6aab6188",
}


@pytest.mark.parametrize("sign_method", SIGNS)
def test_the_sheet_s_vectors_are_signed_alike(sign_method: str) -> None:
    assert sign(VECTOR, VECTOR_JSON, "ddsecret", sign_method) == SIGNS[sign_method]


def test_the_sheet_s_push_is_signed_alike() -> None:
    body = b'[{"tag":"100","msg_id":"0:0:1:1","data":"{}"}]'
    assert push_sign("7000000000000000001", body, "ddsecret") == "7d464c04388212814bf54099664a320e"


@pytest.mark.parametrize("sign_method", SIGNS)
def test_both_ways_to_sign_are_taken(shop: Caller, sign_method: str) -> None:
    assert shop.send(LIST, PAGE, sign_method=sign_method)["code"] == 10000


@pytest.mark.parametrize(
    ("name", "sub_code"),
    [
        ("app_key", "isv.app-id-missing"),
        ("method", "isv.parameter-missing"),
        ("timestamp", "isv.parameter-missing"),
        ("v", "isv.parameter-missing"),
        ("sign", "isv.signature-missing"),
        ("access_token", "isv.access-token-missing"),
    ],
)
def test_a_missing_system_parameter_is_named(shop: Caller, name: str, sub_code: str) -> None:
    body = shop.send(LIST, PAGE, **{name: None})
    assert (body["code"], body["sub_code"]) == (40001, sub_code)
    assert "data" not in body


@pytest.mark.parametrize(
    ("changes", "sub_code"),
    [
        ({"sign": "0" * 64}, "isv.signature-invalid"),
        ({"timestamp": str(int(time.time()) - 3600)}, "isv.timestamp-invalid"),
        ({"timestamp": "2026-01-15 10:00:00"}, "isv.timestamp-invalid"),
        ({"app_key": "123"}, "isv.app-id-invalid"),
        ({"method": "order.orderDetail"}, "isv.method-invalid"),
        ({"access_token": "never-issued"}, "isv.access-token-no-existed"),
        ({"v": "1"}, "isv.parameter-invalid"),
    ],
)
def test_a_wrong_system_parameter_is_refused(shop: Caller, changes: dict[str, str], sub_code: str) -> None:
    body = shop.send(LIST, PAGE, **changes)
    assert (body["code"], body["sub_code"]) == (40003, sub_code)


def test_unsorted_parameters_count_as_wrongly_signed(shop: Caller) -> None:
    assert shop.send_text(LIST, '{"size":10,"page":0}')["sub_code"] == "isv.signature-invalid"
    assert shop.send_text(LIST, "[1]")["sub_code"] == "isv.parameter-format-invalid"


@pytest.mark.parametrize(("path", "name"), [(path, name) for path in METHODS for name in METHODS[path].required])
def test_every_required_parameter_is_asked_for(shop: Caller, path: str, name: str) -> None:
    given = {other: "1" for other in METHODS[path].required if other != name}
    assert shop.error(path, **given) == (40002, f"isv.parameter-missing:{name}")


def test_the_description_names_what_the_twin_takes(shop: Caller) -> None:
    told = describe("http://127.0.0.1:9", 7)
    assert {name: told[name] for name in shop.keys} == shop.keys
    assert (told["gateway"], told["shop_id"]) == ("http://127.0.0.1:9", "4463798")


def test_a_code_gives_tokens_once(shop: Caller) -> None:
    told = shop.send("token/create", {"grant_type": "authorization_code", "code": shop.keys["code"]}, access_token=None)
    assert told["code"] == 10000
    shop.token = told["data"]["access_token"]
    assert shop.call(LIST, **PAGE)["total"] == 0
    assert 7 * 86_400 - 60 < told["data"]["expires_in"] <= 7 * 86_400
    again = shop.error("token/create", grant_type="authorization_code", code=shop.keys["code"])
    assert again == (50001, "dop.token-generate-failed:code-invalid")
    code = shop.client.post("/_twin/codes").get_json()["code"]
    assert shop.call("token/create", grant_type="authorization_code", code=code)["shop_id"] == 4463798


def test_the_own_shop_gets_a_token_without_a_code(shop: Caller) -> None:
    told = shop.call("token/create", grant_type="authorization_self", shop_id="4463798")
    assert told["access_token"] == shop.keys["access_token"]
    refused = shop.error("token/create", grant_type="authorization_self", shop_id="1")
    assert refused == (50001, "dop.token-generate-failed:shop")


def test_a_refresh_before_the_last_hour_changes_nothing(shop: Caller) -> None:
    told = shop.call("token/refresh", grant_type="refresh_token", refresh_token=shop.keys["refresh_token"])
    assert told["access_token"] == shop.keys["access_token"]
    assert shop.error("token/refresh", grant_type="refresh_token", refresh_token="wrong")[0] == 50001


def test_a_token_that_ends_is_refused_until_it_is_refreshed(tmp_path: Path) -> None:
    twin = DouyinTwin(TwinOptions(tmp_path, settings={"expires_in": 60}))
    shop = Caller(twin)
    shop.fault(kind="clock_skew", ms=61_000)
    assert shop.error(LIST, **PAGE) == (40003, "isv.access-token-expired")
    told = shop.call("token/refresh", grant_type="refresh_token", refresh_token=shop.keys["refresh_token"])
    assert told["access_token"] != shop.token
    shop.token = told["access_token"]
    assert shop.call(LIST, **PAGE)["total"] == 0
    twin.close()


def test_in_the_last_hour_the_old_token_still_works_beside_the_new(tmp_path: Path) -> None:
    twin = DouyinTwin(TwinOptions(tmp_path, settings={"expires_in": 600}))
    shop = Caller(twin)
    new = shop.call("token/refresh", grant_type="refresh_token", refresh_token=shop.keys["refresh_token"])
    assert new["access_token"] != shop.token
    assert shop.call(LIST, **PAGE)["total"] == 0
    twin.close()


def test_a_closed_authorisation_is_said(shop: Caller) -> None:
    shop.client.delete("/_twin/authorisation")
    assert shop.error(LIST, **PAGE) == (30001, "dop.authorization-closed")


def test_faults_speak_the_platform_s_words(shop: Caller) -> None:
    shop.fault(kind="rate_limit", match="order/*", seconds=0)
    assert shop.error(LIST, **PAGE) == (60000, "isv.rate-limited")
    shop.fault(kind="rate_limit", seconds=7)
    answer = shop.client.post(f"/{LIST}")
    assert (answer.headers["Retry-After"], answer.get_json()["code"]) == ("7", 60000)
    shop.fault(kind="expired_session")
    assert shop.error(LIST, **PAGE) == (40003, "isv.access-token-expired")
    shop.fault(kind="clock_skew", ms=3_600_000)
    assert shop.error(LIST, **PAGE) == (40003, "isv.timestamp-invalid")
    shop.fault(kind="outage", seconds=60)
    assert shop.client.post(f"/{LIST}").status_code == 503


def test_a_broken_page_is_cut_in_half(shop: Caller) -> None:
    shop.fault(kind="broken_page")
    body = shop.client.post(f"/{LIST}").get_data()
    assert not body.endswith(b"}")


def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    first = DouyinTwin(TwinOptions(tmp_path))
    shop = Caller(first)
    number = shop.shipped()
    code = shop.client.post("/_twin/codes").get_json()["code"]
    token = shop.call("token/create", grant_type="authorization_code", code=code)["access_token"]
    first.close()
    second = DouyinTwin(TwinOptions(tmp_path))
    shop = Caller(second)
    shop.token = token
    assert shop.order(number)["order_status"] == 3
    assert shop.one() > number
    second.close()


def test_a_reset_keeps_the_described_tokens(twin: DouyinTwin, shop: Caller) -> None:
    before = shop.one()
    assert Client(twin).post("/_twin/reset").status_code == 200
    assert shop.listed()["total"] == 0
    assert shop.one() > before


def test_credentials_differ_by_seed() -> None:
    assert describe("http://x", 1)["app_secret"] != describe("http://x", 2)["app_secret"]
