"""Alibaba Cloud SMS keeps the promises of every connector; a twin of another hand takes its messages and finds them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import orjson
import pytest
from werkzeug.serving import make_server

from connectors.contract import errors as e
from connectors.contract.manifest import Account
from connectors.notifiers.aliyun_sms import AliyunSms
from connectors.notifiers.aliyun_sms.signing import sign, string_to_sign
from connectors.sandbox.aliyun_sms import SIGN_NAME
from connectors.sandbox.aliyun_sms.signing import is_signed
from connectors.sandbox.aliyun_sms.twin import AliyunSmsTwin
from connectors.sandbox.kit import TwinOptions
from tests.connectors.contract_suite import NOW, ConnectorSuite, Kit, Refusal

PHONE = "13800000001"


def refused(code: str) -> bytes:
    return orjson.dumps({"Code": code, "Message": "words", "RequestId": "r"})


class TestContract(ConnectorSuite):
    connector: ClassVar = AliyunSms
    kit: ClassVar = Kit(
        read=lambda vendor: vendor.find_message(PHONE, "k1", NOW),
        write=lambda vendor: vendor.notify(PHONE, "SMS_100", {"code": "123456"}, "k1"),
        settings=(("longest_value", "35"),),
        refusals=(
            Refusal(refused("isv.BUSINESS_LIMIT_CONTROL"), e.RateLimited, retry_after=3600.0, writing=True),
            Refusal(refused("isv.SMS_TEMPLATE_ILLEGAL"), e.Refused, writing=True),
            Refusal(refused("isv.MOBILE_NUMBER_ILLEGAL"), e.Refused, writing=True),
            Refusal(refused("isv.AMOUNT_NOT_ENOUGH"), e.AuthFailed, writing=True),
            Refusal(refused("isp.SYSTEM_ERROR"), e.Retryable, writing=True),
            Refusal(refused("Throttling.User"), e.RateLimited, retry_after=1.0, status=400),
            Refusal(refused("SignatureDoesNotMatch"), e.AuthFailed, status=400),
            Refusal(refused("InvalidAccessKeyId.NotFound"), e.AuthFailed, status=404),
        ),
        sent=(PHONE,),
    )


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[tuple[str, AliyunSmsTwin]]:
    twin = AliyunSmsTwin(TwinOptions(tmp_path, 7, settings={"per_hour": 2, "fails": ["13900000009"]}))
    server = make_server("127.0.0.1", 0, twin, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", twin
    server.shutdown()
    thread.join()
    server.server_close()
    twin.close()


def account(twin: tuple[str, AliyunSmsTwin]) -> Account:
    settings = {"access_key_id": twin[1].key_id, "sign_name": SIGN_NAME}
    return Account(settings, {"access_key_secret": twin[1].secret}, gateway=twin[0])


def test_the_text_that_is_signed_is_encoded_twice() -> None:
    assert string_to_sign({"B": "a b*", "A": "~/"}) == "POST&%2F&A%3D~%252F%26B%3Da%2520b%252A"


def test_both_hands_sign_alike() -> None:
    params = {"TemplateParam": '{"店": "a b*~+/="}', "Action": "SendSms", "OutId": "x&y=z"}
    assert is_signed(params | {"Signature": sign(params, "s")}, "POST", "s")
    assert not is_signed(params | {"Signature": sign(params, "t")}, "POST", "s")


def test_a_message_is_sent_and_found_by_our_number(twin: tuple[str, AliyunSmsTwin]) -> None:
    sms = AliyunSms(account(twin))
    assert sms.check().ok
    sent_at = datetime.now(UTC)
    assert sms.find_message(PHONE, "notice:1", sent_at) is None
    sms.notify(PHONE, "SMS_100", {"code": "123456", "store": "很长的门店名" * 20}, "notice:1")
    found = sms.find_message(PHONE, "notice:1", sent_at)
    assert found is not None
    assert found.state == "delivered"
    sms.notify("13900000009", "SMS_100", {}, "notice:2")
    failed = sms.find_message("13900000009", "notice:2", sent_at)
    assert failed is not None
    assert failed.state == "failed"


def test_what_the_platform_refuses_is_told_without_the_phone(twin: tuple[str, AliyunSmsTwin]) -> None:
    sms = AliyunSms(account(twin))
    for phone, template in (("abc", "SMS_100"), (PHONE, "SMS_404")):
        with pytest.raises(e.Refused) as caught:
            sms.notify(phone, template, {}, "k")
        assert phone not in str(caught.value)
    for number in range(2):
        sms.notify(PHONE, "SMS_100", {}, f"k{number}")
    with pytest.raises(e.RateLimited):
        sms.notify(PHONE, "SMS_100", {}, "k3")
    wrong = replace(account(twin), secrets={"access_key_secret": "no"})
    with pytest.raises(e.AuthFailed):
        AliyunSms(wrong).notify(PHONE, "SMS_100", {}, "k4")
