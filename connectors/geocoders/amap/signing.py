"""Amap's digital signature: MD5 over the sorted parameters and the private key. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def sign(params: Mapping[str, str], private_key: str) -> str:
    """The `sig` of parameters, which are signed as they are, before URL encoding."""
    text = "&".join(f"{name}={params[name]}" for name in sorted(params))
    return hashlib.md5((text + private_key).encode(), usedforsecurity=False).hexdigest()
