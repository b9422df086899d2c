"""Standard Webhooks: what a message's headers say, and the secret that signs it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 24


def new_secret() -> str:
    """A secret as receivers configure it: whsec_ and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers_of(signing: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of one attempt; the id stays the same however often a message is sent, the time does not.

    While a secret is being replaced there are two, and a signature of each.
    """
    return {
        "Content-Type": "application/json",
        "User-Agent": "order-hub",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, message_id, timestamp, body) for secret in signing),
    }


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """v1, and the HMAC-SHA256 over id.timestamp.body in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
