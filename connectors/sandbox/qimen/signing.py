"""The Qimen signature over query parameters and raw body, written independently of any client."""

import hashlib
import hmac
from collections.abc import Mapping

METHODS = ("md5", "hmac", "hmac-sha256")


def joined(params: Mapping[str, str]) -> str:
    """Key and value of every signed parameter, in byte order of the keys, without separators."""
    signed = sorted((k.encode(), k, v) for k, v in params.items() if k and v and k != "sign")
    return "".join(key + value for _, key, value in signed)


def signature(params: Mapping[str, str], body: bytes, secret: str) -> str:
    """The upper-case hexadecimal signature; the algorithm is the one that `sign_method` names.

    Raises ValueError when `sign_method` is none of METHODS.
    """
    text = joined(params).encode() + body
    key = secret.encode()
    match params.get("sign_method", "md5"):
        case "md5":
            return hashlib.md5(key + text + key, usedforsecurity=False).hexdigest().upper()
        case "hmac":
            return hmac.new(key, text, hashlib.md5).hexdigest().upper()
        case "hmac-sha256":
            return hmac.new(key, text, hashlib.sha256).hexdigest().upper()
        case other:
            raise ValueError(f"sign_method {other!r} is unknown; use one of {', '.join(METHODS)}")


def is_signed(params: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether `sign` is right for these parameters and this body; compares in constant time."""
    given = params.get("sign", "").encode()
    return hmac.compare_digest(given, signature(params, body, secret).encode())
