"""A simulated SF: orders with their numbers, routes that grow, the filter of addresses."""

import hashlib
from typing import Any


def describe(url: str, seed: int) -> dict[str, Any]:
    """Where a twin started without a config file of its own is reached, and with which credentials."""
    return {"url": url, "gateway": f"{url}/std/service", **default_keys(seed)}


def default_keys(seed: int) -> dict[str, str]:
    """What a twin of this seed accepts unless it is told otherwise."""
    mark = hashlib.sha256(f"sf-twin:{seed}".encode()).hexdigest()
    return {"partner_id": "TWINSF", "checkword": mark[:32]}
