"""A Taobao connector before an audience: what it sent is kept, what it gets is queued by the test."""

from __future__ import annotations

from collections import deque
from typing import Any, Self
from urllib.parse import parse_qs

import orjson
import responses

from connectors.contract.manifest import Account
from connectors.marketplaces.taobao import Taobao
from tests.connectors.contract_suite import NOW

GATE = "https://gate.example.invalid/rest"


class Stage:
    """Context: answers queue up, calls are recorded as name → value."""

    address = GATE

    def __init__(self) -> None:
        account = Account({"app_key": "23"}, {"app_secret": "stage-app", "session": "stage-session"}, gateway=GATE)
        self.taobao = Taobao(account, clock=lambda: NOW)
        self.platform = responses.RequestsMock(assert_all_requests_are_fired=False)
        self.sent: list[dict[str, str]] = []
        self._answers: deque[bytes | dict[str, Any]] = deque()

    def __enter__(self) -> Self:
        self.platform.start()
        self.platform.add_callback(responses.POST, GATE, callback=self._play)
        return self

    def __exit__(self, *_: object) -> None:
        self.platform.stop(allow_assert=False)
        self.platform.reset()

    def answers(self, *inner: bytes | dict[str, Any]) -> None:
        """Queue answers: the object inside `<method>_response`, or a whole body."""
        self._answers.extend(inner)

    def _play(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        sent = {name: values[0] for name, values in parse_qs(request.body).items()}
        self.sent.append(sent)
        answer = self._answers.popleft()
        if isinstance(answer, dict):
            root = sent["method"].removeprefix("taobao.").replace(".", "_") + "_response"
            answer = orjson.dumps({root: answer | {"request_id": "s"}})
        return 200, {}, answer
