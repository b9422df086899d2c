"""The API's error bodies: the exception that becomes `{"errors": [{code, message, details}]}`."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refused call: HTTP status, the error's code, its message and details."""

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details

    def body(self) -> dict[str, Any]:
        return {"errors": [{"code": self.code, "message": self.message, "details": self.details}]}


def invalid(details: str, message: str = "Invalid request parameters") -> ApiError:
    """A parameter is missing or has a value that is not taken."""
    return ApiError(400, "InvalidInput", message, details)


def not_found(what: str) -> ApiError:
    return ApiError(404, "NotFound", "Resource not found", what)


def denied(details: str) -> ApiError:
    """No token, a token that ran out, or one that does not reach this resource: all are 403."""
    return ApiError(403, "Unauthorized", "Access to requested resource is denied.", details)


def expired() -> ApiError:
    return denied("The access token you provided has expired.")


def quota() -> ApiError:
    return ApiError(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")
