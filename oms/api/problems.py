"""Errors of the API as problem details (RFC 9457): what is wrong, in which field, and what to do next."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request
from werkzeug.exceptions import HTTPException

from oms.api.access import Unauthenticated
from oms.domain.errors import Busy, Forbidden, HubError, Invalid, NotFound, Stale, WrongState

TYPE = "application/problem+json"
STATUSES: dict[type[HubError], int] = {
    Forbidden: 403,
    NotFound: 404,
    WrongState: 409,
    Stale: 409,
    Busy: 409,
    Invalid: 422,
}
REMEDIES = {
    400: "read the description of the operation at /api/docs",
    404: "look the address up at /api/docs",
    405: "use a method that /api/docs names for this address",
    413: "send less in one request",
    415: "send application/json",
    429: "wait, then try again",
    500: "try again; if it stays, tell an administrator when it happened",
}


def problem(
    status: int, code: str, detail: str, *, remedy: str = "", field: str = "", errors: list[dict[str, str]] | None = None
) -> Response:
    """One problem document."""
    content: dict[str, Any] = {"type": f"/api/docs#problem-{code}", "title": code, "status": status, "detail": detail}
    if field:
        content["field"] = field
    if remedy:
        content["remedy"] = remedy
    if errors:
        content["errors"] = errors
    answer = Response(orjson.dumps(content), status, content_type=TYPE)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="order hub"'
    if code == Busy.code:
        answer.headers["Retry-After"] = "2"
    return answer


def of_hub_error(error: HubError) -> Response:
    """The problem of one of the hub's own refusals."""
    status = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), 422)
    field = error.field if isinstance(error, Invalid) else ""
    return problem(status, error.code, error.words, remedy=error.remedy, field=field)


def of_unauthenticated(error: Unauthenticated) -> Response:
    """The problem of a request that names nobody."""
    return problem(401, "unauthenticated", error.words, remedy="make a key with `oms user key`")


def of_http_error(error: HTTPException) -> Response:
    """The problem of any other refusal; those of marshmallow name their fields."""
    status = error.code or 500
    found = getattr(error, "data", None) or {}
    errors = list(faults(found.get("messages", {})))
    code = "invalid" if errors else error.name.lower().replace(" ", "-")
    detail = found.get("message") or error.description or error.name
    if errors:
        detail, remedy = f"{errors[0]['field']}: {errors[0]['detail']}", "correct the fields named in errors"
        return problem(status, code, detail, remedy=remedy, field=errors[0]["field"], errors=errors)
    answer = problem(status, code, detail, remedy=REMEDIES.get(status, ""))
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def faults(messages: Any, path: str = "") -> Any:
    """Every fault with its field, however deep; the place (json, query) is the first part and left out."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            is_place = not path and name in ("json", "query", "headers", "path", "form")
            yield from faults(inner, path if is_place else f"{path}.{name}".lstrip("."))
    elif isinstance(messages, list):
        for inner in messages:
            yield from faults(inner, path)
    else:
        yield {"field": path or "request", "detail": str(messages)}


def wants_problem() -> bool:
    """Whether this address belongs to the API."""
    return request.path == "/api" or request.path.startswith("/api/")
