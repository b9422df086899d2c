"""The Cainiao twin alone: every system parameter, the clock, every required field, every refusal; its ledger."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from connectors.sandbox.cainiao.gateway import signature
from connectors.sandbox.cainiao.twin import CainiaoTwin
from connectors.sandbox.kit import TwinOptions

KEYS = {"app_key": "ak", "app_secret": "as", "session": "se", "user_id": "1"}
GET = "cainiao.waybill.ii.get"
WISH: dict[str, Any] = {
    "cp_code": "ZTO",
    "sender": {"name": "示例仓", "mobile": "13000000001", "address": {"province": "浙江省", "detail": "示例路一号"}},
    "trade_order_info_dtos": [{
        "object_id": "1", "template_url": "http://t", "user_id": 1,
        "order_info": {"order_channels_type": "TB", "trade_order_list": ["9001"]},
        "package_info": {"id": "P_1", "items": [{"name": "衫", "count": 1}]},
        "recipient": {"name": "张*", "mobile": "1", "address": {"province": "上海市", "detail": "示例弄三号"}},
    }],
}  # fmt: skip
Call = Callable[..., dict[str, Any]]


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[CainiaoTwin]:
    made = CainiaoTwin(TwinOptions(tmp_path, 1, 1.0, {**KEYS, "sender": "示例路一号", "quantity": 2}))
    yield made
    made.close()


@pytest.fixture
def call(twin: CainiaoTwin) -> Call:
    def call(method: str, system: dict[str, str] | None = None, without: str = "", **business: Any) -> dict[str, Any]:
        form = {name: one if isinstance(one, str) else json.dumps(one) for name, one in business.items()}
        now = datetime.now(timezone(timedelta(hours=8))).strftime("%Y-%m-%d %H:%M:%S")
        form |= {"method": method, "app_key": "ak", "session": "se", "timestamp": now, "v": "2.0", "format": "json"}
        form |= system or {}
        form.setdefault("sign", signature(form, "as"))
        form.pop(without, None)
        answer = Client(twin).post("/router/rest", data=form).get_json()
        found: dict[str, Any] = answer.get("error_response") or answer[method.replace(".", "_") + "_response"]
        return found

    return call


def get(call: Call, wish: dict[str, Any] = WISH) -> dict[str, Any]:
    return call(GET, param_waybill_cloud_print_apply_new_request=wish)


def code_of(call: Call) -> str:
    rows = get(call)["modules"]["waybill_cloud_print_response"]
    return str(rows[0]["waybill_code"])


@pytest.mark.parametrize(
    ("without", "code"), [("method", 21), ("app_key", 28), ("timestamp", 30), ("v", 32), ("sign", 24)]
)
def test_every_system_parameter_is_needed(call: Call, without: str, code: int) -> None:
    assert call(GET, without=without)["code"] == code


OLD = (datetime.now(UTC) + timedelta(hours=8) - timedelta(minutes=20)).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ({"sign": "0" * 32}, 25), ({"app_key": "other"}, 29), ({"timestamp": OLD}, 31), ({"timestamp": "now"}, 31),
        ({"session": ""}, 26), ({"session": "other"}, 27),
    ],
)  # fmt: skip
def test_a_wrong_key_signature_clock_or_session_is_refused(call: Call, system: dict[str, str], code: int) -> None:
    assert call(GET, system)["code"] == code


def test_it_knows_no_other_methods(call: Call) -> None:
    assert call("cainiao.waybill.ii.nothing")["code"] == 22


PATHS = (
    "cp_code", "sender", "sender.name", "sender.address", "sender.address.province", "sender.address.detail",
    "trade_order_info_dtos", "trade.object_id", "trade.order_info", "trade.order_info.order_channels_type",
    "trade.order_info.trade_order_list", "trade.package_info", "trade.package_info.items", "trade.recipient",
    "trade.recipient.name", "trade.recipient.address", "trade.recipient.address.detail", "trade.template_url",
    "trade.user_id",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_every_required_field_of_an_application_is_needed(call: Call, path: str) -> None:
    wish = copy.deepcopy(WISH)
    tree: Any = wish
    *folders, name = path.split(".")
    for folder in folders:
        tree = tree["trade_order_info_dtos"][0] if folder == "trade" else tree[folder]
    del tree[name]
    assert get(call, wish)["code"] == 40


def changed(**recipient: Any) -> dict[str, Any]:
    wish = copy.deepcopy(WISH)
    wish["trade_order_info_dtos"][0]["recipient"] |= recipient
    return wish


@pytest.mark.parametrize(
    ("wish", "sub_code"),
    [
        (changed(address={"detail": "超区的街"}), "isv.address-unreachable"),
        (changed(oaid="expired-1"), "isv.oaid-expired"),
        ({**WISH, "cp_code": "NOBODY"}, "isv.cp-not-subscribed"),
        ({**WISH, "sender": {"name": "仓", "address": {"province": "浙江省", "detail": "别处"}}},
         "isv.shipp-address-not-registered"),
    ],
)  # fmt: skip
def test_what_the_state_of_things_forbids_has_a_sub_code(call: Call, wish: dict[str, Any], sub_code: str) -> None:
    assert get(call, wish)["sub_code"] == sub_code


def test_a_package_has_one_number_however_often_it_is_asked_for_and_prepaid_ones_run_out(
    call: Call, twin: CainiaoTwin
) -> None:
    first = code_of(call)
    assert code_of(call) == first
    second, third = copy.deepcopy(WISH), copy.deepcopy(WISH)
    second["trade_order_info_dtos"][0]["package_info"]["id"] = "P_2"
    third["trade_order_info_dtos"][0]["package_info"]["id"] = "P_3"
    assert "modules" in get(call, second)
    assert get(call, third)["sub_code"] == "isv.balance-not-enough"
    assert twin.ledger()["left"]["ZTO"] == 0
    assert call("cainiao.waybill.ii.cancel", cp_code="ZTO", waybill_code=first)["cancel_result"] is True
    assert twin.ledger()["left"]["ZTO"] == 1
    assert code_of(call) != first


def test_a_label_changes_until_the_courier_has_the_parcel(call: Call, twin: CainiaoTwin) -> None:
    code = code_of(call)
    wish = {"cp_code": "ZTO", "waybill_code": code, "recipient": changed()["trade_order_info_dtos"][0]["recipient"]}
    update = "cainiao.waybill.ii.update"
    assert f":{2}" in call(update, param_waybill_cloud_print_update_request=wish)["print_data"]
    assert Client(twin).post(f"/_twin/numbers/{code}", json={"state": "picked"}).get_json() == {"ok": True}
    for answer in (
        call(update, param_waybill_cloud_print_update_request=wish),
        call("cainiao.waybill.ii.cancel", cp_code="ZTO", waybill_code=code),
    ):
        assert answer["sub_code"] == "isv.waybill-already-picked"


def test_numbers_are_found_by_order_and_by_themselves_and_cancelled_ones_are_not(call: Call) -> None:
    code = code_of(call)
    trade, number = "cainiao.waybill.ii.query.by.tradecode", "cainiao.waybill.ii.query.by.waybillcode"
    by_code = [{"cp_code": "ZTO", "waybill_code": code, "object_id": "1"}]
    for answer in (
        call(trade, param_list=[{"biz_sub_code": "9001", "object_id": "1"}]),
        call(number, param_list=by_code),
    ):
        row = answer["modules"]["waybill_cloud_print_with_result_desc_response"][0]
        assert row["waybill_cloud_print_response"]["waybill_code"] == code
    call("cainiao.waybill.ii.cancel", cp_code="ZTO", waybill_code=code)
    row = call(number, param_list=by_code)["modules"]["waybill_cloud_print_with_result_desc_response"][0]
    assert row["error_code"] == "WAYBILL_NOT_EXIST"
    assert call(number)["code"] == 40


def test_reach_and_subscriptions_are_told(call: Call) -> None:
    wish = {"cp_code": "ZTO", "address": {"address_detail": "超区"}}
    answer = call("cainiao.waybill.address.reachable.query", reachable_recommend_request_dto=wish)
    assert answer["result"]["module"]["reachable"] is False
    rows = call("cainiao.waybill.ii.search")["waybill_apply_subscription_cols"]["waybill_apply_subscription_info"]
    assert {row["cp_code"]: row["cp_type"] for row in rows}["SF"] == 1
