"""A Douyin connector before an audience: what it sent is kept, what it gets is queued by the test."""

from __future__ import annotations

from collections import deque
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import orjson
import responses

from connectors.contract.manifest import Account
from connectors.marketplaces.douyin import Douyin
from tests.connectors.contract_suite import EVERYWHERE, NOW
from tests.connectors.marketplaces.douyin.papers import envelope

GATE = "https://gate.example.invalid/open"


class Stage:
    """Context: answers queue up, calls are recorded as (path, parameters) beside their queries."""

    address = GATE

    def __init__(self, secrets: dict[str, str] | None = None, **settings: str) -> None:
        keys = {"app_secret": "stage-app", "access_token": "stage-token", "refresh_token": "stage-refresh"}
        account = Account({"app_key": "70"} | settings, keys if secrets is None else secrets, gateway=GATE)
        self.douyin = Douyin(account, clock=lambda: NOW)
        self.platform = responses.RequestsMock(assert_all_requests_are_fired=False)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.queries: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self._answers: deque[bytes] = deque()

    @classmethod
    def given(cls, *inner: Any) -> Self:
        """A stage whose answers are queued before it begins."""
        stage = cls()
        stage.answers(*inner)
        return stage

    def __enter__(self) -> Self:
        self.platform.start()
        self.platform.add_callback(responses.POST, EVERYWHERE, callback=self._play)
        return self

    def __exit__(self, *_: object) -> None:
        self.platform.stop(allow_assert=False)
        self.platform.reset()

    def answers(self, *inner: Any) -> None:
        """Queue answers: what stands under `data`, or a whole body."""
        self._answers.extend(answer if isinstance(answer, bytes) else envelope(answer) for answer in inner)

    @property
    def paths(self) -> list[str]:
        """The paths called, in order."""
        return [path for path, _ in self.sent]

    def _play(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        address = urlsplit(request.url)
        self.queries.append({name: values[0] for name, values in parse_qs(address.query).items()})
        self.bodies.append(request.body)
        self.sent.append((address.path.removeprefix("/open/"), orjson.loads(request.body)))
        return 200, {}, self._answers.popleft()
