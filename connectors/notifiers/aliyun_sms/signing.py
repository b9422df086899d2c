"""Alibaba Cloud's RPC signature: HMAC-SHA1 over verb, path and sorted parameters. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote


def encoded(text: str) -> str:
    """RFC 3986: everything but letters, digits and -_.~ in percents."""
    return quote(text, safe="-_.~")


def string_to_sign(params: Mapping[str, str], verb: str = "POST") -> str:
    """Verb, path and canonical query, each encoded once more."""
    query = "&".join(f"{encoded(name)}={encoded(params[name])}" for name in sorted(params))
    return f"{verb}&{encoded('/')}&{encoded(query)}"


def sign(params: Mapping[str, str], secret: str, verb: str = "POST") -> str:
    """The `Signature` of parameters."""
    digest = hmac.digest(f"{secret}&".encode(), string_to_sign(params, verb).encode(), hashlib.sha1)
    return base64.b64encode(digest).decode()
