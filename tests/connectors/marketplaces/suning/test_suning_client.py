"""Signing, headers and secrecy of calls to SOP."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import responses

from connectors.contract.errors import OutcomeUnknown, Refused, Retryable
from connectors.contract.manifest import Account
from connectors.contract.notices import StockLevel
from connectors.marketplaces.suning import Suning
from connectors.marketplaces.suning.client import sign, sop_time
from tests.connectors.contract_kit import EVERYWHERE, assert_silent
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.suning.papers import ORDER, an_order, answer, error_body
from tests.connectors.marketplaces.suning.stage import SECRETS, Stage

BODY = (
    b'{"sn_request":{"sn_body":{"orderQuery":{"startTime":"2026-01-15 00:00:00",'
    b'"endTime":"2026-01-15 10:00:00","pageNo":"1","pageSize":"50"}}}}'
)


def test_signature_equals_the_published_vector():
    signed = sign("snsecret", "suning.custom.order.query", "2026-01-15 10:00:00", "snkey", BODY)
    assert signed == "61dd1a61264a5d06186ff44ff5cf2358"


def test_times_are_written_on_china_s_clock():
    assert sop_time(datetime(2026, 3, 1, 20, 5, 9, tzinfo=UTC)) == "2026-03-02 04:05:09"


def call_headers(secrets: dict[str, str]) -> tuple[dict[str, str], bytes]:
    """The headers and the body of one call with these secrets."""
    with responses.RequestsMock() as platform:
        platform.add(responses.POST, EVERYWHERE, body=answer("orderGet", an_order()))
        Suning(Account({"app_key": "k1"}, secrets), clock=lambda: NOW).get_order(ORDER)
        request = platform.calls[0].request
    return dict(request.headers), request.body


def test_everything_but_the_question_is_in_the_headers_and_signed():
    headers, body = call_headers(SECRETS)
    assert body == b'{"sn_request":{"sn_body":{"orderGet":{"orderCode":"30000000077"}}}}'
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    assert (headers["Format"], headers["VersionNo"], headers["AppKey"]) == ("json", "v1.2", "k1")
    assert (headers["AppMethod"], headers["AppRequestTime"]) == ("suning.custom.order.get", "2026-03-02 12:00:00")
    assert headers["access_token"] == "stage-token"
    expected = sign("stage-secret", "suning.custom.order.get", "2026-03-02 12:00:00", "k1", body)
    assert headers["signInfo"] == expected


def test_a_shop_s_own_app_sends_no_token():
    headers, _ = call_headers({"app_secret": "s", "access_token": ""})
    assert "access_token" not in headers


@pytest.mark.parametrize("body", [b'{"other":{}}', b"[]", b'{"sn_responseContent":{}}', b'{"sn_responseContent":7}'])
def test_an_answer_of_another_kind_is_no_answer(body: bytes):
    with Stage(body, body) as stage:
        with pytest.raises(Retryable):
            stage.vendor.get_order(ORDER)
        with pytest.raises(OutcomeUnknown):
            stage.vendor.push_stock([StockLevel("1", "2", 3)])


@pytest.mark.parametrize("content", [an_order(orderCode="1"), [], [an_order(), an_order()]])
def test_another_order_s_document_is_not_taken_for_ours(content: object):
    with Stage(answer("orderGet", content)) as stage, pytest.raises(Retryable, match="without the order"):
        stage.vendor.get_order(ORDER)


def test_phones_in_a_platform_s_words_are_starred():
    with Stage(error_body("biz.order:odd", "receiver 13812345678 is odd")) as stage, pytest.raises(Refused) as caught:
        stage.vendor.get_order(ORDER)
    assert_silent(caught.value, ("13812345678",))
    assert caught.value.code == "biz.order:odd"


def test_a_memo_echoed_by_the_platform_is_starred():
    memo = "".join(("住三楼", "的梁女士"))  # written apart, since a traceback shows this file's lines
    answers = (answer("orderGet", an_order()), error_body("biz.note:bad", f"bad memo: {memo}"))
    with Stage(*answers) as stage, pytest.raises(Refused) as caught:
        stage.vendor.set_memo(ORDER, memo, "red")
    assert_silent(caught.value, (memo,))


def test_lists_and_details_give_the_same_document():
    order = an_order()
    page = answer("ordQuery", order, totalSize="1", pageTotal="1", pageNo="1")
    with Stage(answer("orderGet", order), page, since="2026-03-02T08:00:00+08:00") as stage:
        read, listed = stage.vendor.get_order(ORDER), stage.vendor.pull_orders("").documents[0]
    assert read == listed
    assert (read.kind, read.external_no, read.fetched_at) == ("order", ORDER, NOW)
    assert read.changed_at == datetime(2026, 3, 2, 1, 1, tzinfo=UTC)
