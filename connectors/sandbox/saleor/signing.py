"""Signatures of web hooks: detached JWS (RS256 over the raw body) and its key set, or hex HMAC with a secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

PUBLIC_EXPONENT = 65537


def b64url(raw: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def new_key() -> str:
    """A new private key as PEM text."""
    key = rsa.generate_private_key(PUBLIC_EXPONENT, 2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


class Signer:
    """Signs raw bodies with one key; `kid` is the key's RFC 7638 thumbprint."""

    def __init__(self, pem: str) -> None:
        key = serialization.load_pem_private_key(pem.encode(), None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("web hooks are signed with an RSA key; give one in PEM form")
        self._key = key
        numbers = key.public_key().public_numbers()
        self._public = {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}
        self.kid = b64url(hashlib.sha256(_compact(self._public)).digest())

    def jws(self, body: bytes) -> str:
        """`header..signature` over the header, a dot and the raw body (RFC 7797)."""
        head = {"alg": "RS256", "b64": False, "crit": ["b64"], "kid": self.kid, "typ": "JWT"}
        told = b64url(_compact(head))
        signature = self._key.sign(told.encode() + b"." + body, padding.PKCS1v15(), hashes.SHA256())
        return f"{told}..{b64url(signature)}"

    def key_set(self) -> dict[str, Any]:
        """The JSON Web Key Set that the platform publishes."""
        return {"keys": [{**self._public, "key_ops": ["verify"], "use": "sig", "kid": self.kid, "alg": "RS256"}]}


def hmac_hex(secret: str, body: bytes) -> str:
    """The signature of a web hook that has a secret key (deprecated)."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _number(value: int) -> str:
    return b64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
