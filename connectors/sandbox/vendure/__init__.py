"""The Vendure twin: a simulated shop that speaks the Admin GraphQL API and the webhook plugin's hooks."""

import hashlib
from typing import Any


def credentials(seed: int) -> dict[str, str]:
    """The administrator's login, its API key, the channel's token and the hooks' secret; invented, for the twin alone."""
    key = hashlib.sha256(f"vendure-twin:{seed}".encode()).hexdigest()
    return {
        "username": f"oms-{seed}",
        "password": "vd_" + key[:24],
        "api_key": "vdk_" + hashlib.sha256(f"api-key:{key}".encode()).hexdigest()[:40],
        "channel_token": hashlib.sha256(f"channel:{key}".encode()).hexdigest()[:20],
        "relay_secret": hashlib.sha256(f"hooks:{key}".encode()).hexdigest()[:32],
    }


def describe(url: str, seed: int) -> dict[str, Any]:
    """Address, credentials and channel of the twin, as the sandbox writes them for the hub."""
    return {"url": url, "admin_api": f"{url}/admin-api", "channel_code": "__default_channel__", **credentials(seed)}
