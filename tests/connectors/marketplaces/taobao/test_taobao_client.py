"""Signing, parameters and secrecy of calls to TOP."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
import responses

from connectors.contract.errors import OutcomeUnknown, Refused, Retryable
from connectors.contract.manifest import Account
from connectors.marketplaces.taobao import Taobao
from connectors.marketplaces.taobao.client import sign, top_time
from tests.connectors.contract_kit import EVERYWHERE, assert_silent
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.taobao.papers import TID, a_trade, error_body, order_body

PARAMS = {
    "method": "taobao.trades.sold.increment.get",
    "app_key": "12345678",
    "session": "test-session",
    "timestamp": "2026-01-15 10:00:00",
    "format": "json",
    "v": "2.0",
    "fields": "tid,status,modified,has_next",
    "start_modified": "2026-01-15 09:30:00",
    "end_modified": "2026-01-15 10:00:00",
    "page_no": "1",
    "page_size": "50",
    "use_has_next": "true",
}
ACCOUNT = Account({"app_key": "12345678", "sign_method": "md5"}, {"app_secret": "helloworld", "session": "s-1"})


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("md5", "F831AACD47EB506C993ECC6D912BB672"),
        ("hmac", "BF7CB1E5DE3EF8928D825B69EB7491A1"),
        ("hmac-sha256", "93E8C185D67821EE0708238D61C9FABC9A78CDB37E8D9B5607C8BBAC67F47653"),
    ],
)
def test_signature_equals_the_published_vector(method: str, expected: str):
    assert sign(PARAMS | {"sign_method": method}, "helloworld", method) == expected


def test_signature_of_the_guide_s_own_example():
    params = {
        "method": "taobao.item.seller.get",
        "app_key": "12345678",
        "session": "test",
        "timestamp": "2016-01-01 12:00:00",
        "format": "json",
        "v": "2.0",
        "sign_method": "md5",
        "fields": "num_iid,title,nick,price,num",
        "num_iid": "11223344",
    }
    assert sign(params, "helloworld", "md5") == "66987CB115214E59E6EC978214934FB8"


def test_signature_leaves_itself_out():
    assert sign(PARAMS | {"sign": "old"}, "helloworld", "md5") == sign(PARAMS, "helloworld", "md5")


def test_times_are_written_on_china_s_clock():
    assert top_time(datetime(2026, 3, 1, 20, 5, 9, tzinfo=UTC)) == "2026-03-02 04:05:09"


def test_a_call_carries_all_common_parameters_and_a_signature_over_them():
    with responses.RequestsMock() as platform:
        platform.add(responses.POST, EVERYWHERE, body=order_body(a_trade()))
        Taobao(ACCOUNT, clock=lambda: NOW).get_order(TID)
        request = platform.calls[0].request
    sent = {name: values[0] for name, values in parse_qs(request.body).items()}
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded;charset=utf-8"
    assert sent["timestamp"] == "2026-03-02 12:00:00"
    assert (sent["format"], sent["v"], sent["session"]) == ("json", "2.0", "s-1")
    assert sent["include_oaid"] == "true"
    assert sent.pop("sign") == sign(sent, "helloworld", "md5")


def test_chinese_text_is_signed_as_it_is_sent():
    with responses.RequestsMock() as platform:
        platform.add(responses.POST, EVERYWHERE, body=b'{"trade_close_response":{"trade":{"tid":1}}}')
        Taobao(ACCOUNT, clock=lambda: NOW).cancel_order(TID, "买家不想买了")
        sent = {name: values[0] for name, values in parse_qs(platform.calls[0].request.body).items()}
    assert sent["close_reason"] == "买家不想买了"
    assert sent.pop("sign") == sign(sent, "helloworld", "md5")


@pytest.mark.parametrize("body", [b'{"other_response":{}}', b"[]", b'{"trade_fullinfo_get_response":7}'])
def test_an_answer_of_another_kind_is_no_answer(body: bytes):
    with responses.RequestsMock() as platform:
        platform.add(responses.POST, EVERYWHERE, body=body)
        with pytest.raises(Retryable):
            Taobao(ACCOUNT, clock=lambda: NOW).get_order(TID)
        with pytest.raises(OutcomeUnknown):
            Taobao(ACCOUNT, clock=lambda: NOW).cancel_order(TID, "no")


def test_another_trade_s_document_is_not_taken_for_ours():
    with responses.RequestsMock() as platform:
        platform.add(responses.POST, EVERYWHERE, body=order_body(a_trade()))
        with pytest.raises(Retryable, match="another document"):
            Taobao(ACCOUNT, clock=lambda: NOW).get_order("1")


def test_phones_in_a_platform_s_words_are_starred():
    words = "receiver 13812345678 is not reachable, trade 7300000000000000100"
    with responses.RequestsMock() as platform:
        platform.add(responses.POST, EVERYWHERE, body=error_body(15, "isv.some-error", words))
        with pytest.raises(Refused) as caught:
            Taobao(ACCOUNT, clock=lambda: NOW).get_order(TID)
    assert_silent(caught.value, ("13812345678",))
    assert TID in str(caught.value)
    assert caught.value.code == "15/isv.some-error"


def test_a_memo_echoed_by_the_platform_is_starred():
    memo = "".join(("住三楼", "的林女士"))  # written apart, since a traceback shows this file's lines
    with responses.RequestsMock() as platform:
        platform.add(responses.POST, EVERYWHERE, body=order_body(a_trade(seller_memo="")))
        platform.add(responses.POST, EVERYWHERE, body=error_body(15, "isv.invalid-memo", f"bad memo: {memo}"))
        with pytest.raises(Refused) as caught:
            Taobao(ACCOUNT, clock=lambda: NOW).set_memo(TID, memo, "red")
    assert_silent(caught.value, (memo,))


def test_the_document_is_kept_byte_for_byte_with_the_platform_s_stamp():
    body = order_body(a_trade())
    with responses.RequestsMock() as platform:
        platform.add(responses.POST, EVERYWHERE, body=body)
        document = Taobao(ACCOUNT, clock=lambda: NOW).get_order(TID)
    assert document.body == body
    assert (document.kind, document.external_no, document.fetched_at) == ("order", TID, NOW)
    assert document.changed_at == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
