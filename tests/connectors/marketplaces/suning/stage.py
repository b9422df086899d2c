"""A Suning connector before an audience: what it sent is kept, what it gets is queued by the test."""

from __future__ import annotations

from collections import deque
from typing import Any, Self

import orjson
import responses

from connectors.contract.manifest import Account
from connectors.marketplaces.suning import Suning
from tests.connectors.contract_suite import NOW

GATE = "https://gate.example.invalid/sop"
SECRETS = {"app_secret": "stage-secret", "access_token": "stage-token"}


class Stage:
    """Context: answers queue up, calls are recorded as (method, what stands under the call's name)."""

    def __init__(self, *answers: bytes, **settings: str) -> None:
        account = Account({"app_key": "stage-key", **settings}, SECRETS, gateway=GATE)
        self.vendor = Suning(account, clock=lambda: NOW)
        self.platform = responses.RequestsMock(assert_all_requests_are_fired=False)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self._answers = deque(answers)

    def __enter__(self) -> Self:
        self.platform.start()
        self.platform.add_callback(responses.POST, GATE, callback=self._play)
        return self

    def __exit__(self, *_: object) -> None:
        self.platform.stop(allow_assert=False)
        self.platform.reset()

    @property
    def methods(self) -> list[str]:
        """What was called, in turn."""
        return [method.removeprefix("suning.custom.") for method, _ in self.sent]

    def _play(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        body = orjson.loads(request.body)["sn_request"]["sn_body"]
        self.sent.append((request.headers["AppMethod"], next(iter(body.values()))))
        return 200, {}, self._answers.popleft()
