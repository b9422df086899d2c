"""A Vendure connector before an audience: what it sent is kept, what it gets is queued by the test."""

from __future__ import annotations

from collections import deque
from typing import Any, Self

import orjson
import responses

from connectors.contract.manifest import Account
from connectors.marketplaces.vendure import Vendure
from tests.connectors.contract_suite import NOW

GATE = "https://gate.example.invalid"
URL = f"{GATE}/admin-api"


class Stage:
    """Context: answers queue up, calls are recorded as (operation, variables)."""

    def __init__(self, secrets: dict[str, str] | None = None, **settings: str) -> None:
        account = Account({"api_url": GATE, **settings}, secrets or {"api_key": "stage-key"})
        self.vendure = Vendure(account, clock=lambda: NOW)
        self.platform = responses.RequestsMock(assert_all_requests_are_fired=False)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.texts: list[str] = []
        self.headers: list[Any] = []
        #: Headers of the answers.
        self.told: dict[str, str] = {}
        self._answers: deque[bytes | dict[str, Any]] = deque()

    def __enter__(self) -> Self:
        self.platform.start()
        self.platform.add_callback(responses.POST, URL, callback=self.play)
        return self

    def __exit__(self, *_: object) -> None:
        self.platform.stop(allow_assert=False)
        self.platform.reset()

    def answers(self, *answers: bytes | dict[str, Any]) -> None:
        """Queue answers: the `data` of one, or a whole body."""
        self._answers.extend(answers)

    @property
    def writes(self) -> list[tuple[str, dict[str, Any]]]:
        """The mutations sent, with their variables."""
        return [sent for sent, text in zip(self.sent, self.texts, strict=True) if text.startswith("mutation")]

    def play(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        """Answer a call with what is queued."""
        sent = orjson.loads(request.body)
        self.sent.append((sent["operationName"], sent["variables"]))
        self.texts.append(sent["query"])
        self.headers.append(request.headers)
        answer = self._answers.popleft()
        return 200, dict(self.told), answer if isinstance(answer, bytes) else orjson.dumps({"data": answer})
