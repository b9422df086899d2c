"""Speaks Doudian, Douyin's open platform for shops: signs a call, sends it, sorts what comes back. Knows no order."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.http import Http
from connectors.contract.manifest import Account

JSON_BODY = {"Content-Type": "application/json;charset=UTF-8", "Accept": "application/json"}
OK = frozenset({10000, 10001})
#: The platform has this very request already: a repeated write is done.
DONE_BEFORE = "isv.idempotent-id-existed"

_TOKEN_RAN_OUT = frozenset({"isv.access-token-expired", "isv.access-token-no-existed"})
_BAD_CREDENTIALS = frozenset({"isv.access-token-invalid", "isv.signature-invalid"})
_BAD_CLOCK = "isv.timestamp-invalid"
_BROKEN = frozenset({20000, 20001})
_LIMITED = 60000
_BUSINESS = 50002
#: What the words of a business refusal hold when a person or the buyer ends it soon: a refund that waits for the
#: shop's answer, a change of address that waits for its review. The platform gives them no codes of their own.
_PASSING = ("有退款需要处理", "待审核的地址修改申请")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
#: Texts that people typed or that stand for people; a platform's error may repeat them.
_PRIVATE = frozenset({"remark", "reason", "cipher_text", "code", "refresh_token"})


def param_json(params: Mapping[str, object]) -> bytes:
    """The business parameters as they are signed and sent: compact, all keys sorted, nothing escaped for HTML."""
    return orjson.dumps(dict(params), option=orjson.OPT_SORT_KEYS)


def sign(app_key: str, method: str, body: bytes, timestamp: str, secret: str, sign_method: str) -> str:
    """Doudian's signature, lower hex; `sign_method` is hmac-sha256 or md5. The access token is not signed."""
    head = f"{secret}app_key{app_key}method{method}param_json".encode()
    text = head + body + f"timestamp{timestamp}v2{secret}".encode()
    if sign_method == "md5":
        return hashlib.md5(text).hexdigest()  # noqa: S324 the platform's choice
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


class Doudian:
    """One shop's line to Doudian."""

    def __init__(self, account: Account, gateway: str, http: Http, clock: Callable[[], datetime]) -> None:
        self.account = account
        self.clock = clock
        self._gateway = gateway.rstrip("/")
        self._http = http

    def setting(self, name: str) -> str:
        """A setting of the account, empty when it has none."""
        return self.account.settings.get(name, "")

    def read(self, path: str, **params: object) -> dict[str, Any]:
        """What stands under `data` in a read's answer; repeatable."""
        return _inner(self._send(path, params, writes=False), path, writes=False)

    def read_list(self, path: str, **params: object) -> list[Any]:
        """The same for the calls whose `data` is a list."""
        found = self._send(path, params, writes=False)[1].get("data")
        return found if isinstance(found, list) else []

    def read_raw(self, path: str, **params: object) -> tuple[bytes, dict[str, Any]]:
        """A read's exact body beside what stands under `data`."""
        answer = self._send(path, params, writes=False)
        return answer[0], _inner(answer, path, writes=False)

    def write(self, path: str, **params: object) -> dict[str, Any]:
        """What stands under `data` in a write's answer, empty when it says nothing; OutcomeUnknown when it may
        have happened. A repeated request that the platform knows is done.
        """
        try:
            found = self._send(path, params, writes=True)[1].get("data")
        except Refused as refusal:
            if DONE_BEFORE not in refusal.code:
                raise
            return {}
        return found if isinstance(found, dict) else {}

    def _send(self, path: str, params: Mapping[str, object], *, writes: bool) -> tuple[bytes, dict[str, Any]]:
        body = param_json({name: value for name, value in params.items() if value is not None})
        try:
            url = f"{self._gateway}/{path}"
            answer = self._http.post(url, params=self._query(path, body), body=body, headers=JSON_BODY, writes=writes)
            return answer.body, _accepted(answer.body, writes)
        except ConnectorError as error:
            if isinstance(error, RateLimited):
                self._http.rest(error.retry_after)
            error.words, error.code = self._silenced(error.words, params), self._silenced(error.code, params)
            error.args = (f"{error.words} [{error.code}]" if error.code else error.words,)
            # The cause may hold the request with its secrets, so the chain ends here.
            raise error from None

    def _query(self, path: str, body: bytes) -> dict[str, str]:
        app_key, method = self.setting("app_key"), path.replace("/", ".")
        sign_method = self.setting("sign_method") or "hmac-sha256"
        timestamp = str(int(self.clock().timestamp()))
        secret = self.account.secrets.get("app_secret", "")
        query = {
            "app_key": app_key,
            "method": method,
            "timestamp": timestamp,
            "v": "2",
            "sign": sign(app_key, method, body, timestamp, secret, sign_method),
            "sign_method": sign_method,
        }
        if not path.startswith("token/"):
            query["access_token"] = self.account.secrets.get("access_token", "")
        return query

    def _silenced(self, words: str, params: Mapping[str, object]) -> str:
        for private in (*self.account.secrets.values(), *_private_texts(params)):
            # A single letter is no secret, and starring it would make every word unreadable.
            if len(private) > 1:
                words = words.replace(private, "***")
        return _MOBILE.sub("***", words)


def _private_texts(params: object, name: str = "") -> Iterator[str]:
    if isinstance(params, Mapping):
        for key, value in params.items():
            yield from _private_texts(value, key)
    elif isinstance(params, (list, tuple)):
        for value in params:
            yield from _private_texts(value, name)
    elif isinstance(params, str) and name in _PRIVATE:
        yield params


def _inner(answer: tuple[bytes, dict[str, Any]], path: str, *, writes: bool) -> dict[str, Any]:
    found = answer[1].get("data")
    if isinstance(found, dict):
        return found
    raise (OutcomeUnknown if writes else Retryable)(f"{path} answered without data", code="not-an-answer")


def _accepted(body: bytes, writes: bool) -> dict[str, Any]:
    """The envelope of an accepted call; anything else is an error of some class."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if isinstance(answer, dict) and "code" in answer:
        if _number(answer["code"]) in OK:
            return answer
        raise classified(answer, writes)
    unknown = OutcomeUnknown if writes else Retryable
    raise unknown("the gateway answered with something that is not an answer", code="not-an-answer")


def classified(answer: Mapping[str, Any], writes: bool) -> ConnectorError:
    """The exception for an envelope that is no success, by what can be done about it."""
    number = _number(answer.get("code"))
    sub_code = str(answer.get("sub_code") or "")
    words = str(answer.get("sub_msg") or answer.get("msg") or "the platform gave no reason")
    code = f"{number}/{sub_code}" if sub_code else str(number)
    if number == _LIMITED:
        return RateLimited(words, code=code)
    if sub_code in _TOKEN_RAN_OUT:
        return AuthFailed(f"the access token ran out: {words}", code=code, expired=True)
    if sub_code in _BAD_CREDENTIALS or number == 50001 or sub_code.startswith("dop.authorization-"):
        return AuthFailed(f"authorise the shop again: {words}", code=code)
    if sub_code == _BAD_CLOCK:
        return Refused(f"set this machine's clock right: {words}", code=code)
    if number in _BROKEN or sub_code.startswith("isp."):
        return (OutcomeUnknown if writes else Retryable)(words, code=code)
    if number == _BUSINESS and any(passing in words for passing in _PASSING):
        return Retryable(words, code=code)
    return Refused(words, code=code)


def _number(code: object) -> int:
    text = str(code)
    return int(text) if text.isdigit() else -1
