"""A simulated Cainiao: numbers of several carriers with their print data, kept in a ledger; prepaid ones run out."""

import hashlib
from typing import Any


def describe(url: str, seed: int) -> dict[str, Any]:
    """Where a twin started without a config file of its own is reached, and with which credentials."""
    return {"url": url, "gateway": f"{url}/router/rest", **default_keys(seed)}


def default_keys(seed: int) -> dict[str, str]:
    """What a twin of this seed accepts unless it is told otherwise."""
    mark = hashlib.sha256(f"cainiao-twin:{seed}".encode()).hexdigest()
    return {"app_key": "12345678", "app_secret": mark[:32], "session": mark[32:56], "user_id": "12345"}
