"""An Amazon connector before an audience: what it sent is kept, what it gets is set by the test.

Every call is checked to go under the operation that Amazon counts it as.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
import responses

from connectors.contract.http import Http
from connectors.contract.manifest import Account
from connectors.marketplaces.amazon import Amazon
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.amazon.operations import Gate, operation_of
from tests.connectors.marketplaces.amazon.papers import US, error_body

GATE = "https://gate.example.invalid"
FILES = "https://files.example.invalid"
SECRETS = {
    "client_secret": "client-secret-stage",
    "refresh_token": "Atzr|refresh-stage",
    "access_token": "Atza|access-stage",
    "push_secret": "forwarder-stage",
}
SETTINGS = {"marketplace_ids": US, "seller_id": "A1SELLER", "client_id": "amzn1.client", "since": "2026-03-02T03:00:00Z"}
NOT_FOUND = (404, error_body("NotFound", "no such resource"))
Reply = tuple[int, Any] | Callable[[dict[str, str], Any], tuple[int, Any]]


class Stage:
    """Context: `answers["GET /path"]` is (status, body) or a function of query and payload; else not found."""

    def __init__(self, **settings: str) -> None:
        self.now = NOW
        self.gate = Gate()
        account = Account(SETTINGS | settings, SECRETS, gateway=GATE, timezone="UTC")
        self.amazon = Amazon(account, Http(gate=self.gate), clock=self._clock)
        self.platform = responses.RequestsMock(assert_all_requests_are_fired=False)
        self.answers: dict[str, Reply] = {}
        self.headers: dict[str, str] = {}
        self.sent: list[tuple[str, dict[str, str], Any]] = []
        self.tokens: list[str] = []

    def __enter__(self) -> Self:
        self.platform.start()
        for verb in ("GET", "POST", "PUT", "PATCH"):
            for host in (GATE, FILES):
                self.platform.add_callback(verb, re.compile(host + "/.*"), callback=self._play)
        return self

    def __exit__(self, *_: object) -> None:
        self.platform.stop(allow_assert=False)
        self.platform.reset()

    def calls(self, start: str = "") -> list[str]:
        """The calls made, by verb and path."""
        return [name for name, _, _ in self.sent if name.startswith(start)]

    def payloads(self, name: str) -> list[Any]:
        """What was sent to one call."""
        return [payload for told, _, payload in self.sent if told == name]

    def _clock(self) -> datetime:
        return self.now

    def _play(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(request.url)
        name = f"{request.method} {unquote(parts.path)}"
        assert self.gate.passed[-1] == operation_of(f"{request.method} {parts.path}"), name
        query, payload = dict(parse_qsl(parts.query)), _loaded(request.body)
        self.sent.append((name, query, payload))
        self.tokens.append(request.headers.get("x-amz-access-token", ""))
        reply = self.answers.get(name, NOT_FOUND)
        status, body = reply(query, payload) if callable(reply) else reply
        return status, self.headers, body if isinstance(body, bytes) else orjson.dumps(body)


def _loaded(body: Any) -> Any:
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode() if isinstance(body, bytes) else body
