"""The front door: token, rate, the operation, headers and error bodies around every call."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from werkzeug.wrappers import Request, Response

from connectors.sandbox.amazon.errors import ApiError, invalid, quota
from connectors.sandbox.amazon.shop import Asked, Operation, Shop
from connectors.sandbox.kit import Call, json_answer
from connectors.sandbox.kit.market import NotAllowed

RATE_HEADER = "x-amzn-RateLimit-Limit"


@dataclass(slots=True)
class Buckets:
    """One token bucket per operation, filled `speed` times faster than real time; kept only while the twin runs."""

    speed: float
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, operation: Operation) -> bool:
        """Whether another call is allowed now."""
        now = time.monotonic()
        left, since = self._left.get(operation.name, (float(operation.burst), now))
        left = min(float(operation.burst), left + (now - since) * operation.rate * self.speed)
        self._left[operation.name] = (left - 1 if left >= 1 else left, now)
        return left >= 1


def answer(shop: Shop, buckets: Buckets, operation: Operation, request: Request, path: Mapping[str, str]) -> Call:
    """One API call from headers to answer; refusals are counted by status and code."""
    headers = {RATE_HEADER: f"{operation.rate * buckets.speed:g}"}
    try:
        shop.tokens.check(request.headers.get("x-amz-access-token", ""), operation.token, request.path)
        if operation.name in shop.settings.get("denied", ()):
            raise ApiError(403, "Unauthorized", "Access to requested resource is denied.")
        if shop.settings.get("limits") and not buckets.take(operation):
            raise quota()
        status, document = _run(shop, operation, Asked(request, path))
    except ApiError as error:
        return Call(refusal(error, headers), f"error {error.status} {error.code}")
    response = Response(status=status) if document is None else json_answer(document, status)
    return Call(_signed(response, headers))


def refusal(error: ApiError, headers: Mapping[str, str] | None = None) -> Response:
    return _signed(json_answer(error.body(), error.status), headers or {})


def _run(shop: Shop, operation: Operation, asked: Asked) -> tuple[int, object]:
    try:
        return operation.run(shop, asked)
    except (NotAllowed, LookupError) as error:
        raise invalid(str(error)) from error


def _signed(response: Response, headers: Mapping[str, str]) -> Response:
    response.headers["x-amzn-RequestId"] = str(uuid.uuid4())
    for name, value in headers.items():
        response.headers[name] = value
    return response
