"""Signatures and subscriptions: worked vectors, every refusal with the platform's code."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from connectors.sandbox.kuaidi100 import describe
from connectors.sandbox.kuaidi100.settings import read_settings
from connectors.sandbox.kuaidi100.signing import push_signature, query_signature

from .harness import KEY, SF, ZTO, Caller

PUSH = (
    '{"status":"polling","billstatus":"got","message":"","autoCheck":"0","comOld":"","comNew":"","lastResult":'
    '{"message":"ok","state":"501","status":"200","condition":"F00","ischeck":"0","com":"zhongtong",'
    '"nu":"75000000000001","data":[{"context":"【上海市】快件已投递至丰巢柜","time":"2026-11-23 09:10:00",'
    '"ftime":"2026-11-23 09:10:00","status":"投柜或驿站","statusCode":"501","areaCode":"CN310104000000",'
    '"areaName":"上海,上海市,徐汇区","areaCenter":"121.4,31.2","areaPinYin":"xu hui qu","location":""},'
    '{"context":"【杭州市】快件已揽收","time":"2026-11-21 18:00:00","ftime":"2026-11-21 18:00:00",'
    '"status":"已揽收","statusCode":"103","areaCode":"CN330110000000","areaName":"浙江,杭州市,余杭区",'
    '"areaCenter":"120.0,30.3","areaPinYin":"yu hang qu","location":""}]}}'
)


@pytest.mark.parametrize(
    ("salt", "expected"),
    [("salt-1", "7E4C9B21D8F524F1DBD2E6D0B539D29E"), ("", "6389F8D0682BA24DEA021008510FDD9A")],
)
def test_a_push_is_signed_like_the_worked_example(salt: str, expected: str) -> None:
    assert push_signature(PUSH, salt) == expected


def test_an_enquiry_is_signed_like_the_worked_example() -> None:
    param = '{"com":"zhongtong","num":"75000000000001","phone":"","resultv2":"4","show":"0","order":"desc"}'
    assert query_signature(param, "kdkey", "CUST") == "34894B3C3BEED1D344A99DBA6D611B5D"


def test_a_subscription_is_accepted(caller: Caller) -> None:
    assert caller.subscribe() == "200"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": None}, "600"),
        ({"key": "wrong"}, "600"),
        ({"key": "old-key"}, "601"),
        ({"number": None}, "700"),
        ({"number": "7" * 33}, "700"),
        ({"parameters": None}, "700"),
        ({"parameters": "x"}, "700"),
        ({"company": None}, "700"),
        ({"company": "debangkuaidi"}, "701"),
        ({"company": "nowhere"}, "702"),
        ({"number": "中国"}, "702"),
    ],
)
def test_a_wrong_subscription_gets_its_code(caller: Caller, changes: dict[str, Any], code: str) -> None:
    assert caller.subscribe(**changes) == code
    assert caller.client.get("/_twin/ledger").get_json()["parcels"] == []


@pytest.mark.parametrize("url", [None, "", "hub/hooks", "ftp://hub/hooks"])
def test_a_wrong_call_back_address_is_refused(caller: Caller, url: str | None) -> None:
    assert caller.subscribe(wishes={"callbackurl": url}) == "700"


@pytest.mark.parametrize(("param", "schema"), [("{", "json"), ("[]", "json"), ("{}", "xml")])
def test_a_wrong_form_is_refused(caller: Caller, param: str, schema: str) -> None:
    assert caller.poll(param, schema) == "700"
    assert caller.client.post("/poll").get_json()["returnCode"] == "700"


@pytest.mark.parametrize(("phone", "code"), [(None, "700"), ("12", "700"), ("0002", "200"), ("*******0002", "200")])
def test_one_company_wants_the_last_digits_of_a_phone(caller: Caller, phone: str | None, code: str) -> None:
    assert caller.subscribe(SF, {"phone": phone}, company="shunfeng") == code


def test_a_second_subscription_to_a_living_parcel_is_a_duplicate(caller: Caller) -> None:
    assert [caller.subscribe(), caller.subscribe()] == ["200", "501"]


def test_a_waybill_is_subscribed_to_four_times_a_month_at_most(caller: Caller) -> None:
    codes = []
    for _ in range(5):
        codes.append(caller.subscribe())
        caller.twin.storage.execute("update subscription set is_active = 0")
    assert codes == ["200"] * 4 + ["700"]


def test_a_missing_company_is_detected_on_wish(caller: Caller) -> None:
    assert caller.subscribe(company="", wishes={"autoCom": "1"}) == "200"
    assert caller.client.get("/_twin/ledger").get_json()["parcels"][0]["company"] == "zhongtong"
    assert caller.subscribe("ABC123456", {"autoCom": "1"}, company="") == "702"


@pytest.mark.parametrize(
    ("number", "company"),
    [
        (ZTO, "zhongtong"),
        ("YT0000000000001", "yuantong"),
        (SF, "shunfeng"),
        ("770000000000001", "shentong"),
        ("460000000000001", "yunda"),
        ("1100000000001", "ems"),
        ("JDVB00000000001", "jd"),
        ("JT0000000000001", "jtexpress"),
    ],
)
def test_companies_are_detected_by_number(caller: Caller, number: str, company: str) -> None:
    found = caller.client.get("/autonumber/auto", query_string={"num": number, "key": KEY}).get_json()
    assert [row["comCode"] for row in found] == [company]


def test_detection_wants_the_key(caller: Caller) -> None:
    assert caller.client.get("/autonumber/auto?num=75").get_json()["returnCode"] == "600"


def test_a_rate_limit_fault_answers_with_the_platforms_own_body(caller: Caller) -> None:
    caller.control("faults", faults=[{"kind": "rate_limit", "match": "poll", "max_times": 1}])
    assert [caller.subscribe(), caller.subscribe()] == ["502", "200"]


def test_a_time_out_after_accepting_leaves_a_subscription(caller: Caller) -> None:
    caller.control("faults", faults=[{"kind": "timeout_after_accept", "match": "poll", "max_times": 1}])
    with pytest.raises(ConnectionAbortedError):
        caller.subscribe()
    assert caller.subscribe() == "501"


def test_the_setting_speed_wins_over_the_common_one(start: Callable[..., Caller]) -> None:
    assert start(speed=1000).client.get("/_twin/health").get_json()["speed"] == 1000.0


def test_the_description_holds_the_defaults_of_the_same_seed() -> None:
    told, settings = describe("http://127.0.0.1:9202", 5), read_settings({}, 5)
    assert (told["key"], told["customer"]) == (settings.key, settings.customer)
    assert json.dumps(told)


def test_wrong_shares_are_named(caller: Caller) -> None:
    assert "unknown share" in caller.control("share", status=400, luck=0.5)["error"]
    assert "more than 1" in caller.control("share", status=400, refused=0.7, lost=0.7)["error"]
    assert "between 0 and 1" in caller.control("share", status=400, refused=-1)["error"]
