"""The signature of Alibaba Cloud's RPC calls, written independently of any client."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote_plus


def _percent(text: str) -> str:
    return quote_plus(text).replace("+", "%20").replace("*", "%2A").replace("%7E", "~")


def is_signed(params: Mapping[str, str], verb: str, secret: str) -> bool:
    """Whether `Signature` is that of the other parameters."""
    pairs = sorted((name, value) for name, value in params.items() if name != "Signature")
    query = "&".join(f"{_percent(name)}={_percent(value)}" for name, value in pairs)
    text = "&".join((verb, _percent("/"), _percent(query)))
    wanted = base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest())
    return hmac.compare_digest(wanted, params.get("Signature", "").encode())
