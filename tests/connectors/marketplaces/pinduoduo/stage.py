"""A Pinduoduo connector before an audience: what it sent is kept, what it gets is queued by the test."""

from __future__ import annotations

from collections import deque
from typing import Any, Self
from urllib.parse import parse_qs

import orjson
import responses

from connectors.contract.manifest import Account
from connectors.marketplaces.pinduoduo import Pinduoduo
from tests.connectors.contract_suite import NOW

GATE = "https://gate.example.invalid/router"
SECRETS = {"client_secret": "stage-secret", "access_token": "stage-token", "refresh_token": "stage-renewal"}


class Stage:
    """Context: answers queue up (bodies or objects), calls are recorded as name → value."""

    def __init__(self, **settings: str) -> None:
        account = Account({"client_id": "23", **settings}, SECRETS, gateway=GATE)
        self.vendor = Pinduoduo(account, clock=lambda: NOW)
        self.platform = responses.RequestsMock(assert_all_requests_are_fired=False)
        self.sent: list[dict[str, Any]] = []
        self._answers: deque[bytes | dict[str, Any]] = deque()

    def __enter__(self) -> Self:
        self.platform.start()
        self.platform.add_callback(responses.POST, GATE, callback=self._play)
        return self

    def __exit__(self, *_: object) -> None:
        self.platform.stop(allow_assert=False)
        self.platform.reset()

    def answers(self, *answers: bytes | dict[str, Any]) -> None:
        """Queue answers for the calls to come."""
        self._answers.extend(answers)

    @property
    def methods(self) -> list[str]:
        """What was called, in turn."""
        return [call["type"] for call in self.sent]

    def _play(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        self.sent.append({name: _opened(values[0]) for name, values in parse_qs(request.body).items()})
        answer = self._answers.popleft()
        return 200, {}, orjson.dumps(answer) if isinstance(answer, dict) else answer


def _opened(value: str) -> Any:
    return orjson.loads(value) if value.startswith(("{", "[")) else value


def staged(*answers: bytes | dict[str, Any], **settings: str) -> Stage:
    """A stage with its answers queued."""
    stage = Stage(**settings)
    stage.answers(*answers)
    return stage
