"""A simulated EasyPost: trackers that move when they are told to, and signed events about them."""

import hashlib
from typing import Any


def describe(url: str, seed: int) -> dict[str, Any]:
    """Where a twin started without a config file of its own is reached, and with which credentials."""
    return {"url": url, **default_keys(seed)}


def default_keys(seed: int) -> dict[str, str]:
    """What a twin of this seed accepts unless it is told otherwise."""
    mark = hashlib.sha256(f"easypost-twin:{seed}".encode()).hexdigest()
    return {"api_key": f"EZTK{mark[:24]}", "webhook_secret": mark[24:48]}
