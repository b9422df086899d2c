"""A Medusa connector before an audience: what it sent is kept, what it gets is queued by the test."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

import orjson
import responses

from connectors.contract.manifest import Account
from connectors.marketplaces.medusa import Medusa
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.contract_suite import NOW

GATE = "https://store.example.invalid"
KEY = "sk_stage_key"


class Sent(NamedTuple):
    """One call, the base of the address left out."""

    verb: str
    path: str
    params: dict[str, list[str]]
    body: Any
    headers: Any


class Stage:
    """Context: answers queue up, calls are recorded."""

    def __init__(self, **settings: str) -> None:
        account = Account(settings, {"api_key": KEY, "relay_secret": "stage-relay"}, gateway=GATE)
        self.medusa = Medusa(account, clock=lambda: NOW)
        self.platform = responses.RequestsMock(assert_all_requests_are_fired=False)
        self.sent: list[Sent] = []
        self._answers: deque[tuple[int, bytes]] = deque()

    def __enter__(self) -> Self:
        self.platform.start()
        for verb in (responses.GET, responses.POST, responses.DELETE):
            self.platform.add_callback(verb, EVERYWHERE, callback=self._play)
        return self

    def __exit__(self, *_: object) -> None:
        self.platform.stop(allow_assert=False)
        self.platform.reset()

    def answers(self, *answers: dict[str, Any] | tuple[int, bytes]) -> None:
        """Queue answers: an object, or a status with its body."""
        for answer in answers:
            self._answers.append((200, orjson.dumps(answer)) if isinstance(answer, dict) else answer)

    @property
    def writes(self) -> list[Sent]:
        """The calls that wanted to change something."""
        return [sent for sent in self.sent if sent.verb == "POST"]

    def _play(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(request.url)
        told = orjson.loads(request.body) if request.body else None
        path = parts.path.removeprefix("/admin/")
        self.sent.append(Sent(request.method, path, parse_qs(parts.query), told, request.headers))
        status, answer = self._answers.popleft()
        return status, {}, answer
