"""Speaks JOS, JD's open platform: signs a call, sends it, sorts what comes back. Knows no order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import orjson

from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.http import Http
from connectors.contract.manifest import Account

#: All of JD's naive times are China's, which has no daylight saving.
CHINA = timezone(timedelta(hours=8))
FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
#: The daily quota is asked for again within the hour, since "2" is also said of shorter limits.
QUOTA_SECONDS = 3600.0

_CALL_LIMITED = "2"
_BAD_TOKEN = "19"  # noqa: S105 an error code
_BAD_KEY = frozenset({"11", "12", "21"})
_BAD_CLOCK = frozenset({"7", "8"})
_NEVER = frozenset({"4", "5", "14", "15", "24", "11100006"})
_NO_SUCH_THING = "不存在"
_FALSE = (False, "false", "False", "FALSE")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
#: Texts that people typed; a platform's error may repeat them.
_FREE_TEXTS = frozenset(
    {"remark", "approveNotes", "receiveRemark", "checkUserName", "operatePin", "receivePin"}
    | {"returnContactName", "returnContactTel", "returnContactMobile", "returnDetailAddress"}
)
_WORDS = ("chineseErrCode", "zh_desc", "errorMessage", "errorMsg", "resultErrorMsg", "message", "msg", "englishErrCode")
_CODES = ("numberCode", "errorCode", "resultCode", "code", "englishErrCode")


def sign(params: Mapping[str, str], secret: str) -> str:
    """JOS's signature over all text parameters but itself."""
    text = "".join(key + params[key] for key in sorted(params) if key != "sign")
    return hashlib.md5(f"{secret}{text}{secret}".encode()).hexdigest().upper()  # noqa: S324 the platform's choice


def jd_time(moment: datetime) -> str:
    """A moment as JD writes it: seconds, China's clock, no offset."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


class Jos:
    """One shop's line to JOS."""

    def __init__(self, account: Account, gateway: str, http: Http, clock: Callable[[], datetime]) -> None:
        self.account = account
        self.clock = clock
        self._gateway = gateway
        self._http = http

    def setting(self, name: str, default: str = "") -> str:
        """A setting of the account, or its default when it is empty."""
        return self.account.settings.get(name) or default

    def read(self, method: str, **params: object) -> dict[str, Any]:
        """The inner object of a read's answer; repeatable."""
        return self._send(method, params, writes=False)

    def write(self, method: str, **params: object) -> dict[str, Any]:
        """The inner object of a write's answer; OutcomeUnknown when it may have happened."""
        return self._send(method, params, writes=True)

    def _send(self, method: str, params: Mapping[str, object], *, writes: bool) -> dict[str, Any]:
        given = {name: value for name, value in params.items() if value not in (None, "")}
        form = self._signed(method, given)
        try:
            body = self._http.post(self._gateway, body=form, headers=FORM, writes=writes).body
            return self._inner(method, body, writes)
        except ConnectorError as error:
            if isinstance(error, RateLimited):
                self._http.rest(error.retry_after)
            typed = [str(value) for name, value in given.items() if name in _FREE_TEXTS]
            # The cause may hold the request with its secrets, so the chain ends here.
            raise silenced(error, (*self.account.secrets.values(), *typed)) from None

    def _signed(self, method: str, params: Mapping[str, object]) -> dict[str, str]:
        form = {
            "method": method,
            "access_token": self.account.secrets.get("access_token", ""),
            "app_key": self.setting("app_key"),
            "timestamp": jd_time(self.clock()),
            "v": "2.0",
            "format": "json",
            "360buy_param_json": orjson.dumps(params, option=orjson.OPT_SORT_KEYS).decode(),
        }
        form["sign"] = sign(form, self.account.secrets.get("app_secret", ""))
        return form

    def _inner(self, method: str, body: bytes, writes: bool) -> dict[str, Any]:
        """What is under `<method>_responce`, the platform's spelling; anything else is an error of some class."""
        try:
            answer = orjson.loads(body)
        except orjson.JSONDecodeError:
            answer = None
        if isinstance(answer, dict):
            error = answer.get("error_response")
            if isinstance(error, dict):
                raise self._classified(error, writes)
            inner = _root_of(answer, method)
            if inner is not None:
                self._check(inner, writes)
                return inner
        unknown = OutcomeUnknown if writes else Retryable
        raise unknown("the gateway answered with something that is not an answer", code="not-an-answer")

    def _check(self, inner: dict[str, Any], writes: bool) -> None:
        """The second level: an answer that is no gateway error may still say no in its result."""
        if str(inner.get("code", "0")) not in ("0", "200", "00000"):
            raise self._classified(inner, writes)
        no = _told_no(inner)
        if no is None:
            return
        words, number = _first(no, _WORDS) or "the platform gave no reason", _first(no, _CODES)
        if writes or number in _NEVER or _NO_SUCH_THING in words:
            raise Refused(words, code=number)
        raise Retryable(words, code=number)

    def _classified(self, error: Mapping[str, Any], writes: bool) -> ConnectorError:
        """The exception for a gateway error, by what can be done about it (contract sheet §2)."""
        code = str(error.get("code") or "")
        words = _first(error, _WORDS) or "the platform gave no reason"
        if code == _CALL_LIMITED:
            return RateLimited(words, code=code, retry_after=self._until_quota())
        if code == _BAD_TOKEN:
            can_refresh = bool(self.account.secrets.get("refresh_token"))
            return AuthFailed(f"authorise the shop again: {words}", code=code, expired=can_refresh)
        if code in _BAD_KEY:
            return AuthFailed(f"check the app key and secret: {words}", code=code)
        if code in _BAD_CLOCK:
            return Refused(f"set this machine's clock right: {words}", code=code)
        if code in _NEVER:
            return Refused(words, code=code)
        return (OutcomeUnknown if writes else Retryable)(words, code=code)

    def _until_quota(self) -> float:
        """Seconds until the quota of the next day, at most an hour."""
        now = self.clock().astimezone(CHINA)
        tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return min((tomorrow - now).total_seconds(), QUOTA_SECONDS)


def silenced(error: ConnectorError, private: tuple[str, ...]) -> ConnectorError:
    """The same error without secrets, typed texts and mobile numbers in its words."""
    error.words, error.code = _starred(error.words, private), _starred(error.code, private)
    error.args = (f"{error.words} [{error.code}]" if error.code else error.words,)
    return error


def _starred(words: str, private: tuple[str, ...]) -> str:
    for text in private:
        # A single letter is no secret, and starring it would make every word unreadable.
        if len(text) > 1:
            words = words.replace(text, "***")
    return _MOBILE.sub("***", words)


def _root_of(answer: Mapping[str, Any], method: str) -> dict[str, Any] | None:
    name = method.replace(".", "_")
    short = name.removeprefix("360buy_").removeprefix("jingdong_")
    for root in (name, short):
        for ending in ("_responce", "_response"):
            inner = answer.get(root + ending)
            if isinstance(inner, dict):
                return inner
    return None


def _told_no(inner: Mapping[str, Any], depth: int = 3) -> Mapping[str, Any] | None:
    """The result that says it was no success, with words beside it."""
    if inner.get("success") in _FALSE:
        return inner
    nested = (value for value in inner.values() if isinstance(value, dict)) if depth else ()
    return next((no for value in nested if (no := _told_no(value, depth - 1)) is not None), None)


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(record[name]) for name in names if record.get(name) not in (None, "", 0)), "")
