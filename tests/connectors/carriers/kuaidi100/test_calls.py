"""What is sent to kuaidi100, and what its answers become."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
import responses

from connectors.carriers.kuaidi100.signing import sign_query
from connectors.contract.errors import AuthFailed, BadRecord, ConnectorError, RateLimited, Refused, Retryable
from connectors.contract.notices import ParcelState
from tests.connectors.carriers.kuaidi100.factories import GATEWAY, REQUEST, a_scan, a_tracker, a_trail

POLL, QUERY = f"{GATEWAY}/poll", f"{GATEWAY}/poll/query.do"


@pytest.fixture
def vendor_side() -> Iterator[responses.RequestsMock]:
    """kuaidi100's own side."""
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock


def returning(code: str, message: str = "提交成功") -> dict[str, Any]:
    return {"result": code == "200", "returnCode": code, "message": message}


def form_of(side: responses.RequestsMock) -> dict[str, str]:
    body = side.calls[-1].request.body
    return dict(parse_qsl(body if isinstance(body, str) else (body or b"").decode(), keep_blank_values=True))


def test_a_subscription_registers_our_callback_and_salt(vendor_side: responses.RequestsMock) -> None:
    vendor_side.post(POLL, json=returning("200"))
    receipt = a_tracker().subscribe(replace(REQUEST, origin="杭州市", destination="上海市"))
    form = form_of(vendor_side)
    param = json.loads(form["param"])
    assert form["schema"] == "json"
    assert (param["company"], param["number"], param["key"]) == ("zhongtong", "75000000000001", "kdkey")
    assert (param["from"], param["to"]) == ("杭州市", "上海市")
    assert param["parameters"] == {
        "callbackurl": REQUEST.callback_url,
        "salt": "salt-1",
        "resultv2": "4",
        "autoCom": "0",
        "interCom": "0",
        "phone": "0002",
    }
    assert (receipt.reference, receipt.words) == ("75000000000001", "提交成功")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("500", Retryable),
        ("600", AuthFailed),
        ("601", AuthFailed),
        ("700", Refused),
        ("701", Refused),
        ("702", Refused),
        ("799", Refused),
    ],
)
def test_return_codes_of_a_subscription_are_sorted(
    vendor_side: responses.RequestsMock, code: str, error: type[ConnectorError]
) -> None:
    vendor_side.post(POLL, json=returning(code, "订阅失败"))
    with pytest.raises(ConnectorError) as caught:
        a_tracker().subscribe(REQUEST)
    assert type(caught.value) is error
    assert caught.value.code == code


def test_a_parcel_followed_already_counts_as_subscribed(vendor_side: responses.RequestsMock) -> None:
    vendor_side.post(POLL, json=returning("501", "重复订阅"))
    assert a_tracker().subscribe(REQUEST).reference == "75000000000001"


def test_a_carrier_without_company_is_left_to_detection(vendor_side: responses.RequestsMock) -> None:
    vendor_side.post(POLL, json=returning("200"))
    a_tracker().subscribe(replace(REQUEST, carrier_code="OTHER"))
    param = json.loads(form_of(vendor_side)["param"])
    assert (param["company"], param["parameters"]["autoCom"]) == ("", "1")


def test_a_company_added_by_the_account_is_used(vendor_side: responses.RequestsMock) -> None:
    vendor_side.post(POLL, json=returning("200"))
    a_tracker(companies="UC=youshuwuliu").subscribe(replace(REQUEST, carrier_code="UC"))
    assert json.loads(form_of(vendor_side)["param"])["company"] == "youshuwuliu"


def test_a_carrier_that_wants_a_phone_is_not_asked_without() -> None:
    request = replace(REQUEST, carrier_code="SF", phone_tail="")
    for call in (a_tracker().subscribe, a_tracker().track):
        with pytest.raises(Refused, match="last four digits"):
            call(request)


@pytest.mark.parametrize("waybill_no", ["", "7" * 33])
def test_a_waybill_the_vendor_would_not_take_is_not_sent(waybill_no: str) -> None:
    with pytest.raises(BadRecord) as caught:
        a_tracker().subscribe(replace(REQUEST, waybill_no=waybill_no))
    assert caught.value.field == "waybill_no"


def test_a_query_is_signed_over_the_text_it_sends(vendor_side: responses.RequestsMock) -> None:
    vendor_side.post(QUERY, json=a_trail("3", a_scan("301")))
    report = a_tracker().track(replace(REQUEST, phone_tail=""))
    form = form_of(vendor_side)
    assert (
        form["param"] == '{"com":"zhongtong","num":"75000000000001","phone":"","resultv2":"4","show":"0","order":"desc"}'
    )
    assert form["customer"] == "CUST"
    assert form["sign"] == sign_query(form["param"], "kdkey", "CUST") == "34894B3C3BEED1D344A99DBA6D611B5D"
    assert (report.carrier_code, report.state, report.ended) == ("ZTO", ParcelState.DELIVERED, True)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("400", Refused),
        ("408", Refused),
        ("500", Retryable),
        ("502", Retryable),
        ("503", AuthFailed),
        ("601", AuthFailed),
    ],
)
def test_return_codes_of_a_query_are_sorted(
    vendor_side: responses.RequestsMock, code: str, error: type[ConnectorError]
) -> None:
    vendor_side.post(QUERY, json=returning(code, "查询失败"))
    with pytest.raises(ConnectorError) as caught:
        a_tracker().track(REQUEST)
    assert type(caught.value) is error


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"data":"x"}'])
def test_an_answer_that_says_nothing_is_asked_for_again(vendor_side: responses.RequestsMock, body: bytes) -> None:
    vendor_side.post(QUERY, body=body)
    with pytest.raises(Retryable):
        a_tracker().track(REQUEST)


@pytest.mark.parametrize(("status", "error"), [(500, Retryable), (429, RateLimited), (403, AuthFailed), (404, Refused)])
def test_http_failures_are_sorted_too(
    vendor_side: responses.RequestsMock, status: int, error: type[ConnectorError]
) -> None:
    vendor_side.post(POLL, status=status)
    with pytest.raises(ConnectorError) as caught:
        a_tracker().subscribe(REQUEST)
    assert type(caught.value) is error


def test_words_of_a_refusal_never_quote_secrets(vendor_side: responses.RequestsMock) -> None:
    vendor_side.post(POLL, json=returning("700", "bad param kdkey salt-1"))
    with pytest.raises(Refused) as caught:
        a_tracker().subscribe(REQUEST)
    assert caught.value.words == "bad param * *"


@pytest.mark.parametrize(
    ("body", "ok"),
    [
        (a_trail("0"), True),
        (returning("500", "查询无结果"), True),
        (returning("400"), True),
        (returning("503"), False),
        ({}, False),
    ],
)
def test_a_check_proves_the_key(vendor_side: responses.RequestsMock, body: dict[str, Any], ok: bool) -> None:
    vendor_side.post(QUERY, json=body)
    assert a_tracker().check().ok is ok


def test_a_check_tells_a_wrong_address(vendor_side: responses.RequestsMock) -> None:
    vendor_side.post(QUERY, status=404)
    assert not a_tracker().check().ok
