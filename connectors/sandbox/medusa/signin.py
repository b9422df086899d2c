"""Who calls: a secret API key by HTTP Basic, raw or as a user name. Sessions and JWTs are not spoken."""

from __future__ import annotations

import base64
import binascii
import hmac

from werkzeug.wrappers import Request

from connectors.sandbox.medusa.refusal import STRANGE_BEARER, Unauthorized


def check_key(request: Request, api_key: str) -> None:
    """Let the store's own key pass; Unauthorized for everybody else."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer" and given.startswith("sk_"):
        raise Unauthorized(STRANGE_BEARER)
    if scheme != "Basic" or not hmac.compare_digest(_key_in(given).encode(), api_key.encode()):
        raise Unauthorized


def _key_in(given: str) -> str:
    if given.startswith("sk_"):
        return given
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
