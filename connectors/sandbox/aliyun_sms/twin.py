"""The SMS twin: one address for all actions, a ledger of messages, receipts some time later, limits a phone."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.sandbox.aliyun_sms import SIGN_NAME, TEMPLATES, default_secret
from connectors.sandbox.aliyun_sms.signing import is_signed
from connectors.sandbox.kit import Call, Route, Twin, TwinOptions, json_answer

SCHEMA = """
create table if not exists message (id integer primary key, phone text not null, template text not null,
    params text not null, out_id text not null, at text not null, status integer not null);
create index if not exists message_phone on message (phone, at);
create table if not exists nonce (nonce text primary key);
"""
CHINA = timezone(timedelta(hours=8))
COMMON = ("AccessKeyId", "Action", "Signature", "SignatureMethod", "SignatureNonce", "SignatureVersion", "Timestamp",
          "Version")  # fmt: skip
NEEDED = {
    "SendSms": ("PhoneNumbers", "SignName", "TemplateCode"),
    "QuerySendDetails": ("PhoneNumber", "SendDate", "PageSize", "CurrentPage"),
}


class Refusal(Exception):
    """The platform's own code and words, with the status it answers."""

    def __init__(self, code: str, message: str, status: int = 200) -> None:
        super().__init__(code)
        self.code, self.message, self.status = code, message, status


class AliyunSmsTwin(Twin):
    """Settings: access_key_id, access_key_secret, per_hour (messages a phone takes in an hour), fails (phones)."""

    name = "aliyun_sms"
    schema = SCHEMA

    def __init__(self, options: TwinOptions) -> None:
        super().__init__(options)
        given = options.settings
        self.key_id = given.get("access_key_id", "twin-key")
        self.secret = given.get("access_key_secret", default_secret(options.seed))
        self.per_hour = int(given.get("per_hour", 5))
        self.fails = frozenset(given.get("fails", ()))

    def routes(self) -> Iterable[Route]:
        yield Route("/", self._serve, ("GET", "POST"))

    def ledger(self) -> dict[str, Any]:
        """Every message, the phone as its last four digits."""
        rows = self.storage.rows("select * from message order by id")
        return {"messages": [{**dict(row), "phone": row["phone"][-4:]} for row in rows]}

    def rate_limited(self, seconds: int) -> Response:
        return _refused(Refusal("Throttling.User", "Request was denied due to user flow control.", 400))

    def session_expired(self) -> Response:
        return _refused(Refusal("InvalidAccessKeyId.Inactive", "Specified access key is disabled.", 403))

    def _serve(self, request: Request) -> Response:
        params = request.values.to_dict()
        action = params.get("Action", "")

        def work() -> Call:
            try:
                self._check(params, request.method)
                done = self._send(params) if action == "SendSms" else self._details(params)
            except Refusal as refusal:
                return Call(_refused(refusal), f"refused: {refusal.code}")
            return Call(
                json_answer({"Code": "OK", "Message": "OK", "RequestId": f"R{self.random.random()}"[:20], **done})
            )

        return self.call(request, action or "none", work)

    def _check(self, params: Mapping[str, str], verb: str) -> None:
        action = params.get("Action", "")
        if action not in NEEDED:
            raise Refusal("InvalidAction.NotFound", "Specified api is not found.", 404)
        for name in COMMON:
            if not params.get(name):
                raise Refusal(f"Missing{name}", f"{name} is mandatory for this action.", 400)
        if params["AccessKeyId"] != self.key_id:
            raise Refusal("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
        if not is_signed(params, verb, self.secret):
            raise Refusal("SignatureDoesNotMatch", "Specified signature is not matched with our calculation.", 400)
        self._check_time(params)
        for name in NEEDED[action]:
            if not params.get(name):
                raise Refusal(f"Missing{name}", f"{name} is mandatory for this action.", 400)

    def _check_time(self, params: Mapping[str, str]) -> None:
        try:
            at = datetime.strptime(params["Timestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise Refusal("InvalidTimeStamp.Format", "Specified time stamp is not well formatted.", 400) from None
        if abs((datetime.now(UTC) - at).total_seconds()) > 900:
            raise Refusal("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.", 400)
        with self.storage.write() as write:
            if not write.execute("insert or ignore into nonce values (?)", (params["SignatureNonce"],)).rowcount:
                raise Refusal("SignatureNonceUsed", "Specified signature nonce was used already.", 400)

    def _send(self, params: Mapping[str, str]) -> dict[str, Any]:
        phone = params["PhoneNumbers"]
        if params["SignName"] != SIGN_NAME:
            raise Refusal("isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法")
        if params["TemplateCode"] not in TEMPLATES:
            raise Refusal("isv.SMS_TEMPLATE_ILLEGAL", "短信模版不合法")
        if not re.fullmatch(r"1\d{10}", phone):
            raise Refusal("isv.MOBILE_NUMBER_ILLEGAL", f"{phone}非法手机号")
        try:
            values = json.loads(params.get("TemplateParam", "{}"))
        except ValueError:
            raise Refusal("isv.INVALID_JSON_PARAM", "参数格式错误,请修改为字符串值") from None
        if any(len(str(value)) > 35 for value in values.values()):
            raise Refusal("isv.PARAM_LENGTH_LIMIT", "参数超出长度限制")
        now = datetime.now(UTC)
        since = (now - timedelta(hours=1)).isoformat()
        sent = self.storage.scalar("select count(*) from message where phone = ? and at > ?", (phone, since))
        if sent >= self.per_hour:
            raise Refusal("isv.BUSINESS_LIMIT_CONTROL", f"触发小时级流控Permits:{self.per_hour}")
        with self.storage.write() as write:
            cursor = write.execute(
                "insert into message (phone, template, params, out_id, at, status) values (?, ?, ?, ?, ?, ?)",
                (phone, params["TemplateCode"], json.dumps(values), params.get("OutId", ""), now.isoformat(),
                 2 if phone in self.fails else 3),
            )  # fmt: skip
        return {"BizId": f"{cursor.lastrowid:018d}^0"}

    def _details(self, params: Mapping[str, str]) -> dict[str, Any]:
        size, page = int(params["PageSize"]), int(params["CurrentPage"])
        if not 1 <= size <= 50:
            raise Refusal("isv.INVALID_PARAMETERS", "参数异常")
        rows = [
            row
            for row in self.storage.rows(
                "select * from message where phone = ? order by id desc", (params["PhoneNumber"],)
            )
            if f"{datetime.fromisoformat(row['at']).astimezone(CHINA):%Y%m%d}" == params["SendDate"]
        ]
        shown = rows[(page - 1) * size : page * size]
        return {
            "TotalCount": len(rows),
            "SmsSendDetailDTOs": {"SmsSendDetailDTO": [
                {"PhoneNum": row["phone"], "SendStatus": row["status"], "OutId": row["out_id"],
                 "TemplateCode": row["template"],
                 "ErrCode": "DELIVERED" if row["status"] == 3 else "MOBILE_NOT_ON_SERVICE",
                 "SendDate": f"{datetime.fromisoformat(row['at']).astimezone(CHINA):%Y-%m-%d %H:%M:%S}"}
                for row in shown
            ]},
        }  # fmt: skip


def _refused(refusal: Refusal) -> Response:
    return json_answer({"Code": refusal.code, "Message": refusal.message, "RequestId": "R0"}, refusal.status)
