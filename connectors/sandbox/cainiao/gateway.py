"""TOP's front door as Cainiao is reached by it: system parameters, signature, clock, session; error envelopes."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

CHINA = timezone(timedelta(hours=8))
TOLERANCE = timedelta(minutes=10)
TEXTS = {
    7: "App Call Limited", 15: "Remote service error", 21: "Missing Method", 22: "Invalid Method",
    24: "Missing Signature", 25: "Invalid signature",
    26: "Missing session", 27: "Invalid session", 28: "Missing App Key", 29: "Invalid app Key",
    30: "Missing Timestamp", 31: "Invalid timestamp", 32: "Missing Version", 40: "Missing required arguments",
    41: "Invalid arguments",
}  # fmt: skip
#: System parameters and the code that says that one is missing, in the order they are looked at.
NEEDED = (("method", 21), ("app_key", 28), ("timestamp", 30), ("v", 32), ("sign", 24))


class ApiError(Exception):
    """A refused call."""

    def __init__(self, code: int, sub_code: str = "", sub_msg: str = "") -> None:
        super().__init__(f"{code} {sub_code}".strip())
        self.code, self.sub_code, self.sub_msg = code, sub_code, sub_msg

    def body(self) -> dict[str, Any]:
        """The platform's envelope; it comes with HTTP status 200."""
        error: dict[str, Any] = {"code": self.code, "msg": TEXTS[self.code], "request_id": "twin"}
        if self.sub_code:
            error |= {"sub_code": self.sub_code, "sub_msg": self.sub_msg}
        return {"error_response": error}


def missing(name: str) -> ApiError:
    """A required business parameter is absent."""
    return ApiError(40, f"isv.missing-parameter:{name}", f"缺少参数 {name}")


def business(sub_code: str, words: str) -> ApiError:
    """The call is well formed but the state of things forbids it."""
    return ApiError(15, f"isv.{sub_code}", words)


def signature(params: Mapping[str, str], secret: str) -> str:
    """The upper-case MD5 over all parameters with a value, sorted by name, between two secrets."""
    text = "".join(f"{name}{params[name]}" for name in sorted(params) if name != "sign" and params[name])
    return hashlib.md5(f"{secret}{text}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


def check(values: Mapping[str, str], keys: Mapping[str, str]) -> None:
    """Everything before the method itself; ApiError says what is wrong first."""
    for name, code in NEEDED:
        if not values.get(name):
            raise ApiError(code)
    if values["app_key"] != keys["app_key"]:
        raise ApiError(29)
    if not _is_now(values["timestamp"]):
        raise ApiError(31)
    if not hmac.compare_digest(signature(values, keys["app_secret"]).encode(), values["sign"].encode()):
        raise ApiError(25)
    if not values.get("session"):
        raise ApiError(26)
    if values["session"] != keys["session"]:
        raise ApiError(27)


def _is_now(text: str) -> bool:
    try:
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return False
    return abs(datetime.now(UTC) - moment) <= TOLERANCE
