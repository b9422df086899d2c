"""JD's front door: the published signature, each system parameter, each refusal in the gateway's own form."""

from __future__ import annotations

import json
import time

import pytest

from connectors.sandbox.jd import credentials, describe
from connectors.sandbox.jd.signing import is_signed, sign

from .caller import Caller, signed, text_of

METHOD = "jingdong.pop.order.enSearch"
BUSINESS = (
    '{"dateType":0,"end_date":"2026-01-15 10:00:00","optional_fields":"orderId,orderState,modified",'
    '"order_state":"WAIT_SELLER_STOCK_OUT","page":"1","page_size":"50","start_date":"2026-01-15 09:30:00"}'
)


def code_of(answer: dict[str, dict[str, str]]) -> str:
    return answer["error_response"]["code"]


def send(shop: Caller, method: str = METHOD, **changed: str) -> str:
    return code_of(shop.raw(signed(shop.system(method, **changed), shop.twin.keys["app_secret"])))


def test_the_published_example_is_signed_as_published() -> None:
    params = {"360buy_param_json": BUSINESS, "access_token": "jd-token", "app_key": "JDKEY0001",
              "method": "jingdong.pop.order.search", "timestamp": "2026-01-15 10:00:00", "v": "2.0"}  # fmt: skip
    assert sign(params, "jdsecret") == "7B624C276A2C7C763341294AF7DB6A4E"
    assert not is_signed({**params, "sign": "7B624C276A2C7C763341294AF7DB6A4F"}, "jdsecret")


@pytest.mark.parametrize(
    ("name", "code"), [("method", "14"), ("app_key", "21"), ("timestamp", "7"), ("v", "4"), ("sign", "11")]
)
def test_a_missing_system_parameter_is_named_by_its_code(shop: Caller, name: str, code: str) -> None:
    values = signed(shop.system(METHOD), shop.twin.keys["app_secret"])
    del values[name]
    assert code_of(shop.raw(values)) == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"app_key": "somebody"}, "21"),
        ({"timestamp": "yesterday"}, "8"),
        ({"v": "1.0"}, "5"),
        ({"format": "xml"}, "10100002"),
        ({"access_token": "somebody"}, "19"),
        ({"360buy_param_json": "{"}, "10100002"),
        ({"360buy_param_json": "[]"}, "10100002"),
    ],
)
def test_a_wrong_system_parameter_is_refused(shop: Caller, changed: dict[str, str], code: str) -> None:
    assert send(shop, **changed) == code


@pytest.mark.parametrize("minutes", [-7, 7])
def test_a_call_of_another_time_is_refused(shop: Caller, minutes: int) -> None:
    assert send(shop, timestamp=text_of(time.time() + minutes * 60)) == "8"


def test_a_changed_parameter_breaks_the_signature(shop: Caller) -> None:
    values = signed(shop.system(METHOD), shop.twin.keys["app_secret"])
    answer = shop.raw({**values, "360buy_param_json": "{}"})
    assert answer == {"error_response": {"code": "12", "zh_desc": "无效签名", "en_desc": "Invalid Signature"}}


def test_an_unknown_method_is_counted_apart(shop: Caller) -> None:
    assert send(shop, "jingdong.nothing.get") == "15"
    assert shop.client.get("/_twin/counters").get_json()["calls"] == {"(unknown)": {"error 15": 1}}


@pytest.mark.parametrize("name", ["optional_fields", "page", "page_size", "start_date", "end_date"])
def test_a_missing_business_parameter_is_named(shop: Caller, name: str) -> None:
    whole = {"optional_fields": "orderState", "page": "1", "page_size": "10", "start_date": text_of(time.time() - 60),
             "end_date": text_of(time.time())}  # fmt: skip
    answer = shop.call(METHOD, **{key: value for key, value in whole.items() if key != name})
    assert code_of(answer) == "10100001"
    assert name in answer["error_response"]["en_desc"]


def test_wrapped_parameters_are_refused_because_jd_wants_them_flat(shop: Caller) -> None:
    assert code_of(shop.call("jingdong.pop.order.enGet", order_id={"id": "1"}, optional_fields="orderId")) == "10100002"
    assert code_of(shop.call("jingdong.pop.order.enGet", query={"order_id": "1"})) == "10100001"


def test_get_is_answered_like_post_with_the_misspelt_root(shop: Caller) -> None:
    values = {**shop.system("jingdong.fce.alpha.getVenderCarrier"), "360buy_param_json": json.dumps({})}
    answer = shop.client.get("/routerjson", query_string=signed(values, shop.twin.keys["app_secret"]))
    content = answer.get_json()["jingdong_fce_alpha_getVenderCarrier_responce"]
    assert content["code"] == "0"
    assert {"id": 467, "name": "顺丰快递"} in content["StandardGenericResponse"]["data"]


def test_the_oldest_calls_answer_under_their_old_root(shop: Caller) -> None:
    answer = shop.call("360buy.get.vender.all.delivery.company")
    assert list(answer) == ["get_vender_all_delivery_company_response"]


def test_a_rate_limit_is_told_in_jds_form_with_or_without_a_time(shop: Caller) -> None:
    shop.faults({"kind": "rate_limit", "seconds": 0, "max_times": 1}, {"kind": "rate_limit", "seconds": 9})
    first, second = (shop.client.post("/routerjson", data=shop.system(METHOD)) for _ in range(2))
    assert code_of(first.get_json()) == code_of(second.get_json()) == "2"
    assert (first.headers.get("Retry-After"), second.headers.get("Retry-After")) == (None, "9")


def test_the_other_faults_look_like_jd_in_trouble(shop: Caller) -> None:
    shop.faults({"kind": "expired_session", "max_times": 1})
    assert code_of(shop.call(METHOD)) == "19"
    shop.faults({"kind": "broken_page", "max_times": 1})
    assert shop.client.post("/routerjson", data=shop.system(METHOD)).data.startswith(b'{"error_')
    shop.faults({"kind": "outage", "seconds": 60})
    assert shop.client.post("/routerjson", data=shop.system(METHOD)).status_code == 503
    shop.faults({"kind": "clock_skew", "ms": 600_000})
    assert send(shop) == "8"


def test_what_is_described_is_what_the_twin_takes(shop: Caller) -> None:
    told = describe("http://127.0.0.1:9", 7)
    assert {name: told[name] for name in credentials(7)} == shop.twin.keys
    assert (told["gateway"], told["oauth"]) == ("http://127.0.0.1:9/routerjson", "http://127.0.0.1:9")
    assert told["bu_id"] == shop.operator["buId"]
    assert credentials(7) != credentials(8)
