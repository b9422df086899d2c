"""Signatures of kuaidi100: MD5 over text and secrets, as its protocol fixes it."""

from __future__ import annotations

import hashlib
import hmac


def sign_query(param: str, key: str, customer: str) -> str:
    """The signature of a query's raw param text."""
    return _upper_md5(param + key + customer)


def sign_push(param: str, salt: str) -> str:
    """The signature of a push's raw param text."""
    return _upper_md5(param + salt)


def is_genuine(param: str, salt: str, given: str) -> bool:
    """Whether a push's signature fits, compared in constant time."""
    return hmac.compare_digest(sign_push(param, salt).encode(), given.upper().encode("utf-8", "replace"))


def _upper_md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()
