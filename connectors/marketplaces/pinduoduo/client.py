"""Speaks POP, Pinduoduo's open platform: signs a call, sends it, sorts what comes back. Knows no order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.http import Http
from connectors.contract.manifest import Account

FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
#: The platform does not say how long a limit lasts; ten seconds is its shortest window.
LIMIT_SECONDS = 10.0
#: A test application's quota is of the day: asking sooner is of no use.
QUOTA_SECONDS = 1800.0

_TOKEN_ENDED = frozenset({10019, 10035})
_BAD_CREDENTIALS = {
    10016: "check the client id",
    20004: "check the client secret",
    20005: "put this machine's address on the application's whitelist",
    20032: "authorise the shop again, the token is another application's",
}
_LIMITED = {52101: LIMIT_SECONDS, 70031: LIMIT_SECONDS, 70036: QUOTA_SECONDS}
#: Refused before anything was done, so that even a write may simply be repeated.
_NOT_NOW = frozenset({52102, 52103, 70033})
_MAY_HAVE_HAPPENED = frozenset({20034, 20035, 30000, 30001, 50000, 50002, 52001, 52002, 52004})
#: Under the codes of business and system errors the words decide; these say a no that lasts.
_LASTING = ("已发货", "不存在", "已退款", "已取消", "状态不", "不支持", "不允许", "无效", "不合法", "不能", "重复")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
#: Texts that people typed and people's ciphertexts; a platform's error may repeat them.
_PRIVATE = frozenset({"note", "tag_name", "operate_desc", "msg", "encrypted_data"})


def sign(params: Mapping[str, str], secret: str) -> str:
    """POP's signature over all text parameters but itself."""
    text = "".join(key + params[key] for key in sorted(params) if key != "sign")
    return hashlib.md5(f"{secret}{text}{secret}".encode()).hexdigest().upper()  # noqa: S324 the platform's choice


class Pop:
    """One shop's line to POP."""

    def __init__(self, account: Account, gateway: str, http: Http, clock: Callable[[], datetime]) -> None:
        self.account = account
        self.http = http
        self.clock = clock
        self._gateway = gateway

    def setting(self, name: str, default: str = "") -> str:
        """A setting of the account, or its default when it is empty."""
        return self.account.settings.get(name) or default

    def read(self, method: str, root: str, **params: object) -> dict[str, Any]:
        """What stands under `root` in a read's answer, the whole answer for an empty root; repeatable."""
        return self._send(method, root, params, writes=False)[1]

    def read_raw(self, method: str, root: str, **params: object) -> tuple[bytes, dict[str, Any]]:
        """A read's exact body beside what stands under `root`."""
        return self._send(method, root, params, writes=False)

    def write(self, method: str, root: str, **params: object) -> dict[str, Any]:
        """What stands under `root` in a write's answer; OutcomeUnknown when it may have happened."""
        return self._send(method, root, params, writes=True)[1]

    def _send(
        self, method: str, root: str, params: Mapping[str, object], *, writes: bool
    ) -> tuple[bytes, dict[str, Any]]:
        form = self._signed(method, params)
        try:
            body = self.http.post(self._gateway, body=form, headers=FORM, writes=writes).body
            return body, self._inner(root, body, writes)
        except ConnectorError as error:
            # The cause may hold the request with its secrets, so the chain ends here.
            raise silenced(error, (*self.account.secrets.values(), *_private_texts(params))) from None

    def _signed(self, method: str, params: Mapping[str, object]) -> dict[str, str]:
        given = dict(params) | {
            "type": method,
            "client_id": self.setting("client_id"),
            "access_token": self.account.secrets.get("access_token", ""),
            "timestamp": str(int(self.clock().timestamp())),
            "data_type": "JSON",
            "version": "V1",
        }
        form = {name: _text(value) for name, value in given.items() if value not in (None, "")}
        form["sign"] = sign(form, self.account.secrets.get("client_secret", ""))
        return form

    def _inner(self, root: str, body: bytes, writes: bool) -> dict[str, Any]:
        answer = parsed(body)
        error = answer.get("error_response")
        if isinstance(error, dict):
            raise self._classified(error, writes)
        inner = answer.get(root) if root else answer
        if isinstance(inner, dict) and inner:
            return inner
        unknown = OutcomeUnknown if writes else Retryable
        raise unknown("the gateway answered with something that is not an answer", code="not-an-answer")

    def _classified(self, error: Mapping[str, Any], writes: bool) -> ConnectorError:
        found = classified(error, writes, can_refresh=bool(self.account.secrets.get("refresh_token")))
        if isinstance(found, RateLimited):
            self.http.rest(found.retry_after)
        return found


def parsed(body: bytes) -> dict[str, Any]:
    """The object in an answer's body, an empty one when it is none."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def classified(error: Mapping[str, Any], writes: bool, can_refresh: bool) -> ConnectorError:
    """The exception for an `error_response`, by what can be done about it (codes of the platform's error page)."""
    told = str(error.get("error_code"))
    number = int(told) if told.isdigit() else -1
    sub_code = str(error.get("sub_code") or "")
    words = str(error.get("sub_msg") or error.get("error_msg") or "the platform gave no reason")
    code = f"{told}/{sub_code}" if sub_code else told
    if number in _TOKEN_ENDED:
        return AuthFailed(f"authorise the shop again: {words}", code=code, expired=can_refresh)
    if number in _BAD_CREDENTIALS:
        return AuthFailed(f"{_BAD_CREDENTIALS[number]}: {words}", code=code)
    if number in _LIMITED:
        return RateLimited(words, code=code, retry_after=_LIMITED[number])
    if number in _NOT_NOW:
        return Retryable(words, code=code)
    if number in _MAY_HAVE_HAPPENED and not any(no in words for no in _LASTING):
        return (OutcomeUnknown if writes else Retryable)(words, code=code)
    return Refused(words, code=code)


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


def _private_texts(value: object, name: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _private_texts(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _private_texts(inner, name)
    elif name in _PRIVATE and isinstance(value, str):
        yield value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return orjson.dumps(value).decode()
    return str(value)
