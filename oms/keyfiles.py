"""The key files: the master key that seals receivers, the key that signs sessions. Sealing itself is in oms.db."""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from oms.config import Settings
from oms.domain.errors import ConfigError

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """All master keys by id, 32 bytes each; new rows are sealed with `current`."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)


def load_master_keys(path: Path) -> MasterKeys:
    """Read the master key file, or raise ConfigError that never repeats its content."""
    text = _read(path, "OMS_MASTER_KEY_FILE")
    remedy = 'It must hold {"current": "k1", "keys": {"k1": "<32 bytes in base64>"}}: restore it from your copy.'
    try:
        document = json.loads(text)
        current = document["current"]
        keys = {str(name): _key_bytes(value) for name, value in document["keys"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError(f"OMS_MASTER_KEY_FILE: {path} is not a master key file.", remedy) from None
    if current not in keys:
        raise ConfigError(f"OMS_MASTER_KEY_FILE: the current key of {path} is not among its keys.", remedy)
    return MasterKeys(current, keys)


def load_secret_key(path: Path) -> str:
    """Read the key that signs sessions."""
    text = _read(path, "OMS_SECRET_KEY_FILE").strip()
    if len(text) < KEY_BYTES:
        remedy = "Delete it and run `oms setup-keys`; people will have to sign in again."
        raise ConfigError(f"OMS_SECRET_KEY_FILE: {path} holds fewer than {KEY_BYTES} characters.", remedy)
    return text


def create_missing_keys(settings: Settings) -> list[Path]:
    """Write the key files that do not exist yet, readable by their owner alone, and say which were written."""
    contents = {
        settings.master_key_file: json.dumps({"current": "k1", "keys": {"k1": _new_key()}}, indent=2) + "\n",
        settings.secret_key_file: secrets.token_urlsafe(48) + "\n",
    }
    return [path for path, content in contents.items() if _create(path, content)]


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def _key_bytes(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError("wrong length")
    return key


def _read(path: Path, variable: str) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        remedy = f"Run `oms setup-keys` once, or point {variable} at the file that the other machines use."
        raise ConfigError(f"{variable}: there is no key file at {path}.", remedy) from None
    except (OSError, UnicodeDecodeError) as error:
        remedy = "Make it readable for the user the hub runs as."
        raise ConfigError(f"{variable}: {path} cannot be read ({type(error).__name__}).", remedy) from None


def _create(path: Path, content: str) -> bool:
    """Written beside its place and linked into it, so that a crash leaves no half key and two starts agree."""
    if path.exists():
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
