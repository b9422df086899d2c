"""TOP's error answers: codes with their texts, and the exception that becomes an error_response."""

from typing import Any

TEXTS = {
    7: "App Call Limited",
    9: "Http Action Not Allowed",
    10: "Service Currently Unavailable",
    15: "Remote service error",
    21: "Missing Method",
    22: "Invalid Method",
    23: "Invalid Format",
    24: "Missing Signature",
    25: "Invalid signature",
    26: "Missing session",
    27: "Invalid session",
    28: "Missing App Key",
    29: "Invalid app Key",
    30: "Missing Timestamp",
    31: "Invalid timestamp",
    32: "Missing Version",
    33: "Invalid Version",
    40: "Missing required arguments",
    41: "Invalid arguments",
}


class ApiError(Exception):
    """A refused call; `code` classes it, `sub_code` starting `isv.` blames the caller."""

    def __init__(self, code: int, sub_code: str = "", sub_msg: str = "", detail: str = "") -> None:
        super().__init__(f"{code} {sub_code}".strip())
        self.code = code
        self.sub_code = sub_code
        self.sub_msg = sub_msg
        self.detail = detail

    def body(self, request_id: str) -> dict[str, Any]:
        """The error_response envelope; TOP sends it with HTTP status 200."""
        text = TEXTS[self.code] + (f":{self.detail}" if self.detail else "")
        error: dict[str, Any] = {"code": self.code, "msg": text}
        if self.sub_code:
            error["sub_code"] = self.sub_code
        if self.sub_msg:
            error["sub_msg"] = self.sub_msg
        return {"error_response": {**error, "request_id": request_id}}


def missing(name: str) -> ApiError:
    """A required business parameter is absent."""
    return ApiError(40, f"isv.missing-parameter:{name}", detail=name)


def invalid(name: str, why: str) -> ApiError:
    """A business parameter has a value the platform does not take."""
    return ApiError(41, f"isv.invalid-parameter:{name}", why, detail=name)


def business(sub_code: str, words: str) -> ApiError:
    """The call is well formed but the state of things forbids it."""
    return ApiError(15, f"isv.{sub_code}", words)


def limited(seconds: int) -> ApiError:
    """Called too often; the ban's length stands in the words."""
    words = f"This ban will last for {seconds} more seconds"
    return ApiError(7, "accesscontrol.limited-by-app-api-access-count", words)


def session_expired() -> ApiError:
    """The shop's authorisation has run out or was withdrawn."""
    return ApiError(27, "invalid-sessionkey")
