"""The front door: every missing or wrong system and business parameter gets TOP's own error body."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.sandbox.taobao.gateway import METHODS

from .caller import Caller, gmt8

TIME = "taobao.time.get"
SAMPLE = {
    "fields": "tid",
    "num_iids": "1",
    "code": "1",
    "refresh_token": "1",
    "tid": "1",
    "start_modified": "2026-01-15 09:30:00",
    "end_modified": "2026-01-15 10:00:00",
    "start_create": "2026-01-15 09:30:00",
    "end_create": "2026-01-15 10:00:00",
    "out_sid": "SF1234567",
    "company_code": "SF",
    "refund_id": "1",
    "refuse_message": "不同意",
    "refund_infos": "1|1|1|onsale",
    "query_list": "[]",
    "merge_list": "[]",
    "param": "{}",
    "warehouse_status": "1",
    "memo": "x",
    "close_reason": "缺货",
    "num_iid": "1",
    "s_message_ids": "1",
}
REQUIRED = [(name, parameter) for name, method in METHODS.items() for parameter in method.required]


def without(params: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in params.items() if key != name}


@pytest.mark.parametrize(("name", "code"), [("method", 21), ("app_key", 28), ("timestamp", 30), ("v", 32), ("sign", 24)])
def test_a_missing_system_parameter_is_refused(shop: Caller, name: str, code: int) -> None:
    params = shop.params(TIME)
    body = shop.send(without(params, name) if name == "sign" else shop.signed(without(params, name)))
    assert body["error_response"]["code"] == code
    assert body["error_response"]["request_id"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("method", "taobao.unknown.get", 22),
        ("app_key", "999", 29),
        ("v", "1.0", 33),
        ("timestamp", "yesterday", 31),
        ("sign_method", "sha1", 25),
    ],
)
def test_a_wrong_system_parameter_is_refused(shop: Caller, name: str, value: str, code: int) -> None:
    body = shop.send(shop.signed({**shop.params(TIME), name: value}))
    assert body["error_response"]["code"] == code


@pytest.mark.parametrize("minutes", [-11, 11])
def test_a_timestamp_off_by_more_than_ten_minutes_is_refused(shop: Caller, minutes: int) -> None:
    stamp = gmt8(datetime.now(UTC) + timedelta(minutes=minutes))
    body = shop.send(shop.signed({**shop.params(TIME), "timestamp": stamp}))
    assert body["error_response"] == {
        "code": 31,
        "msg": "Invalid timestamp",
        "request_id": body["error_response"]["request_id"],
    }


def test_a_utc_timestamp_is_refused(shop: Caller) -> None:
    stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    body = shop.send(shop.signed({**shop.params(TIME), "timestamp": stamp}))
    assert body["error_response"]["code"] == 31


def test_a_wrong_signature_is_refused_and_counted(shop: Caller) -> None:
    body = shop.send({**shop.params(TIME), "sign": "0" * 32})
    assert (body["error_response"]["code"], body["error_response"]["msg"]) == (25, "Invalid signature")
    counted = shop.client.get("/_twin/counters").get_json()["calls"]
    assert counted[TIME] == {"error 25": 1}


def test_a_missing_or_wrong_session_is_refused(shop: Caller) -> None:
    params = shop.params("taobao.trade.fullinfo.get", tid="1", fields="tid")
    assert shop.send(shop.signed(without(params, "session")))["error_response"]["code"] == 26
    error = shop.send(shop.signed({**params, "session": "other"}))["error_response"]
    assert (error["code"], error["sub_code"]) == (27, "invalid-sessionkey")


@pytest.mark.parametrize(("method", "missing"), REQUIRED)
def test_a_missing_business_parameter_is_refused(shop: Caller, method: str, missing: str) -> None:
    business = {name: SAMPLE[name] for name in METHODS[method].required if name != missing}
    error = shop.error(method, **business)
    assert error["code"] == 40
    assert error["msg"] == f"Missing required arguments:{missing}"
    assert error["sub_code"] == f"isv.missing-parameter:{missing}"


def test_get_is_not_allowed(shop: Caller) -> None:
    params = shop.signed(shop.params(TIME))
    body: Any = shop.client.get("/router/rest", query_string=params).get_json()
    assert body["error_response"]["code"] == 9


def test_multipart_and_system_parameters_in_the_address_are_accepted(shop: Caller) -> None:
    params = shop.signed(shop.params(TIME))
    answer = shop.client.post("/router/rest", query_string=params, content_type="multipart/form-data")
    assert "time" in answer.get_json()["time_get_response"]


def test_xml_is_the_default_format(shop: Caller) -> None:
    params = shop.signed(without(shop.params(TIME), "format"))
    answer = shop.client.post("/router/rest", data=params)
    assert answer.get_data(as_text=True).startswith("<?xml")
    assert "<error_response><code>23</code>" in answer.get_data(as_text=True)


def test_success_names_the_root_after_the_method_and_carries_a_request_id(shop: Caller) -> None:
    body = shop.send(shop.signed(shop.params(TIME)))
    assert set(body) == {"time_get_response"}
    assert set(body["time_get_response"]) == {"time", "request_id"}


def test_simplify_drops_the_wrappers_of_lists(shop: Caller) -> None:
    params = shop.params("taobao.logistics.companies.get", fields="code", simplify="true")
    body = shop.send(shop.signed(params))
    assert body["logistics_companies_get_response"]["logistics_companies"][0]["code"] == "SF"


def test_faults_answer_in_the_platforms_words(shop: Caller) -> None:
    faults = [
        {"kind": "rate_limit", "seconds": 3, "max_times": 1, "match": "taobao.time.*"},
        {"kind": "expired_session", "max_times": 1},
        {"kind": "http_5xx", "max_times": 1},
    ]
    shop.client.post("/_twin/faults", json={"faults": faults})
    params = shop.signed(shop.params(TIME))
    assert shop.client.post("/router/rest", data=params).status_code == 503
    limited = shop.send(params)["error_response"]
    assert limited["code"] == 7
    assert limited["sub_code"] == "accesscontrol.limited-by-app-api-access-count"
    assert limited["sub_msg"] == "This ban will last for 3 more seconds"
    assert shop.send(params)["error_response"]["code"] == 27
    assert "time_get_response" in shop.send(params)
