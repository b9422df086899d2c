"""Speaks TOP, the gateway Cainiao is reached by: signs a call, sends it, sorts what comes back. Knows no label."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import orjson

from connectors.carriers.cainiao.codes import reason_of
from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.http import Http
from connectors.contract.manifest import Account

#: The gateway's naive times are China's, which has no daylight saving.
CHINA = timezone(timedelta(hours=8))
FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
BAN_SECONDS: Final = 60.0
_BAN = re.compile(r"ban will last for (\d+)")
_PLATFORM_DOWN = frozenset({10, 15, 50, 52, 520})
_BAD_CREDENTIALS = frozenset({25, 26, 27, 28, 29})
_BAD_CLOCK = frozenset({30, 31})
#: Fields of a request that hold people's details; none of them may come back in an error.
_PRIVATE = frozenset({"name", "mobile", "phone", "detail", "address_detail", "oaid", "caid"})


def sign(params: Mapping[str, str], secret: str) -> str:
    """TOP's MD5 signature over all text parameters, system and business alike."""
    text = "".join(key + params[key] for key in sorted(params) if key != "sign" and params[key] != "")
    return hashlib.md5(f"{secret}{text}{secret}".encode()).hexdigest().upper()  # noqa: S324 the platform's choice


class Gateway:
    """One account's line to Cainiao."""

    def __init__(self, account: Account, address: str, http: Http, clock: Callable[[], datetime]) -> None:
        self._account, self._address, self._http, self._clock = account, address, http, clock

    def read(self, method: str, **params: object) -> dict[str, Any]:
        """The inner object of a read's answer; repeatable."""
        return self._send(method, params, writes=False)

    def write(self, method: str, **params: object) -> dict[str, Any]:
        """The inner object of a write's answer; OutcomeUnknown when it may have happened."""
        return self._send(method, params, writes=True)

    def _send(self, method: str, params: Mapping[str, object], *, writes: bool) -> dict[str, Any]:
        form = self._signed(method, params)
        try:
            body = self._http.post(self._address, body=form, headers=FORM, writes=writes).body
            return _inner(method, body, writes)
        except ConnectorError as error:
            private = [*_texts(params), *self._account.secrets.values()]
            error.words, error.code = _silenced(error.words, private), _silenced(error.code, private)
            error.args = (f"{error.words} [{error.code}]" if error.code else error.words,)
            # The cause may hold the request with names and secrets, so the chain ends here.
            raise error from None

    def _signed(self, method: str, params: Mapping[str, object]) -> dict[str, str]:
        form = {name: _text(value) for name, value in params.items() if value not in (None, "")}
        form |= {
            "method": method,
            "app_key": self._account.settings.get("app_key", ""),
            "session": self._account.secrets.get("session", ""),
            "timestamp": self._clock().astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
            "format": "json",
            "v": "2.0",
            "sign_method": "md5",
        }
        form["sign"] = sign(form, self._account.secrets.get("app_secret", ""))
        return form


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _texts(tree: object, name: str = "") -> Iterator[str]:
    """Every text in a request that tells of a person."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _texts(value, str(key))
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from _texts(value, name)
    elif isinstance(tree, str) and name in _PRIVATE:
        yield tree


def _silenced(words: str, private: list[str]) -> str:
    for text in private:
        # A single letter is no secret, and starring it would make every word unreadable.
        if len(text) > 1:
            words = words.replace(text, "***")
    return words


def _inner(method: str, body: bytes, writes: bool) -> dict[str, Any]:
    """What is under `<method>_response`; anything else is an error of some class."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if isinstance(answer, dict):
        error = answer.get("error_response")
        if isinstance(error, dict):
            raise classified(error, writes)
        inner = answer.get(method.replace(".", "_") + "_response")
        if isinstance(inner, dict):
            return inner
    unknown = OutcomeUnknown if writes else Retryable
    raise unknown("the gateway answered with something that is not an answer", code="not-an-answer")


def classified(error: Mapping[str, Any], writes: bool) -> ConnectorError:
    """The exception for an `error_response`: what a label lacks has classes of its own."""
    number, sub_code = _number(error.get("code")), str(error.get("sub_code") or "")
    sub_words = str(error.get("sub_msg") or "")
    words = sub_words or str(error.get("msg") or "the platform gave no reason")
    code = f"{number}/{sub_code}" if sub_code else str(number)
    if number == 7:
        return RateLimited(words, code=code, retry_after=_ban_seconds(sub_words))
    if number in _BAD_CREDENTIALS:
        return AuthFailed(f"authorise the account again: {words}", code=code)
    if number in _BAD_CLOCK:
        return Refused(f"set this machine's clock right: {words}", code=code)
    reason = reason_of(sub_code, sub_words)
    if reason is not None:
        return reason(words, code=sub_code or str(number))
    if sub_code.startswith("isp.") or (number in _PLATFORM_DOWN and not sub_code):
        return (OutcomeUnknown if writes else Retryable)(words, code=code)
    return Refused(words, code=code)


def _number(code: object) -> int:
    text = str(code)
    return int(text) if text.lstrip("-").isdigit() else -1


def _ban_seconds(words: str) -> float:
    ban = _BAN.search(words)
    return float(ban[1]) if ban else BAN_SECONDS
