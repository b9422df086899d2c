"""The Medusa twin: a simulated store that speaks the Admin API of Medusa 2."""

import hashlib
from typing import Any

from connectors.sandbox.medusa.ids import made


def credentials(seed: int) -> dict[str, str]:
    """Secret API key of a seed and the secret of its relay; invented, valid for the twin alone."""
    key = hashlib.sha512(f"medusa-twin:{seed}".encode()).hexdigest()
    return {"api_key": f"sk_{key[:64]}", "relay_secret": f"relay_{key[64:104]}"}


def describe(url: str, seed: int) -> dict[str, Any]:
    """Address and credentials of the twin, as the sandbox writes them for the hub."""
    return {
        "url": url, "api": f"{url}/admin", **credentials(seed), "location_id": made("sloc", seed),
        "sales_channel_id": made("sc", seed), "message_key": "note",
        "memo_key": "memo", "shop_name": "示例 Medusa 商店",
    }  # fmt: skip
