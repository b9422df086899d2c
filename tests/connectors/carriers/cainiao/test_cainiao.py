"""Cainiao: what is sent for a label, what its answers and refusals become."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import orjson
import pytest
import responses

from connectors.carriers.cainiao import Cainiao
from connectors.carriers.cainiao.client import sign
from connectors.contract import errors as e
from connectors.contract import labels as lb
from connectors.contract import notices as n
from connectors.contract.manifest import Account
from tests.connectors.carriers.papers import NOTICE, PEOPLE, RECEIVER, a_notice, masked
from tests.connectors.contract_suite import NOW, CarrierSuite, Kit, Refusal

GATEWAY = "https://top.example.invalid/router/rest"
REF = n.LabelRef("F1234-2_1", "ZTO", "75000000000001")
PRINT = '{"encryptedData":"AES:EXAMPLE","signature":"MD:EXAMPLE"}'


def refused(sub_code: str, words: str = "", code: int = 15) -> bytes:
    error = {"code": code, "msg": "Remote service error", "sub_code": sub_code, "sub_msg": words}
    return orjson.dumps({"error_response": error})


class TestContract(CarrierSuite):
    connector: ClassVar = Cainiao
    kit: ClassVar = Kit(
        read=lambda vendor: vendor.balance(),
        write=lambda vendor: vendor.request_waybill(NOTICE),
        sent=PEOPLE,
        refusals=(
            Refusal(refused("isv.oaid-expired", "oaid 已过期"), lb.TokenStale, writing=True),
            Refusal(refused("isv.balance-not-enough", "电子面单余额不足"), lb.NumbersUsedUp, writing=True),
            Refusal(refused("isv.address-unreachable", "收件地址超区"), lb.Unreachable, writing=True),
            Refusal(refused("isv.shipp-address-error", "发货地址未开通"), lb.SenderUnknown, writing=True),
            Refusal(refused("isv.waybill-picked", "已揽收"), lb.LabelInUse, writing=True),
            Refusal(refused("isv.cp-code-error", "不认识的物流公司"), e.Refused, writing=True),
            Refusal(refused("isp.remote-timeout", "超时"), e.OutcomeUnknown, writing=True),
            Refusal(refused("isp.remote-timeout", "超时"), e.Retryable),
            Refusal(refused("", "Invalid session", 27), e.AuthFailed),
            Refusal(refused("", "Invalid timestamp", 31), e.Refused),
            Refusal(refused("accesscontrol.limited-by-api", "ban will last for 3 seconds", 7), e.RateLimited, 3.0),
        ),
    )


@pytest.fixture
def side() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock


def a_vendor(**settings: str) -> Cainiao:
    secrets = {"app_secret": "top-secret", "session": "sess"}
    account = Account({"app_key": "12345678", "user_id": "12345"} | settings, secrets, GATEWAY)
    return Cainiao(account, clock=lambda: NOW)


def answering(side: responses.RequestsMock, method: str, **inner: Any) -> None:
    side.post(GATEWAY, json={method.replace(".", "_") + "_response": inner})


def sent(side: responses.RequestsMock) -> dict[str, str]:
    """The form of the last call, with its signature checked."""
    body = side.calls[-1].request.body
    form = dict(parse_qsl(body if isinstance(body, str) else (body or b"").decode(), keep_blank_values=True))
    assert form["sign"] == sign(form, "top-secret")
    return form


def test_it_signs_as_the_worked_example_does() -> None:
    params = {
        "method": "cainiao.waybill.ii.cancel", "app_key": "12345678", "session": "sess", "format": "json", "v": "2.0",
        "timestamp": "2026-11-21 10:05:00", "sign_method": "md5", "cp_code": "ZTO", "waybill_code": "75000000000001",
    }  # fmt: skip
    assert sign(params, "top-secret") == "A8CD81427A277C875D3685AD10663126"


def test_a_number_is_asked_for_by_orders_and_package_and_comes_with_its_print_data(side: responses.RequestsMock) -> None:
    row = {"object_id": "1", "waybill_code": "75000000000001", "print_data": PRINT, "parent_waybill_code": "75P"}
    answering(side, "cainiao.waybill.ii.get", modules={"waybill_cloud_print_response": [row]})
    label = a_vendor(carriers="ZTO=ZTOX").request_waybill(a_notice(terms={"customer_code": "M1", "unknown": "x"}))
    assert (label.waybill_no, label.parent_no, label.print_data) == ("75000000000001", "75P", PRINT)
    assert PRINT not in repr(label)
    wish = json.loads(sent(side)["param_waybill_cloud_print_apply_new_request"])
    assert (wish["cp_code"], wish["customer_code"], "unknown" in wish) == ("ZTOX", "M1", False)
    assert wish["sender"]["address"]["detail"] == "示例路一号"
    trade = wish["trade_order_info_dtos"][0]
    assert trade["order_info"] == {"order_channels_type": "TB", "trade_order_list": ["900000000000000001"]}
    assert trade["package_info"]["id"] == "F1234_2_1"
    assert (trade["package_info"]["weight"], trade["user_id"]) == (420, 12345)
    assert trade["recipient"]["mobile"] == RECEIVER.phone
    assert "oaid" not in trade["recipient"]


def test_a_masked_receiver_is_named_by_the_platforms_token(side: responses.RequestsMock) -> None:
    row = {"object_id": "1", "waybill_code": "75000000000001", "print_data": PRINT}
    answering(side, "cainiao.waybill.ii.get", modules=[row])
    a_vendor().request_waybill(a_notice(receiver=masked(oaid="OAID-1"), order_nos=("中文",), collect_amount=12050))
    trade = json.loads(sent(side)["param_waybill_cloud_print_apply_new_request"])["trade_order_info_dtos"][0]
    assert (trade["recipient"]["oaid"], trade["recipient"]["tid"]) == ("OAID-1", "900000000000000001")
    assert trade["order_info"]["trade_order_list"] == ["F1234-2_1"]
    assert "120.50" in trade["logistics_services"]


def test_stars_without_a_token_that_cainiao_opens_are_refused() -> None:
    with pytest.raises(lb.ReceiverMasked):
        a_vendor().request_waybill(a_notice(receiver=masked(open_address_id="A1", phone="~cipher~")))


def test_the_token_of_a_receiver_that_was_typed_in_anew_is_not_sent(side: responses.RequestsMock) -> None:
    row = {"object_id": "1", "waybill_code": "75000000000001", "print_data": PRINT}
    answering(side, "cainiao.waybill.ii.get", modules=[row])
    a_vendor().request_waybill(a_notice(receiver=replace(RECEIVER, tokens={"oaid": "OAID-1"})))
    trade = json.loads(sent(side)["param_waybill_cloud_print_apply_new_request"])["trade_order_info_dtos"][0]
    assert (trade["recipient"]["mobile"], "oaid" in trade["recipient"]) == (RECEIVER.phone, False)


def test_a_changed_receiver_keeps_the_number(side: responses.RequestsMock) -> None:
    answering(side, "cainiao.waybill.ii.update", waybill_code="75000000000001", print_data=PRINT)
    label = a_vendor().change_label(a_notice(waybill_no="75000000000001"))
    assert (label.waybill_no, label.print_data) == ("75000000000001", PRINT)
    wish = json.loads(sent(side)["param_waybill_cloud_print_update_request"])
    assert set(wish) == {"cp_code", "waybill_code", "object_id", "recipient", "template_url"}


def test_an_unused_number_is_cancelled_and_one_that_is_gone_counts_as_cancelled(side: responses.RequestsMock) -> None:
    ref = n.LabelRef("F1234-2_1", "ZTO", "75000000000001")
    answering(side, "cainiao.waybill.ii.cancel", cancel_result=True)
    assert a_vendor().cancel_waybill(ref).reference == "75000000000001"
    assert (sent(side)["cp_code"], sent(side)["waybill_code"]) == ("ZTO", "75000000000001")
    side.post(GATEWAY, body=refused("isv.waybill-not-exist", "面单号不存在"))
    assert a_vendor().cancel_waybill(ref).reference == "75000000000001"
    answering(side, "cainiao.waybill.ii.cancel", cancel_result=False)
    with pytest.raises(e.Refused):
        a_vendor().cancel_waybill(ref)


def found(number: str = "75000000000001", **more: Any) -> dict[str, Any]:
    inner = {"waybill_code": number, "print_data": PRINT}
    return {"object_id": "1", "success": True, "waybill_cloud_print_response": inner, **more}


def test_a_number_is_found_by_itself_and_never_by_orders_that_other_packages_have_too(
    side: responses.RequestsMock,
) -> None:
    answering(side, "cainiao.waybill.ii.query.by.waybillcode", modules=[found()])
    label = a_vendor().find_waybill(REF)
    assert label is not None
    assert (label.waybill_no, label.print_data) == ("75000000000001", PRINT)
    asked = json.loads(sent(side)["param_list"])
    assert asked == [{"cp_code": "ZTO", "waybill_code": "75000000000001", "object_id": "1"}]
    assert a_vendor().find_waybill(n.LabelRef("F1234-2_1", "ZTO")) is None
    assert len(side.calls) == 1


@pytest.mark.parametrize(
    "module",
    [
        {"object_id": "1", "success": False, "error_code": "WAYBILL_NOT_EXIST", "error_message": "面单号不存在"},
        found(error_message="面单已取消"),
    ],
)
def test_what_is_not_this_number_is_not_found(side: responses.RequestsMock, module: dict[str, Any]) -> None:
    answering(side, "cainiao.waybill.ii.query.by.waybillcode", modules=[module])
    assert a_vendor().find_waybill(REF) is None


def test_what_is_left_is_added_up_by_carrier_and_not_counted_where_the_carrier_runs_its_branches(
    side: responses.RequestsMock,
) -> None:
    rows = [
        {"cp_code": "ZTO", "cp_type": 2, "branch_account_cols": {"waybill_branch_account": [
            {"branch_code": "B1", "quantity": 30}, {"branch_code": "B2", "quantity": 5}]}},
        {"cp_code": "SF", "cp_type": 1, "branch_account_cols": [{"branch_code": "", "quantity": 0}]},
    ]  # fmt: skip
    answering(
        side, "cainiao.waybill.ii.search", waybill_apply_subscription_cols={"waybill_apply_subscription_info": rows}
    )
    assert a_vendor().balance() == (n.NumbersLeft("ZTO", 35), n.NumbersLeft("SF", None))
    answering(side, "cainiao.waybill.ii.search", waybill_apply_subscription_cols=[])
    assert not a_vendor().check().ok


@pytest.mark.parametrize(("says", "is_reachable"), [(True, True), ("true", True), (False, False)])
def test_reach_is_what_the_platform_says(side: responses.RequestsMock, says: Any, is_reachable: bool) -> None:
    answering(
        side, "cainiao.waybill.address.reachable.query",
        result={"success": True, "module": {"reachable": says, "interrupt_reason": "疫情停运"}},
    )  # fmt: skip
    reach = a_vendor().reachable("ZTO", RECEIVER)
    assert (reach.is_reachable, reach.words) == (is_reachable, "疫情停运")
    asked = json.loads(sent(side)["reachable_recommend_request_dto"])
    assert (asked["cp_code"], asked["address"]["city_name"]) == ("ZTO", "上海市")


def test_a_stock_point_without_a_sender_asks_nobody() -> None:
    nobody = n.Sender("", "", "", "", "", "", "")
    with pytest.raises(e.Refused, match="sender"):
        a_vendor().request_waybill(a_notice(sender=nobody))
