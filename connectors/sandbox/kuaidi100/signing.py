"""Signatures of kuaidi100, written independently of any client."""

import hashlib
import hmac


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def push_signature(param: str, salt: str) -> str:
    """The `sign` of a push: over the raw param text and the salt of the subscription."""
    return _md5(param + salt)


def query_signature(param: str, key: str, customer: str) -> str:
    """The `sign` of an enquiry: over the raw param text, the key and the customer."""
    return _md5(param + key + customer)


def is_query_signed(sign: str, param: str, key: str, customer: str) -> bool:
    """Whether an enquiry is signed rightly; compares in constant time."""
    return hmac.compare_digest(sign.encode(), query_signature(param, key, customer).encode())
