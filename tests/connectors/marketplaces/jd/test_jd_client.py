"""Signing, parameters, both levels of errors and secrecy of calls to JOS."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import responses

from connectors.contract.errors import AuthFailed, BadRecord, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.manifest import Account
from connectors.marketplaces.jd import Jd
from connectors.marketplaces.jd.client import jd_time, sign
from tests.connectors.contract_kit import EVERYWHERE, assert_silent
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.jd.papers import ORDER_NO, an_order, detail_answer, error_body
from tests.connectors.marketplaces.jd.stage import SECRETS, Stage

VECTOR = {
    "method": "jingdong.pop.order.search",
    "app_key": "JDKEY0001",
    "access_token": "jd-token",
    "timestamp": "2026-01-15 10:00:00",
    "v": "2.0",
    "360buy_param_json": (
        '{"dateType":0,"end_date":"2026-01-15 10:00:00","optional_fields":"orderId,orderState,modified",'
        '"order_state":"WAIT_SELLER_STOCK_OUT","page":"1","page_size":"50","start_date":"2026-01-15 09:30:00"}'
    ),
}


def test_signature_equals_the_published_vector():
    assert sign(VECTOR, "jdsecret") == "7B624C276A2C7C763341294AF7DB6A4E"


def test_signature_leaves_itself_out():
    assert sign(VECTOR | {"sign": "old"}, "jdsecret") == sign(VECTOR, "jdsecret")


def test_times_are_written_on_china_s_clock():
    assert jd_time(datetime(2026, 3, 1, 20, 5, 9, tzinfo=UTC)) == "2026-03-02 04:05:09"


def test_a_call_carries_all_system_parameters_and_a_signature_over_them():
    with Stage() as stage:
        stage.answers(detail_answer(an_order()))
        stage.jd.get_order(ORDER_NO)
    form = stage.forms[0]
    assert form["timestamp"] == "2026-03-02 12:00:00"
    assert (form["v"], form["format"], form["app_key"], form["access_token"]) == ("2.0", "json", "K1", "stage-token")
    assert form.pop("sign") == sign(form, "stage-app")
    method, params = stage.sent[0]
    assert method == "jingdong.pop.order.enGet"
    assert params["order_id"] == ORDER_NO
    assert {"consigneeInfo", "shouldPay", "itemInfoList"} <= set(params["optional_fields"].split(","))


def test_an_account_with_the_permission_reads_plain_receivers():
    with Stage(receiver_calls="plain") as stage:
        stage.answers(detail_answer(an_order()))
        document = stage.jd.get_order(ORDER_NO)
    assert stage.sent[0][0] == "jingdong.pop.order.get"
    assert not stage.jd.parse_order(document.body).receiver.masked


def test_the_correct_spelling_of_the_root_is_understood_too():
    with Stage() as stage:
        right = b'{"jingdong_pop_order_enGet_response":{"code":"0","x":{"orderInfo":{"orderId":"%s"}}}}'
        stage.answers(right % ORDER_NO.encode())
        assert stage.jd.get_order(ORDER_NO).external_no == ORDER_NO


@pytest.mark.parametrize("body", [b'{"other_responce":{}}', b"[]", b'{"jingdong_pop_order_enGet_responce":7}'])
def test_an_answer_of_another_kind_is_no_answer(body: bytes):
    with Stage() as stage:
        stage.answers(body, body)
        with pytest.raises(Retryable):
            stage.jd.get_order(ORDER_NO)
        with pytest.raises(OutcomeUnknown):
            stage.jd.jos.write("jingdong.pop.order.shipment", orderId=ORDER_NO)


def test_another_order_s_document_is_not_taken_for_ours():
    with Stage() as stage:
        stage.answers(detail_answer(an_order()), {"code": "0"})
        with pytest.raises(Retryable, match="another order"):
            stage.jd.get_order("1")
        with pytest.raises(Retryable, match="without the order"):
            stage.jd.get_order("1")


@pytest.mark.parametrize("says_no", [False, "false"])
def test_a_write_that_its_result_denies_is_refused_with_the_platform_s_words(says_no: object):
    with Stage() as stage:
        stage.answers({"code": "0", "replyResult": {"success": says_no, "errorMessage": "已审核", "errorCode": "E7"}})
        with pytest.raises(Refused, match="已审核") as caught:
            stage.jd.decide_case("R1", True, "好", {})
    assert caught.value.code == "E7"


def test_a_thing_that_does_not_exist_is_not_asked_for_again():
    missing = {"apiResult": {"success": False, "numberCode": 77, "chineseErrCode": "订单不存在"}}
    with Stage() as stage:
        stage.answers({"code": "0", "orderDetailInfo": missing})
        with pytest.raises(Refused):
            stage.jd.get_order("1")


def test_an_inner_code_is_an_error_like_the_gateway_s():
    with Stage() as stage:
        stage.answers({"code": "19", "zh_desc": "过期"})
        with pytest.raises(AuthFailed):
            stage.jd.get_order(ORDER_NO)


def test_an_expired_token_is_refreshed_only_where_there_is_a_refresh_token():
    for secrets, expired in ((SECRETS, True), (SECRETS | {"refresh_token": ""}, False)):
        with responses.RequestsMock() as platform:
            platform.add(responses.POST, EVERYWHERE, body=error_body("19"))
            with pytest.raises(AuthFailed) as caught:
                Jd(Account({"app_key": "K1"}, secrets), clock=lambda: NOW).get_order(ORDER_NO)
        assert caught.value.expired is expired


def test_the_quota_is_waited_for_until_midnight_of_china_when_that_is_near():
    late = datetime(2026, 3, 2, 15, 59, 0, tzinfo=UTC)
    with responses.RequestsMock() as platform:
        platform.add(responses.POST, EVERYWHERE, body=error_body("2", "限制时间内调用失败次数"))
        with pytest.raises(RateLimited) as caught:
            Jd(Account({"app_key": "K1"}, SECRETS), clock=lambda: late).get_order(ORDER_NO)
    assert caught.value.retry_after == 60


def test_phones_and_memos_in_a_platform_s_words_are_starred():
    memo = "".join(("住三楼", "的吴女士"))  # written apart, since a traceback shows this file's lines
    with Stage() as stage:
        stage.answers(detail_answer(an_order()), error_body("14", f"13812345678 {memo}"))
        with pytest.raises(Refused) as caught:
            stage.jd.set_memo(ORDER_NO, memo, "red")
    assert_silent(caught.value, ("13812345678", memo))


def test_a_cursor_of_something_else_is_refused_with_the_remedy():
    with Stage() as stage:
        for cursor in (
            "x",
            "[]",
            '["yesterday"]',
            "{}",
            '["2026-03-02 10:00:00","","2026-03-02 10:00:00","",-7,"","",0,0]',
        ):
            with pytest.raises(BadRecord, match="anew"):
                stage.jd.pull_orders(cursor)


def test_a_start_that_is_no_time_is_refused_with_an_example():
    with Stage(since="soon") as stage, pytest.raises(BadRecord, match="2026-01-15"):
        stage.jd.pull_orders("")
