"""Speaks SF's open platform (丰桥): one address, a digest, an answer with another answer inside. Knows no label."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from connectors.carriers.sf import codes
from connectors.carriers.sf.signing import digest
from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.http import Http
from connectors.contract.manifest import Account

FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
PAUSE_S: Final = 10.0
_PRIVATE = frozenset({"contact", "mobile", "tel", "address", "checkPhoneNo"})


class Duplicate(Refused):
    """The order was placed before: its number is found by a look-up."""


class NoSuchOrder(Refused):
    """SF has nothing under this order number."""


class Gateway:
    """One customer's line to SF."""

    def __init__(self, account: Account, address: str, http: Http, clock: Callable[[], datetime]) -> None:
        self._account, self._address, self._http, self._clock = account, address, http, clock

    def call(self, service: str, message: Any, *, writes: bool = False) -> dict[str, Any]:
        """The inner msgData of an answer; both levels are looked at."""
        form = self._form(service, message)
        try:
            body = self._http.post(self._address, body=form, headers=FORM, writes=writes).body
            return _inner(body, writes)
        except ConnectorError as error:
            private = [*_texts(message), *self._account.secrets.values()]
            error.words, error.code = _silenced(error.words, private), _silenced(error.code, private)
            error.args = (f"{error.words} [{error.code}]" if error.code else error.words,)
            # The cause may hold the request with names and secrets, so the chain ends here.
            raise error from None

    def _form(self, service: str, message: Any) -> dict[str, str]:
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        stamp = str(int(self._clock().timestamp() * 1000))
        return {
            "partnerID": self._account.settings.get("partner_id", ""),
            "requestID": str(uuid.uuid4()),
            "serviceCode": service,
            "timestamp": stamp,
            "msgDigest": digest(text, stamp, self._account.secrets.get("checkword", "")),
            "msgData": text,
        }


def _inner(body: bytes, writes: bool) -> dict[str, Any]:
    """The document inside the document; anything else is an error of some class."""
    unknown = OutcomeUnknown if writes else Retryable
    outer = _tree(body)
    if outer is None or "apiResultCode" not in outer:
        raise unknown("the gateway answered with something that is not an answer", code="not-an-answer")
    code = str(outer["apiResultCode"])
    if code != codes.GATEWAY_OK:
        raise _gateway_error(code, str(outer.get("apiErrorMsg") or "the gateway gave no reason"), unknown)
    inner = _tree(str(outer.get("apiResultData") or "").encode())
    if inner is None:
        raise unknown("the answer within the answer is not readable", code="apiResultData")
    if inner.get("success") is not True:
        raise _business_error(str(inner.get("errorCode") or ""), str(inner.get("errorMsg") or "refused without a word"))
    found = inner.get("msgData")
    return found if isinstance(found, dict) else {"rows": found or []}


def _gateway_error(code: str, words: str, unknown: type[Retryable]) -> ConnectorError:
    if code in codes.LIMITED:
        return RateLimited(words, code=code, retry_after=PAUSE_S)
    if code in codes.BAD_CREDENTIALS:
        return AuthFailed(f"check customer code and checkword: {words}", code=code)
    if code in codes.GATEWAY_DOWN:
        return unknown(words, code=code)
    return Refused(words, code=code)


def _business_error(code: str, words: str) -> ConnectorError:
    if code in codes.DUPLICATE:
        return Duplicate(words, code=code)
    if code in codes.NO_ORDER:
        return NoSuchOrder(words, code=code)
    reason = codes.reason_of(words)
    return (reason or Refused)(words, code=code)


def _tree(body: bytes) -> dict[str, Any] | None:
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return tree if isinstance(tree, dict) else None


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
