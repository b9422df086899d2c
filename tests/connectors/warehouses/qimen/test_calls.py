"""What is sent for each call, and what the answers become."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import responses

from connectors.contract.errors import (
    AuthFailed,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Retryable,
)
from connectors.contract.manifest import Account
from connectors.contract.records import ReceiverRecord
from connectors.warehouses.qimen import QimenWarehouse
from connectors.warehouses.qimen.signing import is_genuine
from tests.connectors.warehouses.qimen.factories import (
    GATEWAY,
    REF,
    SECRET,
    a_confirm,
    a_line,
    a_notice,
    a_warehouse,
    answers,
    body_of,
    failure,
    methods,
    query_of,
    success,
)

CREATED = success("<createTime>2026-11-21 10:05:03</createTime><deliveryOrderId>WMSDO-55001</deliveryOrderId>")
FOUND = success(a_confirm())


# ---- the call ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign_method", ["md5", "hmac", "hmac-sha256"])
def test_a_call_is_signed_over_query_and_raw_body(wms: responses.RequestsMock, sign_method: str) -> None:
    answers(wms, CREATED)
    a_warehouse(sign_method=sign_method).create_fulfilment(a_notice())
    query = query_of(wms)
    assert query["method"] == "taobao.qimen.deliveryorder.create"
    assert (query["timestamp"], query["format"], query["v"]) == ("2026-11-21 10:05:00", "xml", "2.0")
    assert (query["app_key"], query["customerId"], query["sign_method"]) == ("erp-app", "c1", sign_method)
    assert is_genuine(SECRET, query, body_of(wms))
    assert wms.calls[0].request.headers["Content-Type"] == "text/xml; charset=utf-8"


def test_a_warehouse_without_gateway_is_called_without_prefix(wms: responses.RequestsMock) -> None:
    answers(wms, CREATED)
    a_warehouse(method_prefix="none").create_fulfilment(a_notice())
    assert query_of(wms)["method"] == "deliveryorder.create"


# ---- create --------------------------------------------------------------------------------------


def test_the_receipt_has_the_warehouse_s_number(wms: responses.RequestsMock) -> None:
    answers(wms, CREATED)
    assert a_warehouse().create_fulfilment(a_notice()).reference == "WMSDO-55001"


def test_a_document_split_by_the_warehouse_keeps_all_numbers(wms: responses.RequestsMock) -> None:
    parts = "".join(f"<deliveryOrder><deliveryOrderId>W-{i}</deliveryOrderId></deliveryOrder>" for i in (1, 2))
    answers(wms, success(f"<deliveryOrders>{parts}</deliveryOrders>"))
    receipt = a_warehouse().create_fulfilment(a_notice())
    assert (receipt.reference, receipt.answer["split"]) == ("W-1", "W-1,W-2")


@pytest.mark.parametrize("words", ["单据已存在", "请勿重复提交", "Order already exists", "DUPLICATE order"])
def test_a_document_that_exists_already_is_accepted_after_a_look(wms: responses.RequestsMock, words: str) -> None:
    answers(wms, failure(words), FOUND)
    receipt = a_warehouse().create_fulfilment(a_notice())
    assert (receipt.reference, receipt.answer["repeated"]) == ("WMSDO-55001", "true")
    assert methods(wms) == ["deliveryorder.create", "deliveryorder.query"]


@pytest.mark.parametrize(
    "found", [failure("单据不存在"), success(a_confirm(status="CANCELED")), success(a_confirm(status="REJECT"))]
)
def test_existing_words_are_not_believed_when_nothing_alive_is_found(wms: responses.RequestsMock, found: bytes) -> None:
    answers(wms, failure("商品编码重复"), found)
    with pytest.raises(Refused, match="商品编码重复"):
        a_warehouse().create_fulfilment(a_notice())


def test_a_refusal_never_quotes_the_receiver_or_the_secret(wms: responses.RequestsMock) -> None:
    receiver = ReceiverRecord("李小四", "13000000009", "", "", "广东省", "东莞市", "", "", "示例街2号3栋")
    answers(wms, failure(f"收件人李小四 13000000009 示例街2号3栋 13111111111 无法送达 {SECRET}"))
    with pytest.raises(Refused) as caught:
        a_warehouse().create_fulfilment(a_notice(receiver=receiver))
    assert caught.value.words == "收件人* * * * 无法送达 *"
    assert caught.value.code == "-1"


def test_nothing_private_is_logged(wms: responses.RequestsMock, caplog: pytest.LogCaptureFixture) -> None:
    receiver = ReceiverRecord("李小四", "13000000009", "", "", "广东省", "东莞市", "", "", "示例街2号3栋")
    answers(wms, failure("李小四 13000000009 示例街2号3栋"), CREATED)
    with caplog.at_level("DEBUG"):
        with pytest.raises(Refused):
            a_warehouse().create_fulfilment(a_notice(receiver=receiver))
        a_warehouse().create_fulfilment(a_notice(receiver=receiver))
    for private in ("李小四", "13000000009", "示例街2号3栋", SECRET):
        assert private not in caplog.text


# ---- errors --------------------------------------------------------------------------------------

GATEWAY_ERROR = (
    "<response><success>false</success><errorCode>{}</errorCode><errorMsg>Illegal request</errorMsg></response>"
)
TOP_ERROR = "<error_response><code>25</code><msg>Invalid</msg><sub_code>{}</sub_code></error_response>"


@pytest.mark.parametrize("form", [GATEWAY_ERROR, TOP_ERROR, failure("x", "{}").decode().partition("?>")[2]])
@pytest.mark.parametrize(
    ("code", "reading", "writing"),
    [
        ("sign-check-failure", AuthFailed, AuthFailed),
        ("isv.invalid-signature", AuthFailed, AuthFailed),
        ("invalid-app-key", AuthFailed, AuthFailed),
        ("insufficient-isv-permissions", AuthFailed, AuthFailed),
        ("app-call-limited", RateLimited, RateLimited),
        ("isp.remote-service-error", Retryable, OutcomeUnknown),
        ("remote-service-timeout", Retryable, OutcomeUnknown),
        ("invalid-timestamp", Retryable, OutcomeUnknown),
        ("warehouse-not-assigned", Refused, Refused),
        ("-1", Refused, Refused),
    ],
)
def test_both_failure_envelopes_are_sorted_by_what_to_do_next(
    wms: responses.RequestsMock, form: str, code: str, reading: type, writing: type
) -> None:
    body = form.format(code).encode()
    answers(wms, body, body)
    with pytest.raises(ConnectorError) as read:
        a_warehouse().pull_stock(["A"])
    with pytest.raises(ConnectorError) as written:
        a_warehouse().hold(REF, True)
    assert (type(read.value), type(written.value)) == (reading, writing)
    assert read.value.code == written.value.code == code


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"<response/>",
        b"<response><flag>maybe</flag></response>",
        b"<!DOCTYPE r [<!ENTITY a 'b'>]><response/>",
    ],
)
def test_an_answer_that_says_nothing_leaves_a_write_open(wms: responses.RequestsMock, body: bytes) -> None:
    answers(wms, body, body)
    with pytest.raises(OutcomeUnknown):
        a_warehouse().cancel_fulfilment(REF)
    with pytest.raises(Retryable) as caught:
        a_warehouse().find_fulfilment(REF)
    assert type(caught.value) is Retryable


@pytest.mark.parametrize(
    ("status", "error"), [(500, OutcomeUnknown), (429, RateLimited), (403, AuthFailed), (404, Refused)]
)
def test_http_failures_are_sorted_too(wms: responses.RequestsMock, status: int, error: type) -> None:
    wms.add(responses.POST, GATEWAY, status=status)
    with pytest.raises(error):
        a_warehouse().create_fulfilment(a_notice())


# ---- check ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [failure("单据不存在"), failure("whatever"), success()])
def test_any_answer_of_the_partner_proves_the_account(wms: responses.RequestsMock, body: bytes) -> None:
    answers(wms, body)
    assert a_warehouse().check().ok


@pytest.mark.parametrize("body", [GATEWAY_ERROR.format("sign-check-failure").encode(), b"<html>"])
def test_a_refused_or_lost_check_is_told(wms: responses.RequestsMock, body: bytes) -> None:
    answers(wms, body)
    report = a_warehouse().check()
    assert not report.ok
    assert "check" in report.words


def test_a_wrong_address_is_told(wms: responses.RequestsMock) -> None:
    wms.add(responses.POST, GATEWAY, status=404)
    assert not a_warehouse().check().ok


def test_an_incomplete_account_is_told_without_a_call() -> None:
    report = QimenWarehouse(Account(settings={"app_key": "a"})).check()
    assert not report.ok
    assert "customer_id" in report.words
    odd = a_warehouse(print_data_key="打印 数据").check()
    assert (odd.ok, "print_data_key" in odd.words) == (False, True)


WRITES: list[Callable[[QimenWarehouse], Any]] = [
    lambda vendor: vendor.create_fulfilment(a_notice()),
    lambda vendor: vendor.cancel_fulfilment(REF),
    lambda vendor: vendor.hold(REF, True),
    lambda vendor: vendor.call_back(REF, "75000000000001"),
    lambda vendor: vendor.announce_return(REF, [a_line()]),
    lambda vendor: vendor.sync_items([{"sku_code": "A", "name": "甲"}]),
]


@pytest.mark.parametrize("write", WRITES)
def test_every_write_without_answer_is_of_unknown_outcome(
    wms: responses.RequestsMock, write: Callable[[QimenWarehouse], Any]
) -> None:
    wms.add(responses.POST, GATEWAY, status=502)
    with pytest.raises(OutcomeUnknown):
        write(a_warehouse())
