"""JOS's request signature, as the platform checks it. Written from the contract sheet alone."""

import hashlib
import hmac
from collections.abc import Mapping


def sign(params: Mapping[str, str], secret: str) -> str:
    """The upper-case MD5 over all parameters except `sign`, sorted by name, between two secrets."""
    text = "".join(f"{name}{params[name]}" for name in sorted(params) if name != "sign")
    return hashlib.md5(f"{secret}{text}{secret}".encode()).hexdigest().upper()  # noqa: S324 - the protocol's


def is_signed(params: Mapping[str, str], secret: str) -> bool:
    """Whether the request carries the right signature."""
    return hmac.compare_digest(sign(params, secret).encode(), params.get("sign", "").encode())
