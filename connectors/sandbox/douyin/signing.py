"""The platform's signatures of calls and pushes, written from the contract sheet alone."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

METHODS = ("hmac-sha256", "md5")


def sign(params: Mapping[str, str], param_json: str, secret: str, sign_method: str) -> str:
    """The lower-case hex signature of a call; the access token and the sign method are no part of it."""
    parts = (
        f"app_key{params.get('app_key', '')}method{params.get('method', '')}param_json{param_json}"
        f"timestamp{params.get('timestamp', '')}v{params.get('v', '')}"
    )
    text = f"{secret}{parts}{secret}".encode()
    if sign_method == "md5":
        return hashlib.md5(text).hexdigest()  # noqa: S324 - the protocol's
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def is_signed(params: Mapping[str, str], param_json: str, secret: str) -> bool:
    """Whether the call carries the right signature by the method it names, and signed its parameters in order."""
    sign_method = params.get("sign_method", "md5")
    if sign_method not in METHODS or not is_sorted(param_json):
        return False
    return hmac.compare_digest(sign(params, param_json, secret, sign_method).encode(), params.get("sign", "").encode())


def is_sorted(param_json: str) -> bool:
    """Whether the keys of every object in the text are in order; a text that is no JSON is judged elsewhere."""
    seen: list[bool] = []

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        seen.append(names == sorted(names))
        return dict(pairs)

    try:
        json.loads(param_json or "{}", object_pairs_hook=keep)
    except ValueError:
        return True
    return all(seen)


def push_sign(app_key: str, body: bytes, secret: str) -> str:
    """The header `event-sign` of a push."""
    return hashlib.md5(app_key.encode() + body + secret.encode()).hexdigest()  # noqa: S324 - the protocol's
