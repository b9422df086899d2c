"""Speaks SOP, Suning's open platform: signs a call, sends it, sorts what comes back. Knows no order."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import orjson

from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.http import Http
from connectors.contract.manifest import Account

#: All of Suning's naive times are China's, which has no daylight saving.
CHINA = timezone(timedelta(hours=8))
VERSION = "v1.2"
#: The answer's word for "nothing was found", which is no error.
NO_RESULT = "biz.handler.data-get:no-result"

_PERMISSIONS = ("sys.oauth.", "sys.check.oauth", "sys.check.api-permission", "sys.check.method-permission")
_BAD_CREDENTIALS = (*_PERMISSIONS, "sys.check.header-param", "sys.check.sign", "sys.check.appkey")
_BAD_CLOCK = "sys.check.request-apprequesttime"
#: Parameters the gateway itself refuses; repeating them cannot help.
_BAD_PARAMETERS = (
    "sys.check.page-param",
    "sys.check.query-time",
    "sys.check.starttime-value",
    "sys.check.endtime-value",
    "sys.check.request-params",
)
#: Suning's word for too many calls is not published; codes that sound like it are taken for it.
_LIMIT_WORDS = ("limit", "flow", "frequen")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def sign(secret: str, method: str, at: str, app_key: str, body: bytes, version: str = VERSION) -> str:
    """SOP's signature over the call's headers and the body as it is sent."""
    text = secret + method + at + app_key + version + b64encode(body).decode()
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 the platform's choice


def sop_time(moment: datetime) -> str:
    """A moment as SOP writes it: seconds, China's clock, no offset."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


class Sop:
    """One shop's line to SOP."""

    def __init__(self, account: Account, gateway: str, http: Http, clock: Callable[[], datetime]) -> None:
        self._account = account
        self._gateway = gateway
        self._http = http
        self.clock = clock

    def setting(self, name: str, default: str = "") -> str:
        """A setting of the account."""
        return self._account.settings.get(name) or default

    def read(self, method: str, root: str, **params: object) -> dict[str, Any]:
        """The answer's content with `sn_head` and `sn_body`; an empty one when nothing was found."""
        return self._send(method, root, params, writes=False)

    def write(self, method: str, root: str, **params: object) -> dict[str, Any]:
        """The answer's content; OutcomeUnknown when the write may have happened."""
        return self._send(method, root, params, writes=True)

    def _send(self, method: str, root: str, params: Mapping[str, object], *, writes: bool) -> dict[str, Any]:
        given = {name: value for name, value in params.items() if value is not None}
        body = orjson.dumps({"sn_request": {"sn_body": {root: given}}})
        try:
            answer = self._http.post(self._gateway, body=body, headers=self._headers(method, body), writes=writes)
            return _content(answer.body, writes)
        except ConnectorError as error:
            if isinstance(error, RateLimited) and "http" not in error.code:
                self._http.rest(error.retry_after)
            error.words, error.code = self._silenced(error.words, given), self._silenced(error.code, given)
            error.args = (f"{error.words} [{error.code}]" if error.code else error.words,)
            # The cause may hold the request with its secrets, so the chain ends here.
            raise error from None

    def _headers(self, method: str, body: bytes) -> dict[str, str]:
        at, app_key = sop_time(self.clock()), self.setting("app_key")
        secrets = self._account.secrets
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "AppMethod": method,
            "AppRequestTime": at,
            "Format": "json",
            "AppKey": app_key,
            "VersionNo": VERSION,
            "signInfo": sign(secrets.get("app_secret", ""), method, at, app_key, body),
        }
        if secrets.get("access_token"):
            headers["access_token"] = secrets["access_token"]
        return headers

    def _silenced(self, words: str, given: Mapping[str, object]) -> str:
        for private in (*self._account.secrets.values(), str(given.get("noteContent", ""))):
            # A single letter is no secret, and starring it would make every word unreadable.
            if len(private) > 1:
                words = words.replace(private, "***")
        return _MOBILE.sub("***", words)


def _content(body: bytes, writes: bool) -> dict[str, Any]:
    """What is under `sn_responseContent`; an error there is raised."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    content = answer.get("sn_responseContent") if isinstance(answer, dict) else None
    if isinstance(content, dict):
        error = content.get("sn_error")
        if isinstance(error, dict) and error.get("error_code"):
            if not writes and error["error_code"] == NO_RESULT:
                return {}
            raise classified(error, writes)
        if isinstance(content.get("sn_body"), dict):
            return content
    unknown = OutcomeUnknown if writes else Retryable
    raise unknown("the gateway answered with something that is not an answer", code="not-an-answer")


def classified(error: Mapping[str, Any], writes: bool) -> ConnectorError:
    """The exception for an `sn_error`, by what can be done about it."""
    code = str(error["error_code"])
    words = str(error.get("error_msg") or "the platform gave no reason")
    if code.startswith(_BAD_CREDENTIALS):
        return AuthFailed(f"authorise the shop again: {words}", code=code)
    if code.startswith(_BAD_CLOCK):
        return Refused(f"set this machine's clock right: {words}", code=code)
    if code.startswith(_BAD_PARAMETERS):
        return Refused(words, code=code)
    if code.startswith("sys."):
        if any(word in code.lower() for word in _LIMIT_WORDS):
            return RateLimited(words, code=code)
        return (OutcomeUnknown if writes else Retryable)(words, code=code)
    if "retry later" in code:
        return Retryable(words, code=code)
    return Refused(words, code=code)
