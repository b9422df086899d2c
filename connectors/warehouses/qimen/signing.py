"""Signatures of Qimen calls, both directions; works on raw bytes and knows no account."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

METHODS = ("md5", "hmac", "hmac-sha256")


def sign(secret: str, params: Mapping[str, str], body: bytes) -> str:
    """The upper-case hex signature over query parameters and raw body.

    `params["sign_method"]` chooses the way (md5 when absent); ValueError when it is unknown.
    Parameters with an empty name or value take no part, nor does `sign` itself.
    """
    joined = "".join(name + params[name] for name in sorted(params) if name and name != "sign" and params[name])
    # A stranger may send anything as a query; what is no text can only fail to fit.
    key, text = secret.encode(), joined.encode("utf-8", "replace") + body
    method = params.get("sign_method") or "md5"
    if method == "md5":
        # The partner's protocol fixes MD5; it is no choice of ours.
        return hashlib.md5(key + text + key, usedforsecurity=False).hexdigest().upper()
    if method == "hmac":
        return hmac.new(key, text, hashlib.md5).hexdigest().upper()
    if method == "hmac-sha256":
        return hmac.new(key, text, hashlib.sha256).hexdigest().upper()
    raise ValueError("unknown sign_method")


def is_genuine(secret: str, params: Mapping[str, str], body: bytes) -> bool:
    """Whether `params["sign"]` fits, compared in constant time; an unknown method is never genuine."""
    given = params.get("sign", "")
    if not given or not secret or (params.get("sign_method") or "md5") not in METHODS:
        return False
    return hmac.compare_digest(sign(secret, params, body).encode(), given.upper().encode("utf-8", "replace"))
