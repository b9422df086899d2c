"""A Youzan connector before an audience: what it sent is kept, what it gets is queued by the test."""

from __future__ import annotations

from collections import deque
from typing import Any, Self
from urllib.parse import parse_qs, urlparse

import orjson
import responses

from connectors.contract.manifest import Account
from connectors.marketplaces.youzan import Youzan
from tests.connectors.contract_kit import EVERYWHERE, NOW

SECRETS = {"client_secret": "yzsecret", "access_token": "stage-token"}


class Stage:
    """Context: answers queue up, calls are recorded as (path, what was asked); `tokens` are those of the query."""

    def __init__(self, *answers: bytes, secrets: dict[str, str] | None = None, **settings: str) -> None:
        account = Account({"client_id": "yzclient", "kdt_id": "77", **settings}, SECRETS | (secrets or {}))
        self.vendor = Youzan(account, clock=lambda: NOW)
        self.platform = responses.RequestsMock(assert_all_requests_are_fired=False)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.tokens: list[str] = []
        self._answers = deque(answers)

    def __enter__(self) -> Self:
        self.platform.start()
        self.platform.add_callback(responses.POST, EVERYWHERE, callback=self._play)
        return self

    def __exit__(self, *_: object) -> None:
        self.platform.stop(allow_assert=False)
        self.platform.reset()

    def _play(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        address = urlparse(request.url)
        self.tokens += parse_qs(address.query).get("access_token", [])
        self.sent.append((address.path, orjson.loads(request.body)))
        return 200, {}, self._answers.popleft()
