"""Identifiers as Medusa makes them: a prefix and a ULID. Which thing has which is not known here."""

from __future__ import annotations

import hashlib

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BEGIN = "01M"


def made(prefix: str, *parts: object) -> str:
    """The identifier of a thing named by parts; the same parts, the same identifier."""
    digest = hashlib.sha256(":".join(map(str, (prefix, *parts))).encode()).digest()
    return f"{prefix}_{BEGIN}{_text(int.from_bytes(digest), 23)}"


def counted(prefix: str, serial: int, *parts: object) -> str:
    """An identifier that sorts after those with smaller serial numbers."""
    digest = hashlib.sha256(":".join(map(str, (prefix, serial, *parts))).encode()).digest()
    return f"{prefix}_{BEGIN}{_text(serial, 9)}{_text(int.from_bytes(digest), 14)}"


def _text(number: int, places: int) -> str:
    found = []
    for _ in range(places):
        number, rest = divmod(number, len(ALPHABET))
        found.append(ALPHABET[rest])
    return "".join(reversed(found))
