"""TOP's request signature, as the platform checks it. Written from the contract sheet alone."""

import hashlib
import hmac
from collections.abc import Mapping

METHODS = ("md5", "hmac", "hmac-sha256")


def sign(params: Mapping[str, str], secret: str, sign_method: str) -> str:
    """The upper-case hex signature over all text parameters except `sign`, sorted by name."""
    text = "".join(f"{name}{params[name]}" for name in sorted(params) if name != "sign")
    if sign_method == "md5":
        return hashlib.md5(f"{secret}{text}{secret}".encode()).hexdigest().upper()  # noqa: S324 - the protocol's
    digest = {"hmac": "md5", "hmac-sha256": "sha256"}[sign_method]
    return hmac.new(secret.encode(), text.encode(), digest).hexdigest().upper()


def is_signed(params: Mapping[str, str], secret: str) -> bool:
    """Whether the request carries the right signature by the method it names."""
    sign_method = params.get("sign_method", "md5")
    if sign_method not in METHODS:
        return False
    return hmac.compare_digest(sign(params, secret, sign_method), params.get("sign", ""))
