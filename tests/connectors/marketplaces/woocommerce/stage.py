"""A WooCommerce connector before an audience: what it sent is kept, what it gets is set by the test."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import orjson
import responses

from connectors.contract.manifest import Account
from connectors.marketplaces.woocommerce import WooCommerce
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.woocommerce.papers import error_body

SITE = "https://shop.example.invalid"
SECRETS = {"consumer_key": "ck_stage", "consumer_secret": "cs_stage", "webhook_secret": "hush"}
NO_ROUTE = (404, error_body("rest_no_route", "No route was found", {"status": 404}))
Reply = tuple[int, Any] | Callable[[dict[str, str], Any], tuple[int, Any]]


class Stage:
    """Context: `answers["GET orders/1"]` is (status, body) or a function of query and payload; else no route."""

    def __init__(self, **settings: str) -> None:
        self.woo = WooCommerce(Account(settings, SECRETS, gateway=SITE, timezone="Europe/Berlin"), clock=lambda: NOW)
        self.platform = responses.RequestsMock(assert_all_requests_are_fired=False)
        self.answers: dict[str, Reply] = {}
        self.sent: list[tuple[str, dict[str, str], Any]] = []

    def __enter__(self) -> Self:
        self.platform.start()
        for verb in ("GET", "POST", "PUT", "DELETE"):
            self.platform.add_callback(verb, re.compile(SITE + "/.*"), callback=self._play)
        return self

    def __exit__(self, *_: object) -> None:
        self.platform.stop(allow_assert=False)
        self.platform.reset()

    def writes(self) -> list[tuple[str, Any]]:
        """The calls that changed something, with what they carried."""
        return [(name, payload) for name, _, payload in self.sent if not name.startswith("GET")]

    def _play(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(request.url)
        path = parts.path.removeprefix("/wp-json/").removeprefix("wc/v3/")
        query, payload = dict(parse_qsl(parts.query)), orjson.loads(request.body) if request.body else None
        name = f"{request.method} {path}"
        self.sent.append((name, query, payload))
        reply = self.answers.get(name, NO_ROUTE)
        status, body = reply(query, payload) if callable(reply) else reply
        headers = {"X-WP-Total": str(len(body))} if isinstance(body, list) else {}
        return status, headers, body if isinstance(body, bytes) else orjson.dumps(body)
