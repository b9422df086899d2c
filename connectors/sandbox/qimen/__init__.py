"""A simulated Qimen warehouse: the platform's gateway and the WMS behind it, in one process with its own storage."""

from typing import Any

from connectors.sandbox.qimen.settings import DEFAULT_APP_KEY, DEFAULT_WAREHOUSES, default_secret


def describe(url: str, seed: int) -> dict[str, Any]:
    """Where a twin started without a config file of its own is reached, and with which credentials."""
    return {
        "url": url,
        "endpoint": f"{url}/router/qimen/service",
        "app_key": DEFAULT_APP_KEY,
        "secret": default_secret(seed),
        "warehouses": [dict(warehouse) for warehouse in DEFAULT_WAREHOUSES],
        "callback_control": f"{url}/_twin/callback",
    }
