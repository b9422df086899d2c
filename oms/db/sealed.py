"""Sealing: data keys wrapped by master keys (AES-GCM), compressed bodies, keyed blind indexes."""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from oms.domain.errors import ConfigError

NONCE = 12
#: Nearly as small as at higher levels for documents of some kilobytes, and quicker.
LEVEL = 1
LARGEST = 64 * 1024 * 1024
#: Shorter texts gain too little from being compressed; a compressed one begins with zstandard's mark.
SHORT = 400
PACKED = b"\x28\xb5\x2f\xfd"
REMEDY = "put the key file that this database was written with in place (OMS_MASTER_KEY_FILE)"


class _Packers(threading.local):
    """A compressor and decompressor a thread: making them costs more than using them."""

    def __init__(self) -> None:
        self.pack = zstandard.ZstdCompressor(level=LEVEL).compress
        self.unpack = zstandard.ZstdDecompressor().decompress


_PACKERS = _Packers()


def _seal(key: AESGCM, plain: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + key.encrypt(nonce, plain, bound_to)


def _open(key: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    return key.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to)


@dataclass(slots=True)
class DataKey:
    """A plain data key in memory; what it seals is bound to the row id given at sealing."""

    id: int
    cipher: AESGCM = field(repr=False)

    def seal(self, plain: bytes) -> bytes:
        """Compressed, unless it is short, and sealed."""
        is_plain = len(plain) < SHORT and not plain.startswith(PACKED)
        return _seal(self.cipher, plain if is_plain else _PACKERS.pack(plain), b"%d" % self.id)

    def unseal(self, sealed: bytes) -> bytes:
        """What was sealed with this key."""
        packed = _open(self.cipher, sealed, b"%d" % self.id)
        return _PACKERS.unpack(packed, max_output_size=LARGEST) if packed.startswith(PACKED) else packed


@dataclass(frozen=True)
class KeyRing:
    """The master keys by id; `current` wraps new data keys, the others only open old ones."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    @cached_property
    def _ciphers(self) -> dict[str, AESGCM]:
        return {name: AESGCM(key) for name, key in self.keys.items()}

    @cached_property
    def _blind_keys(self) -> dict[str, bytes]:
        return {name: hmac.digest(key, b"blind index", "sha256") for name, key in self.keys.items()}

    def new_data_key(self, id_: int) -> tuple[DataKey, bytes]:
        """A fresh data key for a row id, and its wrapped form to store."""
        plain = AESGCM.generate_key(128)
        return DataKey(id_, AESGCM(plain)), _seal(self._ciphers[self.current], plain, b"data key %d" % id_)

    def open_data_key(self, id_: int, master_key_id: str, wrapped: bytes) -> DataKey:
        """A stored data key; ConfigError when its master key is not in the key file."""
        return DataKey(id_, AESGCM(self._unwrap(master_key_id, wrapped, b"data key %d" % id_)))

    def _unwrap(self, key_id: str, sealed: bytes, bound_to: bytes) -> bytes:
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise ConfigError(f"master key {key_id!r} is not in the key file", REMEDY)
        try:
            return _open(cipher, sealed, bound_to)
        except InvalidTag:
            raise ConfigError(f"master key {key_id!r} does not open what this database holds", REMEDY) from None

    def rewrap(self, id_: int, master_key_id: str, wrapped: bytes) -> bytes:
        """A data key wrapped by the current master key instead; for rotation."""
        plain = self._unwrap(master_key_id, wrapped, b"data key %d" % id_)
        return _seal(self._ciphers[self.current], plain, b"data key %d" % id_)

    def seal_secret(self, plain: bytes, name: str) -> bytes:
        """Seal an account's secrets directly with the master key."""
        return _seal(self._ciphers[self.current], plain, name.encode())

    def open_secret(self, sealed: bytes, key_id: str, name: str) -> bytes:
        """An account's secrets; ConfigError when the master key is not the one they were sealed with."""
        return self._unwrap(key_id, sealed, name.encode())

    def blind(self, kind: str, value: str) -> bytes:
        """A keyed hash for exact look-ups (16 bytes); `kind` keeps phones and names apart."""
        return hmac.digest(self._blind_keys[self.current], f"{kind}:{value}".encode(), "sha256")[:16]

    def blinds(self, kind: str, value: str) -> set[bytes]:
        """The same under every master key, for rows written before a change of keys."""
        return {hmac.digest(key, f"{kind}:{value}".encode(), "sha256")[:16] for key in self._blind_keys.values()}


def content_hash(body: bytes) -> bytes:
    """What tells two versions of a document apart (16 bytes)."""
    return hashlib.blake2b(body, digest_size=16).digest()
