"""Speaks Youzan's protocol: sends a call with the shop's token, sorts what comes back. Knows no order.

Calls are not signed: the token in the query is all there is, so it must not get into any exception.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.http import Http
from connectors.contract.manifest import Account

#: Which version of a call is spoken; the path must name it.
VERSIONS = {
    "youzan.trades.sold.get": "4.0.4",
    "youzan.trade.get": "4.0.2",
    "youzan.trade.refund.search": "3.0.1",
    "youzan.trade.refund.get": "3.0.1",
    "youzan.logistics.online.confirm": "3.0.0",
    "youzan.logistics.express.get": "3.0.0",
}
#: Codes by what the hub does next; what is in none of them is the platform's no.
TOKEN_RAN_OUT = frozenset({"4202", "4203"})
BAD_CREDENTIALS = frozenset({"4201", "4204"})
TOO_MANY = frozenset({"4101", "102010003"})
BUSY = frozenset({"5001", "5003", "-100", "106000001", "106100118", "102510001"})
JSON = {"Content-Type": "application/json"}
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


class Platform:
    """One shop's line to the platform."""

    def __init__(self, account: Account, gateway: str, http: Http, clock: Callable[[], datetime]) -> None:
        self._account = account
        self.gateway = gateway.rstrip("/")
        self._http = http
        self.clock = clock

    def setting(self, name: str) -> str:
        """A setting or secret of the account; empty when it has none."""
        return self._account.settings.get(name) or self._account.secrets.get(name, "")

    def read(self, call: str, **params: object) -> dict[str, Any]:
        """What a call answers; repeating it is harmless."""
        return self._send(call, params, writes=False)

    def write(self, call: str, **params: object) -> dict[str, Any]:
        """What a call answers; OutcomeUnknown when the write may have happened."""
        return self._send(call, params, writes=True)

    def _send(self, call: str, params: Mapping[str, object], *, writes: bool) -> dict[str, Any]:
        url = f"{self.gateway}/api/{call}/{VERSIONS[call]}"
        token = {"access_token": self._account.secrets.get("access_token", "")}
        try:
            answer = self._http.post(url, params=token, body=orjson.dumps(params), headers=JSON, writes=writes)
            return _content(answer.body, writes)
        except ConnectorError as error:
            if isinstance(error, RateLimited) and not error.code.startswith("http-"):
                self._http.rest(error.retry_after)
            error.words, error.code = self._silenced(error.words), self._silenced(error.code)
            error.args = (f"{error.words} [{error.code}]" if error.code else error.words,)
            # The cause may hold the request with its secrets, so the chain ends here.
            raise error from None

    def _silenced(self, words: str) -> str:
        """Words without secrets and mobile numbers, whatever the platform echoes."""
        for secret in self._account.secrets.values():
            # A single letter is no secret, and starring it would make every word unreadable.
            if len(secret) > 1:
                words = words.replace(secret, "***")
        return _MOBILE.sub("***", words)


def _content(body: bytes, writes: bool) -> dict[str, Any]:
    """What stands under `data`; an error of the gateway or of the call is raised.

    A call that failed may still bring an empty `data`, so its code is looked at first.
    """
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if isinstance(answer, dict):
        refusal = answer.get("gw_err_resp")
        if isinstance(refusal, dict):
            raise classified(str(refusal.get("err_code")), _words(refusal.get("err_msg")), writes)
        if "code" in answer and str(answer["code"]) != "200":
            raise classified(str(answer["code"]), _words(answer.get("message")), writes)
        if isinstance(answer.get("data"), dict) and answer.get("success", True) is True:
            return dict(answer["data"])
    unknown = OutcomeUnknown if writes else Retryable
    raise unknown("the platform answered with something that is not an answer", code="not-an-answer")


def _words(told: object) -> str:
    return told if isinstance(told, str) and told else "the platform gave no reason"


def classified(code: str, words: str, writes: bool) -> ConnectorError:
    """The exception for one of the platform's codes, by what can be done about it."""
    if code in TOKEN_RAN_OUT:
        return AuthFailed(words, code=code, expired=True)
    if code in BAD_CREDENTIALS:
        return AuthFailed(f"authorise the shop again: {words}", code=code)
    if code in TOO_MANY:
        return RateLimited(words, code=code)
    if code in BUSY:
        return (OutcomeUnknown if writes else Retryable)(words, code=code)
    return Refused(words, code=code)
