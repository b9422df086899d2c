"""The platform's request signature, as it checks it. Written from the contract sheet alone."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

SIGNED = ("AppMethod", "AppRequestTime", "AppKey", "VersionNo")


def sign(headers: Mapping[str, str], body: bytes, secret: str) -> str:
    """The lower-case MD5 over secret, method, time, key, version and the body in base64."""
    text = secret + "".join(headers.get(name, "") for name in SIGNED) + base64.b64encode(body).decode()
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - the protocol's


def is_signed(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether the request carries the right signature."""
    return hmac.compare_digest(sign(headers, body, secret).encode(), headers.get("signInfo", "").encode())
