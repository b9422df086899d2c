"""The SF twin alone: every parameter of the gateway, the clock, every required field, both levels of refusals."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.sf.twin import NEEDED, SfTwin, digest

PLACE, SEARCH = "EXP_RECE_CREATE_ORDER", "EXP_RECE_SEARCH_ORDER_RESP"
UPDATE, ROUTES = "EXP_RECE_UPDATE_ORDER", "EXP_RECE_SEARCH_ROUTES"
ORDER: dict[str, Any] = {
    "orderId": "F1_1", "language": "zh-CN", "cargoDetails": [{"name": "衫", "count": 1}],
    "contactInfoList": [
        {"contactType": 1, "contact": "仓", "mobile": "13000000001", "address": "示例路一号"},
        {"contactType": 2, "contact": "甲", "mobile": "13000000002", "address": "示例弄三号"},
    ],
}  # fmt: skip
Call = Callable[..., tuple[str, Any]]


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[SfTwin]:
    made = SfTwin(TwinOptions(tmp_path, 1, 1.0, {"partner_id": "P1", "checkword": "cw"}))
    yield made
    made.close()


@pytest.fixture
def call(twin: SfTwin) -> Call:
    def call(service: str, message: Any, without: str = "", **changes: str) -> tuple[str, Any]:
        """(code, msgData): of the gateway when it refuses, else of the inner answer."""
        text, stamp = json.dumps(message), changes.pop("timestamp", str(int(time.time() * 1000)))
        form = {"partnerID": "P1", "requestID": "r", "serviceCode": service, "timestamp": stamp, "msgData": text,
                "msgDigest": digest(text, stamp, "cw"), **changes}  # fmt: skip
        form.pop(without, None)
        answer = Client(twin).post("/std/service", data=form).get_json()
        if answer["apiResultCode"] != "A1000":
            return answer["apiResultCode"], None
        inner = json.loads(answer["apiResultData"])
        assert inner["success"] is (inner["errorCode"] == "S0000")
        return inner["errorCode"], inner["msgData"]

    return call


def test_it_digests_as_the_worked_example_does() -> None:
    text = '{"language":"zh-CN","orderId":"DO1","remark":"a b~c*"}'
    assert digest(text, "1795255500000", "cw-1") == "oTRX+vWIZZPsZRUU9nTznw=="


@pytest.mark.parametrize("name", NEEDED)
def test_every_parameter_of_the_gateway_is_needed(call: Call, name: str) -> None:
    assert call(PLACE, ORDER, without=name)[0] == "A1001"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"msgDigest": "wrong"}, "A1006"), ({"timestamp": "1795255500000"}, "A1002"), ({"timestamp": "now"}, "A1002"),
        ({"partnerID": "other"}, "A1004"), ({"serviceCode": "EXP_NOTHING"}, "A1004"),
    ],
)  # fmt: skip
def test_a_wrong_digest_clock_customer_or_service_is_refused_by_the_gateway(
    call: Call, changes: dict[str, str], code: str
) -> None:
    assert call(PLACE, ORDER, **changes)[0] == code


@pytest.mark.parametrize(
    "name", ["orderId", "language", "cargoDetails", "contactInfoList", "contact", "mobile", "address"]
)
def test_every_required_field_of_an_order_is_needed(call: Call, name: str) -> None:
    order = copy.deepcopy(ORDER)
    del (order if name in order else order["contactInfoList"][1])[name]
    assert call(PLACE, order)[0] in ("1010", "1011")


def test_an_order_is_placed_once_found_changed_and_cancelled(call: Call) -> None:
    assert call(SEARCH, {"orderId": "F1_1"})[0] == "8018"
    placed = call(PLACE, ORDER)[1]
    assert (placed["filterResult"], call(PLACE, ORDER)[0]) == (2, "8016")
    assert call(SEARCH, {"orderId": "F1_1"})[1] == placed
    assert call(UPDATE, {"orderId": "F1_1", "dealType": 7})[0] == "1012"
    receiver = {**ORDER["contactInfoList"][1], "mobile": "13900000009"}
    assert call(UPDATE, {"orderId": "F1_1", "dealType": 1, "contactInfoList": [receiver]})[0] == "S0000"
    assert call(UPDATE, {"orderId": "F1_1", "dealType": 2})[0] == "S0000"
    assert call(SEARCH, {"orderId": "F1_1"})[0] == "8018"


def test_an_address_it_does_not_go_to_gets_no_number(call: Call) -> None:
    order = copy.deepcopy(ORDER)
    order["contactInfoList"][1]["address"] = "超区"
    assert call(PLACE, order)[1] == {"orderId": "F1_1", "filterResult": 3, "waybillNoInfoList": []}
    assert call("EXP_RECE_FILTER_ORDER_BSP", [order])[1] == [{"filterResult": 3}]
    assert call("EXP_RECE_FILTER_ORDER_BSP", [ORDER])[1] == [{"filterResult": 2}]


def test_routes_are_told_to_who_knows_the_phone_and_a_collected_parcel_is_not_cancelled(call: Call, twin: SfTwin) -> None:
    number = call(PLACE, ORDER)[1]["waybillNoInfoList"][0]["waybillNo"]
    for code in ("50", "80"):
        Client(twin).post(f"/_twin/routes/{number}", json={"code": code, "words": "快件"})
    ask = {"trackingNumber": [number], "checkPhoneNo": "0002"}
    rows = call(ROUTES, ask)[1]["routeResps"]
    assert [node["opCode"] for node in rows[0]["routes"]] == ["50", "80"]
    assert call(ROUTES, {**ask, "checkPhoneNo": "9999"})[1]["routeResps"][0]["routes"] == []
    assert call(ROUTES, {})[0] == "1014"
    assert call(UPDATE, {"orderId": "F1_1", "dealType": 2})[0] == "8019"
