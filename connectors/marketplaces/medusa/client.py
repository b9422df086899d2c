"""Speaks Medusa's Admin REST API: authenticates a call, sends it, sorts what comes back. Knows no order."""

from __future__ import annotations

import base64
from collections.abc import Mapping
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
from connectors.contract.http import Answer, Http, retry_after
from connectors.contract.manifest import Account

#: Texts that people typed; Medusa's errors may repeat them.
_FREE_TEXTS = ("note", "internal_note", "description", "metadata", "labels")


class Admin:
    """One store's line to its Admin API, as the owner of a secret API key."""

    def __init__(self, account: Account, gateway: str, http: Http) -> None:
        self._secrets = tuple(secret for secret in account.secrets.values() if len(secret) > 1)
        self._base = gateway.rstrip("/")
        self._http = http
        key = account.secrets.get("api_key", "")
        token = base64.b64encode(f"{key}:".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Accept": "application/json"}

    def read(self, path: str, **params: str) -> dict[str, Any]:
        """The object a GET answers; repeatable."""
        return self.query(path, params)

    def query(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """The object a GET answers, for parameters that are no Python names, like `updated_at[$gte]`."""
        return self._send("GET", path, params, None)

    def write(self, path: str, body: Mapping[str, Any], *, fields: str = "id") -> dict[str, Any]:
        """The object a POST answers; OutcomeUnknown when it may have happened."""
        return self._send("POST", path, {"fields": fields} if fields else {}, body)

    def remove(self, path: str) -> dict[str, Any]:
        """The object a DELETE answers; OutcomeUnknown when it may have happened."""
        return self._send("DELETE", path, {}, {})

    def _send(self, verb: str, path: str, params: Mapping[str, str], body: Mapping[str, Any] | None) -> dict[str, Any]:
        writes = body is not None
        private = (*self._secrets, *_typed(body or {}))
        headers = self._headers | ({"Content-Type": "application/json"} if writes else {})
        answer = self._http.send(
            verb,
            f"{self._base}/admin/{path}",
            params=params,
            body=orjson.dumps(body) if body is not None else b"",
            headers=headers,
            writes=writes,
            reading=lambda refusal: _explained(refusal, writes, private),
        )
        found = _object(answer.body)
        if found is None:
            unknown = OutcomeUnknown if writes else Retryable
            raise unknown("the store answered with something that is not an answer", code="not-an-answer")
        return found


def _typed(body: Mapping[str, Any]) -> tuple[str, ...]:
    texts: list[str] = []
    for name in _FREE_TEXTS:
        _collect(body.get(name), texts)
    return tuple(texts)


def _collect(value: object, texts: list[str]) -> None:
    if isinstance(value, str) and len(value) > 1:
        texts.append(value)
    elif isinstance(value, dict):
        for inner in value.values():
            _collect(inner, texts)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _explained(answer: Answer, writes: bool, private: tuple[str, ...]) -> ConnectorError:
    """The exception for `{type, message, code}`; its words without secrets and without what people typed."""
    told = _object(answer.body) or {}
    kind = _word(told.get("type")) or f"http-{answer.status}"
    words = _word(told.get("message"))
    for secret in private:
        words, kind = words.replace(secret, "***"), kind.replace(secret, "***")
    words, kind = words[:300], kind[:60]
    if answer.status == 429:
        return RateLimited("too many calls", code=kind, retry_after=retry_after(answer.headers))
    if answer.status == 401:
        return AuthFailed("put in a secret API key (sk_…) of this store: it refused the present one", code=kind)
    if answer.status == 403:
        return AuthFailed(f"give the API key's user this right: {words or 'forbidden'}", code=kind)
    if answer.status == 409:
        # The other request won and this one was rolled back, so repeating is safe, for writes too.
        return Retryable(words or "the call crossed another one", code=kind)
    if answer.status >= 500:
        return (OutcomeUnknown if writes else Retryable)(words or "the store failed", code=kind)
    return Refused(words or "the store refused the call", code=kind)


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
