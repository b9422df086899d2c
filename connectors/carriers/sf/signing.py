"""SF's msgDigest: MD5 over the form-encoded text, as Java encodes it."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote_plus


def digest(msg_data: str, timestamp: str, checkword: str) -> str:
    """The digest of one call. Java keeps `*` and encodes `~`, Python the other way round."""
    text = quote_plus(msg_data + timestamp + checkword, safe="*").replace("~", "%7E")
    return base64.b64encode(hashlib.md5(text.encode(), usedforsecurity=False).digest()).decode()
