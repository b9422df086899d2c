"""Signing, parameters and secrecy of calls to Doudian, and how its errors are told apart."""

from __future__ import annotations

import pytest

from connectors.contract.errors import AuthFailed, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.marketplaces.douyin.client import param_json, sign
from tests.connectors.contract_kit import assert_silent
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.douyin.papers import ORDER_NO, an_order, error_body, order_body
from tests.connectors.marketplaces.douyin.stage import Stage

SEARCH = {
    "update_time_start": 1768440600,
    "update_time_end": 1768442400,
    "size": 100,
    "page": 0,
    "order_by": "update_time",
    "order_asc": True,
}


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("hmac-sha256", "74da9dedba2c177a260054b45f3bc8493280233c7117b6573b2ed33a3b1db50a"),
        ("md5", "313b965d88af820a0b2bc8db6aab6188"),
    ],
)
def test_signature_equals_the_published_vector(method: str, expected: str):
    body = param_json(SEARCH)
    assert sign("7000000000000000001", "order.searchList", body, "1768442400", "ddsecret", method) == expected


def test_parameters_are_compact_and_sorted_all_the_way_down():
    told = param_json({"b": [{"z": 1, "a": "<中&文>"}], "a": {"d": 1, "c": True}})
    assert told == '{"a":{"c":true,"d":1},"b":[{"a":"<中&文>","z":1}]}'.encode()


@pytest.mark.parametrize("method", ["hmac-sha256", "md5"])
def test_a_call_is_signed_over_the_very_bytes_it_sends(method: str):
    with Stage(sign_method=method) as stage:
        stage.answers({"shop_order_detail": an_order()})
        stage.douyin.get_order(ORDER_NO)
    query = stage.queries[0]
    assert stage.paths == ["order/orderDetail"]
    assert (query["method"], query["v"], query["access_token"]) == ("order.orderDetail", "2", "stage-token")
    assert query["timestamp"] == str(int(NOW.timestamp()))
    expected = sign("70", "order.orderDetail", stage.bodies[0], query["timestamp"], "stage-app", method)
    assert (query["sign"], query["sign_method"]) == (expected, method)


def test_the_document_is_kept_byte_for_byte_with_the_platform_s_stamp():
    body = order_body(an_order())
    with Stage() as stage:
        stage.answers(body)
        document = stage.douyin.get_order(ORDER_NO)
    assert (document.body, document.kind, document.fetched_at) == (body, "order", NOW)
    assert document.changed_at is not None
    assert document.changed_at.timestamp() == an_order()["update_time"]


def test_another_order_s_document_is_not_taken_for_ours():
    with (
        Stage.given({"shop_order_detail": an_order(order_id="1")}) as stage,
        pytest.raises(Retryable, match="another document"),
    ):
        stage.douyin.get_order(ORDER_NO)


@pytest.mark.parametrize("body", [b"[]", b'{"data":{}}', b'{"code":10000}', b'{"code":10000,"data":[]}'])
def test_an_answer_of_another_kind_is_no_answer(body: bytes):
    with Stage.given(body) as stage, pytest.raises(Retryable):
        stage.douyin.get_order(ORDER_NO)


@pytest.mark.parametrize(
    ("sub_code", "expired"),
    [
        ("isv.access-token-expired", True),
        ("isv.access-token-no-existed", True),
        ("isv.access-token-invalid", False),
        ("isv.signature-invalid", False),
    ],
)
def test_only_a_token_that_ran_out_may_be_refreshed(sub_code: str, expired: bool):
    with Stage.given(error_body(40003, sub_code)) as stage, pytest.raises(AuthFailed) as caught:
        stage.douyin.get_order(ORDER_NO)
    assert caught.value.expired is expired


def test_a_limit_in_a_body_gives_the_account_a_rest():
    rests: list[float | None] = []
    with Stage.given(error_body(60000)) as stage:
        stage.douyin.http.rest = rests.append  # type: ignore[method-assign]
        with pytest.raises(RateLimited):
            stage.douyin.get_order(ORDER_NO)
    assert rests == [None]


def test_a_request_the_platform_already_has_is_done():
    with Stage() as stage:
        stage.answers({"shop_order_detail": an_order(seller_words="")}, error_body(40003, "isv.idempotent-id-existed"))
        assert stage.douyin.set_memo(ORDER_NO, "x1", "").reference == ORDER_NO


def test_a_broken_platform_leaves_a_write_unknown_and_a_read_repeatable():
    with Stage() as stage:
        stage.answers(error_body(20000, "isp.service-error"), {"shop_order_detail": an_order()}, error_body(20001))
        with pytest.raises(Retryable):
            stage.douyin.get_order(ORDER_NO)
        with pytest.raises(OutcomeUnknown):
            stage.douyin.set_memo(ORDER_NO, "x1", "red")


def test_phones_memos_and_ciphertexts_in_a_platform_s_words_are_starred():
    memo, cipher = "".join(("住三楼", "的周先生")), "".join(("##cip", "her##"))
    with Stage() as stage:
        stage.answers(
            {"shop_order_detail": an_order()}, error_body(40004, "isv.parameter-invalid", f"bad {memo} 13812345678")
        )
        with pytest.raises(Refused) as caught:
            stage.douyin.set_memo(ORDER_NO, memo, "")
        assert_silent(caught.value, (memo, "13812345678"))
        assert caught.value.code == "40004/isv.parameter-invalid"
        stage.answers(error_body(40004, "isv.parameter-invalid", f"bad {cipher}"))
        with pytest.raises(Refused) as caught:
            stage.douyin.decrypt_receiver(ORDER_NO, {"name": cipher}, "")
        assert_silent(caught.value, (cipher,))
