"""Alibaba Cloud SMS (阿里云短信): one message to one phone, found again by our own number (OutId)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import orjson

from connectors.contract.errors import (
    AuthFailed,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Retryable,
)
from connectors.contract.geocoding import MessageFound
from connectors.contract.http import Answer
from connectors.contract.manifest import CheckReport, Field, Manifest
from connectors.contract.notices import Receipt
from connectors.contract.telling import Notifier
from connectors.notifiers.aliyun_sms import codes
from connectors.notifiers.aliyun_sms.signing import sign

_PAGE = 50
#: Details are asked for by the day of China's time.
_ZONE = ZoneInfo("Asia/Shanghai")
#: A phone that nobody has, for trying the key.
_NOBODY = "00000000000"


class AliyunSms(Notifier):
    """One access key with one signature."""

    manifest = Manifest(
        vendor="aliyun_sms",
        family="notifier",
        label_zh="阿里云短信",
        label_en="Alibaba Cloud SMS",
        mark="信",
        gateway="https://dysmsapi.aliyuncs.com",
        fields=(
            Field("access_key_id", "AccessKey ID", "Access key id"),
            Field("access_key_secret", "AccessKey Secret", "Access key secret", secret=True),
            Field("sign_name", "短信签名", "Signature", hint_zh="不带【】", hint_en="without brackets"),
            Field("region", "地域", "Region", required=False, default="cn-hangzhou"),
            Field(
                "longest_value", "变量最长字数", "Longest value", required=False, default="35",
                hint_zh="更长的会截断", hint_en="longer ones are cut",
            ),
        ),
        calls_per_second=10.0,
    )  # fmt: skip

    def check(self) -> CheckReport:
        """Ask for the messages of a phone that nobody has."""
        try:
            self._details(_NOBODY, self.clock())
        except AuthFailed as error:
            return CheckReport(False, error.words)
        except Refused:
            return CheckReport(True, "connected")
        except ConnectorError as error:
            return CheckReport(False, f"{error.words}: check the gateway address")
        return CheckReport(True, "connected")

    def notify(self, to: str, template: str, values: Mapping[str, str], key: str, *, words: str = "") -> Receipt:
        """SendSms; the template's text is the vendor's, so `words` are not sent."""
        longest = int(self.account.settings.get("longest_value") or 35)
        cut = {name: value[:longest] for name, value in values.items()}
        answer = self._call("SendSms", {
            "PhoneNumbers": to, "SignName": self.account.settings.get("sign_name", ""), "TemplateCode": template,
            "TemplateParam": orjson.dumps(cut).decode(), "OutId": key[:256],
        }, writes=True)  # fmt: skip
        return Receipt(str(answer.get("BizId", "")))

    def find_message(self, to: str, key: str, sent_at: datetime) -> MessageFound | None:
        """QuerySendDetails of the day it was sent and the day after, told apart by our number."""
        for day in sorted({sent_at.astimezone(_ZONE).date(), self.clock().astimezone(_ZONE).date()}):
            moment = datetime(day.year, day.month, day.day, tzinfo=_ZONE)
            for detail in self._details(to, moment):
                if detail.get("OutId") == key[:256]:
                    state = codes.STATES.get(int(detail.get("SendStatus", 0)), "sending")
                    return MessageFound(key, state, str(detail.get("ErrCode", "")))
        return None

    def _details(self, to: str, day: datetime) -> list[Mapping[str, Any]]:
        """Every message of a phone on a day."""
        found: list[Mapping[str, Any]] = []
        date = f"{day.astimezone(_ZONE):%Y%m%d}"
        for page in range(1, 21):
            answer = self._call("QuerySendDetails", {
                "PhoneNumber": to, "SendDate": date, "PageSize": str(_PAGE), "CurrentPage": str(page),
            }, writes=False)  # fmt: skip
            rows = (answer.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
            found.extend(rows)
            if len(rows) < _PAGE:
                break
        return found

    def _call(self, action: str, params: Mapping[str, str], *, writes: bool) -> dict[str, Any]:
        settings = self.account.settings
        asked = {
            **params, "AccessKeyId": settings.get("access_key_id", ""), "Action": action, "Format": "JSON",
            "RegionId": settings.get("region") or "cn-hangzhou", "SignatureMethod": "HMAC-SHA1",
            "SignatureNonce": uuid4().hex, "SignatureVersion": "1.0",
            "Timestamp": f"{self.clock():%Y-%m-%dT%H:%M:%SZ}", "Version": "2017-05-25",
        }  # fmt: skip
        asked["Signature"] = sign(asked, self.account.secrets.get("access_key_secret", ""))
        answer = self.http.post(self.gateway.rstrip("/") + "/", body=asked, writes=writes, reading=self._reading)
        tree = _tree(answer)
        if tree is None or "Code" not in tree:
            raise (OutcomeUnknown if writes else Retryable)("the answer is not readable", code="json")
        if tree["Code"] != codes.OK:
            raise self._refusal(str(tree["Code"]))
        return tree

    def _reading(self, answer: Answer) -> ConnectorError | None:
        tree = _tree(answer)
        if tree is not None and tree.get("Code"):
            return self._refusal(str(tree["Code"]))
        if 400 <= answer.status < 500 and answer.status not in (401, 403, 429):
            return Refused("the other side refused the call", code=f"http-{answer.status}")
        return None

    def _refusal(self, code: str) -> ConnectorError:
        """What a code means; the vendor's own words may name the phone, so they are not told."""
        if code in codes.AUTH:
            return AuthFailed(codes.AUTH[code], code=code)
        if code in codes.LIMITED:
            wait = codes.LIMITED[code]
            if code.startswith("Throttling"):
                self.http.rest(wait)
            return RateLimited("too many messages to this phone, or too many calls", code=code, retry_after=wait)
        if code in codes.LATER:
            return Retryable("Alibaba Cloud cannot take it now", code=code)
        known = code if code in codes.REFUSED else "".join(c for c in code if c.isalnum() or c in "._-")[:60]
        return Refused(codes.REFUSED.get(code, "Alibaba Cloud refused the message"), code=known)


def _tree(answer: Answer) -> dict[str, Any] | None:
    try:
        tree = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    return tree if isinstance(tree, dict) else None


CONNECTOR = AliyunSms
