"""JD's data encryption: the shop's key, ciphertexts of receivers, and the two calls by which an SDK gets the key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

WEAK, AES_CBC_128 = 0, 4
YEAR_MS = 365 * 86_400_000


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one shop: `key_id` and `key` encrypt, `token_id` and `token_key` sign the request for them."""

    key_id: bytes
    key: bytes
    token_id: str
    token_key: bytes

    @classmethod
    def of_seed(cls, seed: int) -> Keys:
        """The keys of a seed."""
        parts = [hashlib.sha256(f"jd-tde:{name}:{seed}".encode()).digest() for name in ("id", "key", "token", "sign")]
        return cls(parts[0][:16], parts[1][:16], parts[2].hex()[:32], parts[3])

    def encrypt(self, text: str, salt: str) -> str:
        """Base64 of type, algorithm, key id, initial vector and AES-128-CBC; the same salt gives the same text."""
        if not text:
            return ""
        vector = hashlib.sha256(f"{salt}:{text}".encode()).digest()[:16]
        padder = PKCS7(128).padder()
        padded = padder.update(text.encode()) + padder.finalize()
        encryptor = Cipher(algorithms.AES(self.key), modes.CBC(vector)).encryptor()
        body = encryptor.update(padded) + encryptor.finalize()
        return base64.b64encode(bytes((WEAK, AES_CBC_128)) + self.key_id + vector + body).decode()

    def voucher(self) -> str:
        """What an application hands in to be given keys: base64 of a JSON object."""
        told = {"id": self.token_id, "key": base64.b64encode(self.token_key).decode(), "service": "JOS_POP"}
        return base64.b64encode(json.dumps({"data": told}).encode()).decode()

    def is_signed(self, sig: str, ts: int) -> bool:
        """Whether a request for keys was signed with the voucher's key."""
        text = json.dumps({"sdk_ver": 1, "ts": ts, "tid": self.token_id}, separators=(",", ":"))
        right = base64.b64encode(hmac.digest(self.token_key, text.encode(), "sha256")).decode()
        return hmac.compare_digest(right, sig)

    def key_list(self, now_ms: int) -> list[dict[str, Any]]:
        """The shop's keys as the key service tells them."""
        digest = base64.b64encode(hashlib.sha256(self.key).digest()).decode()
        key = {"id": base64.b64encode(self.key_id).decode(), "key_string": base64.b64encode(self.key).decode(),
               "key_digest": digest, "version": 0, "key_type": 0, "key_status": 0, "key_effective": 0,
               "key_exp": now_ms + YEAR_MS}  # fmt: skip
        return [{"service": "JOS_POP", "grant_usage": "ED", "current_key_version": 0, "keys": [key]}]


def masked_name(name: str) -> str:
    """A name of which only the first character can be read."""
    return name[:1] + "**"


def masked_phone(phone: str) -> str:
    """A telephone number without its middle."""
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""


def masked_pin(nick: str) -> str:
    """A buyer's account name without its middle."""
    return f"jd_{nick[:1]}***{nick[-1:]}"
