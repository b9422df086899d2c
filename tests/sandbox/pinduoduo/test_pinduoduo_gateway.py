"""The front door: common parameters, signature, time, tokens, required parameters, faults."""

from __future__ import annotations

import time

import pytest

from connectors.sandbox.pinduoduo import describe
from connectors.sandbox.pinduoduo.gateway import METHODS
from connectors.sandbox.pinduoduo.signing import is_signed, message_path, sign
from tests.sandbox.pinduoduo.caller import Caller, signature
from tests.sandbox.pinduoduo.conftest import MakeCaller

MALL = "pdd.mall.info.get"


def test_signatures_are_those_of_the_contract() -> None:
    values = {
        "type": "pdd.order.number.list.increment.get", "client_id": "pddclient", "access_token": "pdd-token",
        "timestamp": "1768442400", "data_type": "JSON", "version": "V1", "start_updated_at": "1768440600",
        "end_updated_at": "1768442400", "order_status": "5", "refund_status": "5", "is_lucky_flag": "0", "page": "1",
        "page_size": "100", "use_has_next": "true",
    }  # fmt: skip
    assert sign(values, "pddsecret") == "46A05992DFBDA837ECB1B11C4BB897C7"
    assert is_signed({**values, "sign": "46A05992DFBDA837ECB1B11C4BB897C7"}, "pddsecret")
    path = message_path("app", "1700000000000", "secret")
    assert path == "/message/app/1700000000000/OTgxODMwNDI2NWZiN2NiNzA2NzIxOTI0ZjJlMDMxMjE%3D"


def test_a_shop_describes_itself_with_the_credentials_it_takes(shop: Caller) -> None:
    told = describe("http://127.0.0.1:9203", 1)
    assert {name: told[name] for name in shop.twin.keys} == shop.twin.keys
    assert (told["gateway"], told["oauth"]) == ("http://127.0.0.1:9203/api/router", "http://127.0.0.1:9203/oauth/token")
    assert shop.call(MALL)["mall_id"] == int(told["mall_id"])


def test_forms_are_taken_as_json_is(shop: Caller) -> None:
    answer = shop.client.post("/api/router", data=shop.signed(MALL)).get_json()
    assert answer["mall_info_get_response"]["mall_name"] == "示例旗舰店"


@pytest.mark.parametrize("name", ["type", "client_id", "timestamp", "sign", "access_token"])
def test_a_missing_common_parameter_is_named(shop: Caller, name: str) -> None:
    values = shop.signed(MALL)
    del values[name]
    if name == "access_token":
        values = shop.signed(MALL, access_token=None)
    assert shop.refusal(values) == (10001, f"公共参数错误:{name}")


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"client_id": "another"}, 10016), ({"type": "pdd.no.such.call"}, 10017), ({"data_type": "XML"}, 10001),
     ({"version": "V2"}, 10001), ({"timestamp": "soon"}, 10001), ({"access_token": "another"}, 10035)],
)  # fmt: skip
def test_a_wrong_common_parameter_has_its_code(shop: Caller, changed: dict[str, str], code: int) -> None:
    method = changed.pop("type", MALL)
    assert shop.refused(method, **changed)[0] == code


def test_an_old_or_early_timestamp_is_refused(shop: Caller) -> None:
    now = int(time.time())
    assert shop.refused(MALL, timestamp=str(now - 700))[0] == 10001
    assert shop.refused(MALL, timestamp=str(now + 700))[0] == 10001
    assert shop.call(MALL, timestamp=str(now - 500))["mall_id"]


def test_a_changed_call_does_not_fit_its_signature(shop: Caller) -> None:
    assert shop.refusal({**shop.signed(MALL), "page": "2"}) == (20004, "签名sign校验失败")
    assert shop.refusal({**shop.signed(MALL), "sign": "签名"})[0] == 20004


def test_objects_and_truth_values_are_signed_as_compact_text(shop: Caller) -> None:
    values = {"b": True, "a": {"x": [1, "中"]}, "c": None}
    assert signature(values, "s") == sign({"a": '{"x":[1,"中"]}', "b": "true"}, "s")
    assert "has_next" in shop.changes(use_has_next=True)


def test_every_required_parameter_is_asked_for(shop: Caller) -> None:
    for method, how in METHODS.items():
        for name in how.required:
            full = {other: "1" for other in how.required if other != name}
            if method.startswith("pdd.order.merge") or name in ("request", "param", "data_list"):
                full = {}
            assert shop.refused(method, **full) == (21001, f"缺少必填参数:{name}"), method


def test_a_call_without_permission_is_refused(start: MakeCaller) -> None:
    assert start(denied=[MALL]).refused(MALL) == (20031, "用户没有授权访问此接口")


def grant(shop: Caller, **body: str) -> dict[str, object]:
    keys = {name: shop.twin.keys[name] for name in ("client_id", "client_secret")}
    answer: dict[str, object] = shop.client.post("/oauth/token", json={**keys, **body}).get_json()
    return answer


def test_tokens_are_bought_with_a_code_once(shop: Caller) -> None:
    code = shop.twin.keys["code"]
    told = grant(shop, grant_type="authorization_code", code=code)
    assert (told["owner_id"], told["owner_name"]) == (shop.twin.keys["mall_id"], "示例旗舰店")
    assert shop.refused(MALL)[0] == 10019
    shop.token = str(told["access_token"])
    assert shop.call(MALL)["mall_id"]
    assert "error_response" in grant(shop, grant_type="authorization_code", code=code)
    assert "error_response" in grant(shop, grant_type="authorization_code", code=code, client_secret="wrong")
    fresh = shop.client.post("/_twin/code").get_json()["code"]
    assert shop.call("pdd.pop.auth.token.create", code=fresh)["access_token"]


def test_an_owner_who_agrees_comes_back_with_a_code(shop: Caller) -> None:
    query = {
        "client_id": shop.twin.keys["client_id"],
        "redirect_uri": "https://hub.example.invalid/back?a=1",
        "state": "s1",
    }
    answer = shop.client.get("/service-market/auth", query_string=query)
    where = answer.headers["Location"]
    assert answer.status_code == 302
    assert where.startswith("https://hub.example.invalid/back?a=1&code=")
    assert where.endswith("&state=s1")
    assert shop.client.get("/service-market/auth", query_string={**query, "client_id": "x"}).status_code == 400


def test_an_expired_token_is_renewed_by_its_refresh_token(start: MakeCaller) -> None:
    shop = start(expires_in=0)
    assert shop.refused(MALL) == (10019, "access_token已过期")
    shop = start(expires_in=3600)
    old = shop.twin.keys["refresh_token"]
    told = shop.call("pdd.pop.auth.token.refresh", refresh_token=old, access_token=None)
    assert (told["expires_in"], told["scope"][0]) == (3600, "pdd.order.number.list.increment.get")
    shop.token = told["access_token"]
    assert shop.call(MALL)["mall_id"]
    assert shop.refused("pdd.pop.auth.token.refresh", refresh_token=old)[0] == 50001
    assert grant(shop, grant_type="refresh_token", refresh_token=told["refresh_token"])["access_token"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "rate_limit"}, 70031),
        ({"kind": "rate_limit", "seconds": 0}, 52101),
        ({"kind": "expired_session"}, 10019),
    ],
)
def test_faults_speak_the_platforms_words(shop: Caller, fault: dict[str, object], code: int) -> None:
    shop.faults({**fault, "match": "pdd.mall.*", "max_times": 1})
    assert shop.refused(MALL)[0] == code
    assert shop.call(MALL)["mall_id"]


def test_outages_cut_answers_and_a_wrong_clock_show(shop: Caller) -> None:
    shop.faults({"kind": "broken_page", "max_times": 1})
    assert shop.client.post("/api/router", json=shop.signed(MALL)).get_json(silent=True) is None
    shop.faults({"kind": "outage", "max_times": 1})
    assert shop.client.post("/api/router", json=shop.signed(MALL)).status_code == 503
    shop.faults({"kind": "clock_skew", "ms": 700_000})
    assert shop.refused(MALL) == (10001, "公共参数错误:timestamp")
    assert shop.client.get("/_twin/counters").get_json()["calls"][MALL]["error 10001"] == 1
