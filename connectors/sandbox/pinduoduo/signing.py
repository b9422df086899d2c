"""The platform's request signature and the path of its message service. Written from the contract sheet alone."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from urllib.parse import quote


def text_values(values: Mapping[str, object]) -> dict[str, str]:
    """Every parameter as the text that is signed: nothing for null, compact JSON for objects, true and false."""
    return {name: _text(value) for name, value in values.items() if value is not None}


def sign(values: Mapping[str, str], secret: str) -> str:
    """The upper-case MD5 over all parameters but `sign`, sorted by name, between two secrets."""
    text = "".join(f"{name}{values[name]}" for name in sorted(values) if name != "sign")
    return hashlib.md5(f"{secret}{text}{secret}".encode()).hexdigest().upper()  # noqa: S324 - the protocol's


def is_signed(values: Mapping[str, str], secret: str) -> bool:
    return hmac.compare_digest(sign(values, secret).encode(), values.get("sign", "").encode())


def message_digest(client_id: str, ms: str, secret: str) -> str:
    """What proves to the message service (and here to the receiver of relayed messages) who is connecting."""
    digest = hashlib.md5(f"{client_id}{ms}{secret}".encode()).hexdigest()  # noqa: S324 - the protocol's
    return base64.b64encode(digest.encode()).decode()


def message_path(client_id: str, ms: str, secret: str) -> str:
    """The path at which an application opens the message service."""
    return f"/message/{client_id}/{ms}/{quote(message_digest(client_id, ms, secret), safe='')}"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)
