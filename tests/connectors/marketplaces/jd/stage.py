"""A JD connector before an audience: what it sent is kept, what it gets is queued by the test."""

from __future__ import annotations

from collections import deque
from typing import Any, Self
from urllib.parse import parse_qs

import orjson
import responses

from connectors.contract.manifest import Account
from connectors.marketplaces.jd import Jd
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.jd.papers import answer_body

GATE = "https://gate.example.invalid/routerjson"
SECRETS = {"app_secret": "stage-app", "access_token": "stage-token", "refresh_token": "stage-refresh"}


class Stage:
    """Context: answers queue up, calls are recorded as (method, business parameters)."""

    def __init__(self, **settings: str) -> None:
        account = Account({"app_key": "K1", "vender_id": "7001", **settings}, SECRETS, gateway=GATE)
        self.jd = Jd(account, clock=lambda: NOW)
        self.platform = responses.RequestsMock(assert_all_requests_are_fired=False)
        self.forms: list[dict[str, str]] = []
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self._answers: deque[bytes | dict[str, Any]] = deque()

    def __enter__(self) -> Self:
        self.platform.start()
        self.platform.add_callback(responses.POST, GATE, callback=self._play)
        return self

    def __exit__(self, *_: object) -> None:
        self.platform.stop(allow_assert=False)
        self.platform.reset()

    def answers(self, *inner: bytes | dict[str, Any]) -> None:
        """Queue answers: the object under the root, or a whole body."""
        self._answers.extend(inner)

    def _play(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        form = {name: values[0] for name, values in parse_qs(request.body).items()}
        self.forms.append(form)
        self.sent.append((form["method"], orjson.loads(form["360buy_param_json"])))
        answer = self._answers.popleft()
        return 200, {}, answer_body(form["method"], answer) if isinstance(answer, dict) else answer
