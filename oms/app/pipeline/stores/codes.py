"""Pick-up codes: six digits told to the buyer, kept only as a keyed hash. Pure."""

from __future__ import annotations

from typing import Final

from oms.db.sealed import KeyRing

#: After so many wrong codes a parcel is handed out only with a new one.
MOST_TRIES: Final = 5
DIGITS: Final = 6


def new_code(keys: KeyRing, parcel_id: int, code_no: int) -> str:
    """The code of a parcel; another number gives another code."""
    return _spelled(keys.blind("pick-up code", f"{parcel_id}:{code_no}"))


def hash_of(keys: KeyRing, parcel_id: int, code: str) -> bytes:
    """What is kept of a code."""
    return keys.blind("pick-up hash", f"{parcel_id}:{code}")


def fits(keys: KeyRing, parcel_id: int, typed: str, code_hash: bytes | None) -> bool:
    """Whether what the buyer says is the parcel's code."""
    plain = "".join(filter(str.isdigit, typed))
    return code_hash is not None and bytes(code_hash) in keys.blinds("pick-up hash", f"{parcel_id}:{plain}")


def told_code(keys: KeyRing, parcel_id: int, code_no: int, code_hash: bytes | None) -> str:
    """The code again, to tell the buyer; empty when its key is gone."""
    spelled = map(_spelled, keys.blinds("pick-up code", f"{parcel_id}:{code_no}"))
    return next((code for code in spelled if fits(keys, parcel_id, code, code_hash)), "")


def _spelled(digest: bytes) -> str:
    return f"{int.from_bytes(digest) % 10**DIGITS:0{DIGITS}d}"
