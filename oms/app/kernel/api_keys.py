"""Keys of the open API: made once, shown once, kept as a hash, revoked for good."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

PREFIX = "oms_"

_FIND = text("select id, name, permissions, shop_ids from api_key where key_hash = :hash and revoked_at is null")
# Noting every call would make one row the hottest of the database.
_NOTE = text(
    "update api_key set last_used_at = :now where id = :id "
    "and (last_used_at is null or last_used_at < :now - interval '1 minute')"
)
_MAKE = text(
    "insert into api_key (name, key_hash, permissions, shop_ids) values (:name, :hash, :permissions, :shops) returning id"
)
_REVOKE = text("update api_key set revoked_at = :now where id = :id and revoked_at is null")


@dataclass(frozen=True, slots=True)
class Key:
    """An API key; `shop_ids` None means every shop."""

    id: int
    name: str
    permissions: Collection[str]
    shop_ids: Collection[int] | None

    @property
    def actor(self) -> str:
        """How events name the key."""
        return f"api:{self.id}"

    def allows(self, permission: str, shop_id: int | None = None) -> bool:
        """Whether the key may do this, in this shop when one is named."""
        if permission not in self.permissions:
            return False
        return shop_id is None or self.shop_ids is None or shop_id in self.shop_ids


def make_key(
    connection: Connection, name: str, permissions: Collection[str], shop_ids: Collection[int] | None = None
) -> tuple[int, str]:
    """A new key: its id, and the key itself, which is shown once and kept nowhere."""
    key = PREFIX + secrets.token_urlsafe(32)
    shops = None if shop_ids is None else list(shop_ids)
    values = {"name": name, "hash": hash_of(key), "permissions": sorted(permissions), "shops": shops}
    return int(connection.execute(_MAKE, values).scalar_one()), key


def find_key(connection: Connection, key: str, now: datetime) -> Key | None:
    """The key that is in force, noted as used; None when it is unknown or revoked."""
    row = connection.execute(_FIND, {"hash": hash_of(key)}).one_or_none()
    if row is None:
        return None
    connection.execute(_NOTE, {"id": row.id, "now": now})
    return Key(row.id, row.name, frozenset(row.permissions), row.shop_ids)


def revoke_key(connection: Connection, key_id: int, now: datetime) -> bool:
    """End a key; false when it was not in force."""
    return connection.execute(_REVOKE, {"id": key_id, "now": now}).rowcount == 1


def hash_of(key: str) -> bytes:
    """What is kept of a key; it is random and long, so a fast hash is enough."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()
