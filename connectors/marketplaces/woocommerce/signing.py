"""WooCommerce's signatures: OAuth 1.0a for shops without TLS, and the webhook's signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

#: What WordPress turns back before it signs; the ampersand last, so that nothing is turned twice.
_SPECIALS = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#039;", "'"), ("&#39;", "'"), ("&amp;", "&"))


def oauth_signature(verb: str, url: str, params: Mapping[str, str], secret: str) -> str:
    """One-legged OAuth 1.0a over the query's parameters, HMAC-SHA256; `url` has no query."""
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in params.items())
    query = "&".join(f"{name}={value}" for name, value in pairs)
    base = f"{verb}&{_escaped(url)}&{_escaped(query)}"
    return _signed(f"{secret}&", base.encode())


def webhook_signature(secret: str, body: bytes) -> str:
    """Base64 of HMAC-SHA256 over the raw body; the secret may be as typed or as the database keeps it."""
    for entity, letter in _SPECIALS:
        secret = secret.replace(entity, letter)
    return _signed(secret, body)


def _signed(secret: str, message: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def _escaped(value: str) -> str:
    return quote(value, safe="~")
