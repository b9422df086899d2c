"""Refusals as Medusa answers them: a type with its HTTP status, a message."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from connectors.sandbox.kit import json_answer

STATUS_OF = {
    "not_found": 404, "invalid_data": 400, "not_allowed": 400, "unauthorized": 401, "duplicate_error": 422,
    "payment_authorization_error": 422, "conflict": 409, "unknown_error": 500,
}  # fmt: skip
STRANGE_BEARER = (
    "A secret API key was passed as a Bearer token. Secret API keys must be sent using HTTP Basic authentication "
    "instead (Authorization: Basic <secret-api-key>)."
)


class Refusal(Exception):
    """A call that is refused; `kind` is the platform's word for why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    def response(self) -> Response:
        body: dict[str, Any] = {"type": self.kind, "message": str(self)}
        if self.kind == "unknown_error":
            body = {"code": self.kind, **body}
        return json_answer(body, STATUS_OF[self.kind])


class Unauthorized(Refusal):
    """Nobody is signed in; the body has a message alone."""

    def __init__(self, message: str = "Unauthorized") -> None:
        super().__init__("unauthorized", message)

    def response(self) -> Response:
        return json_answer({"message": str(self)}, 401)


def invalid(message: str) -> Refusal:
    return Refusal("invalid_data", message)


def broken() -> Refusal:
    """What a store says when a query cannot be run, whatever the reason."""
    return Refusal("unknown_error", "An unknown error occurred.")


def not_found(what: str, number: str) -> Refusal:
    return Refusal("not_found", f"{what} id not found: {number}")
