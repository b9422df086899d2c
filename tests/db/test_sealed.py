"""What is sealed opens only whole, in its place and with the right master key."""

from __future__ import annotations

import os

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from oms.db.sealed import PACKED, SHORT, KeyRing, content_hash
from oms.domain.errors import ConfigError

OLD, NEW = os.urandom(32), os.urandom(32)
RING = KeyRing("old", {"old": OLD})
ROTATED = KeyRing("new", {"new": NEW, "old": OLD})


@given(st.binary(max_size=5000))
def test_a_body_comes_back(body: bytes) -> None:
    key, wrapped = RING.new_data_key(7)
    assert RING.open_data_key(7, "old", wrapped).unseal(key.seal(body)) == body


@pytest.mark.parametrize("body", [b"", b"{}", PACKED, PACKED + b"no frame", b"x" * SHORT, PACKED * SHORT])
def test_short_and_long_bodies_come_back_whatever_they_begin_with(body: bytes) -> None:
    key, _ = RING.new_data_key(7)
    assert key.unseal(key.seal(body)) == body


def test_the_plain_text_is_not_in_what_is_stored() -> None:
    key, wrapped = RING.new_data_key(7)
    body = "周明 13800000001 文三路".encode()
    sealed = key.seal(body)
    assert body not in sealed
    assert key.seal(body) != sealed
    assert b"cipher" not in repr(key).encode()
    assert OLD.hex() not in repr(RING)
    assert len(wrapped) > 16


@pytest.mark.parametrize("at", [0, 11, 12, 20, -1])
def test_a_changed_byte_is_noticed(at: int) -> None:
    key, _ = RING.new_data_key(7)
    sealed = bytearray(key.seal(b"something of some length"))
    sealed[at] ^= 1
    with pytest.raises(InvalidTag):
        key.unseal(bytes(sealed))


def test_what_was_sealed_for_one_row_does_not_open_in_another() -> None:
    key, wrapped = RING.new_data_key(7)
    with pytest.raises(ConfigError):
        RING.open_data_key(8, "old", wrapped)
    key.id = 8
    moved = key.seal(b"x")
    key.id = 7
    with pytest.raises(InvalidTag):
        key.unseal(moved)


@pytest.mark.parametrize(
    "use",
    [
        lambda ring, wrapped: ring.open_data_key(7, "old", wrapped),
        lambda ring, wrapped: ring.rewrap(7, "old", wrapped),
        lambda ring, wrapped: ring.open_secret(wrapped, "old", "account 1"),
    ],
    ids=["data key", "rewrap", "secret"],
)
@pytest.mark.parametrize("ring", [KeyRing("old", {"old": NEW}), KeyRing("new", {"new": NEW})], ids=["wrong", "missing"])
def test_the_wrong_master_key_is_a_sentence_about_the_key_file(use, ring: KeyRing) -> None:  # type: ignore[no-untyped-def]
    _, wrapped = RING.new_data_key(7)
    with pytest.raises(ConfigError, match="master key") as raised:
        use(ring, wrapped)
    assert "OMS_MASTER_KEY_FILE" in raised.value.remedy
    assert raised.value.__cause__ is None


def test_rotation_keeps_what_was_sealed_and_needs_the_old_key_no_more() -> None:
    key, wrapped = RING.new_data_key(7)
    sealed = key.seal(b"kept")
    again = ROTATED.rewrap(7, "old", wrapped)
    assert KeyRing("new", {"new": NEW}).open_data_key(7, "new", again).unseal(sealed) == b"kept"


def test_secrets_are_bound_to_their_account() -> None:
    sealed = RING.seal_secret(b"s", "account 1")
    assert ROTATED.open_secret(sealed, "old", "account 1") == b"s"
    with pytest.raises(ConfigError):
        RING.open_secret(sealed, "old", "account 2")


def test_blind_indexes_tell_kinds_and_keys_apart() -> None:
    assert RING.blind("phone", "1") != RING.blind("name", "1")
    assert RING.blind("phone", "1") != ROTATED.blind("phone", "1")
    assert RING.blind("phone", "1") in ROTATED.blinds("phone", "1")
    assert len(RING.blind("phone", "1")) == 16


def test_content_hashes_tell_versions_apart() -> None:
    assert content_hash(b"a") != content_hash(b"b")
