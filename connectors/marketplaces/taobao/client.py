"""Speaks TOP, Taobao's open platform: signs a call, sends it, sorts what comes back. Knows no order."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import orjson

from connectors.contract.errors import (
    AuthFailed,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Retryable,
)
from connectors.contract.http import Http
from connectors.contract.manifest import Account

#: All of TOP's naive times are China's, which has no daylight saving.
CHINA = timezone(timedelta(hours=8))
FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
#: A limit without its seconds is a quota of the day: asking sooner only prolongs it.
QUOTA_SECONDS = 1800.0

_BAN = re.compile(r"ban will last for (\d+)")
_LIMITS = ("accesscontrol.limited-by", "isp.call-limited")
_PLATFORM_DOWN = frozenset({10, 50, 52, 520})
_BAD_CREDENTIALS = frozenset({25, 26, 27, 28, 29})
_BAD_CLOCK = frozenset({30, 31})
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
#: Texts that people typed; a platform's error may repeat them.
_FREE_TEXTS = ("memo", "refuse_message", "query_list", "param")


def sign(params: Mapping[str, str], secret: str, method: str) -> str:
    """TOP's signature over all text parameters; `method` is md5, hmac or hmac-sha256."""
    text = "".join(key + params[key] for key in sorted(params) if key != "sign")
    if method == "md5":
        return hashlib.md5(f"{secret}{text}{secret}".encode()).hexdigest().upper()  # noqa: S324 the platform's choice
    digest = "sha256" if method == "hmac-sha256" else "md5"
    return hmac.new(secret.encode(), text.encode(), digest).hexdigest().upper()


def top_time(moment: datetime) -> str:
    """A moment as TOP writes it: seconds, China's clock, no offset."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


class Top:
    """One shop's line to TOP."""

    def __init__(self, account: Account, gateway: str, http: Http, clock: Callable[[], datetime]) -> None:
        self._account = account
        self._gateway = gateway
        self._http = http
        self._clock = clock

    def read(self, method: str, **params: object) -> dict[str, Any]:
        """The inner object of a read's answer; repeatable."""
        return self._send(method, params, writes=False)[1]

    def read_raw(self, method: str, **params: object) -> tuple[bytes, dict[str, Any]]:
        """A read's exact body beside its inner object."""
        return self._send(method, params, writes=False)

    def write(self, method: str, **params: object) -> dict[str, Any]:
        """The inner object of a write's answer; OutcomeUnknown when it may have happened."""
        return self._send(method, params, writes=True)[1]

    def grant(self, method: str, **params: str) -> dict[str, Any]:
        """The inner object of a call about authorisation itself, which carries no session."""
        return self._send(method, params, writes=False, private=tuple(params.values()), with_session=False)[1]

    def _send(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        writes: bool,
        private: tuple[str, ...] = (),
        with_session: bool = True,
    ) -> tuple[bytes, dict[str, Any]]:
        form = self._signed(method, params, with_session=with_session)
        try:
            body = self._http.post(self._gateway, body=form, headers=FORM, writes=writes).body
            return body, _inner(method, body, writes, can_renew=self._can_renew)
        except ConnectorError as error:
            error.words = self._silenced(error.words, form, private)
            error.code = self._silenced(error.code, form, private)
            error.args = (f"{error.words} [{error.code}]" if error.code else error.words,)
            # The cause may hold the request with its secrets, so the chain ends here.
            raise error from None

    @property
    def _can_renew(self) -> bool:
        return bool(self._account.secrets.get("refresh_token"))

    def _signed(self, method: str, params: Mapping[str, object], *, with_session: bool) -> dict[str, str]:
        sign_method = self._account.settings.get("sign_method") or "hmac-sha256"
        form = {name: _text(value) for name, value in params.items() if value not in (None, "")}
        form |= {
            "method": method,
            "app_key": self._account.settings.get("app_key", ""),
            "timestamp": top_time(self._clock()),
            "format": "json",
            "v": "2.0",
            "sign_method": sign_method,
        }
        if with_session:
            form["session"] = self._account.secrets.get("session", "")
        form["sign"] = sign(form, self._account.secrets.get("app_secret", ""), sign_method)
        return form

    def _silenced(self, words: str, form: Mapping[str, str], private: tuple[str, ...]) -> str:
        for text in (*self._account.secrets.values(), *private, *(form.get(name, "") for name in _FREE_TEXTS)):
            # A single letter is no secret, and starring it would make every word unreadable.
            if len(text) > 1:
                words = words.replace(text, "***")
        return _MOBILE.sub("***", words)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return orjson.dumps(value).decode()
    return str(value)


def _inner(method: str, body: bytes, writes: bool, *, can_renew: bool) -> dict[str, Any]:
    """What is under `<method>_response`; anything else is an error of some class."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if isinstance(answer, dict):
        error = answer.get("error_response")
        if isinstance(error, dict):
            raise classified(error, writes, can_renew=can_renew)
        inner = answer.get(method.removeprefix("taobao.").replace(".", "_") + "_response")
        if isinstance(inner, dict):
            return inner
    unknown = OutcomeUnknown if writes else Retryable
    raise unknown("the gateway answered with something that is not an answer", code="not-an-answer")


def classified(error: Mapping[str, Any], writes: bool, *, can_renew: bool = False) -> ConnectorError:
    """The exception for an `error_response`, by what can be done about it (contract sheet §2).

    `can_renew`: the account holds a refresh token, so that a session that ended need not be the owner's matter.
    """
    number = _number(error.get("code"))
    sub_code = str(error.get("sub_code") or "")
    sub_words = str(error.get("sub_msg") or "")
    words = sub_words or str(error.get("msg") or "the platform gave no reason")
    code = f"{number}/{sub_code}" if sub_code else str(number)
    if number == 7 or sub_code.startswith(_LIMITS):
        return RateLimited(words, code=code, retry_after=_ban_seconds(sub_words))
    if number in _BAD_CREDENTIALS:
        return AuthFailed(f"authorise the shop again: {words}", code=code, expired=can_renew and number == 27)
    if number in _BAD_CLOCK:
        return Refused(f"set this machine's clock right: {words}", code=code)
    if sub_code.startswith("isp.") or number in _PLATFORM_DOWN or (number == 15 and not sub_code):
        return (OutcomeUnknown if writes else Retryable)(words, code=code)
    return Refused(words, code=code)


def _number(code: object) -> int:
    text = str(code)
    return int(text) if text.lstrip("-").isdigit() else -1


def _ban_seconds(words: str) -> float:
    ban = _BAN.search(words)
    return float(ban[1]) if ban else QUOTA_SECONDS
