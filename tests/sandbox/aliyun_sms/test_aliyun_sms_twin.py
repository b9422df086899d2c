"""The SMS twin alone: every parameter that is missing, a wrong signature and an old time get the platform's own error."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from connectors.sandbox.aliyun_sms import SIGN_NAME, describe
from connectors.sandbox.aliyun_sms.twin import COMMON, AliyunSmsTwin
from connectors.sandbox.kit import TwinOptions

NUMBERS = iter(range(1000))


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[AliyunSmsTwin]:
    twin = AliyunSmsTwin(TwinOptions(tmp_path, 7))
    yield twin
    twin.close()


def asked(**changes: str) -> dict[str, str]:
    """A good call, changed, with its signature unless that is changed, too."""
    params = {
        "AccessKeyId": "twin-key", "Action": "SendSms", "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0",
        "SignatureNonce": f"n{next(NUMBERS)}", "Timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Version": "2017-05-25", "PhoneNumbers": "13800000001", "SignName": SIGN_NAME, "TemplateCode": "SMS_100",
        "TemplateParam": '{"code":"1"}', "OutId": "k", **changes,
    }  # fmt: skip
    params = {name: value for name, value in params.items() if value}
    if "Signature" in changes:
        return params
    query = quote("&".join(f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in sorted(params.items())), safe="~")
    secret = describe("", 7)["access_key_secret"] + "&"
    digest = hmac.new(secret.encode(), f"POST&%2F&{query}".encode(), hashlib.sha1).digest()
    return params | {"Signature": base64.b64encode(digest).decode()}


def call(twin: AliyunSmsTwin, params: dict[str, str]) -> tuple[int, Any]:
    answer = Client(twin).post("/", data=params)
    return answer.status_code, answer.get_json()


def test_a_good_message_is_taken_and_shown(twin: AliyunSmsTwin) -> None:
    assert call(twin, asked())[1]["Code"] == "OK"
    day = f"{datetime.now(UTC) + timedelta(hours=8):%Y%m%d}"
    question = asked(Action="QuerySendDetails", PhoneNumber="13800000001", SendDate=day, PageSize="10", CurrentPage="1")
    status, found = call(twin, question)
    assert (status, found["TotalCount"]) == (200, 1)
    assert found["SmsSendDetailDTOs"]["SmsSendDetailDTO"][0]["OutId"] == "k"
    assert twin.ledger()["messages"][0]["phone"] == "0001"


@pytest.mark.parametrize(
    "name", [name for name in COMMON if name != "Action"] + ["PhoneNumbers", "SignName", "TemplateCode"]
)
def test_what_is_missing_is_named(twin: AliyunSmsTwin, name: str) -> None:
    status, answer = call(twin, asked(**{name: ""}))
    assert (status, answer["Code"]) == (400, f"Missing{name}")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"AccessKeyId": "other"}, "InvalidAccessKeyId.NotFound"),
        ({"Signature": "wrong"}, "SignatureDoesNotMatch"),
        ({"Timestamp": "2020-01-01T00:00:00Z"}, "InvalidTimeStamp.Expired"),
        ({"Action": "Fly"}, "InvalidAction.NotFound"),
        ({"SignName": "another"}, "isv.SMS_SIGNATURE_ILLEGAL"),
        ({"TemplateCode": "SMS_1"}, "isv.SMS_TEMPLATE_ILLEGAL"),
        ({"PhoneNumbers": "12"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"TemplateParam": "{"}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": '{"a":"' + "x" * 36 + '"}'}, "isv.PARAM_LENGTH_LIMIT"),
    ],
)
def test_it_refuses_in_the_platform_s_words(twin: AliyunSmsTwin, changes: dict[str, str], code: str) -> None:
    assert call(twin, asked(**changes))[1]["Code"] == code


def test_a_nonce_is_good_once_and_a_phone_takes_so_many_an_hour(twin: AliyunSmsTwin) -> None:
    params = asked()
    assert call(twin, params)[1]["Code"] == "OK"
    assert call(twin, params)[1]["Code"] == "SignatureNonceUsed"
    for _ in range(4):
        assert call(twin, asked())[1]["Code"] == "OK"
    assert call(twin, asked())[1]["Code"] == "isv.BUSINESS_LIMIT_CONTROL"
