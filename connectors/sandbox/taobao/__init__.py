"""The Taobao/Tmall twin: a simulated platform that speaks TOP's real wire protocol."""

import hashlib
from typing import Any


def credentials(seed: int) -> dict[str, str]:
    """Application key and secret, session and what renews it, of a seed; invented, valid for the twin alone."""
    key = hashlib.sha256(f"taobao-twin:{seed}".encode()).hexdigest()
    return {
        "app_key": str(12_000_000 + int(key[:5], 16)),
        "app_secret": key[:32],
        "session": "6100" + key[8:56],
        "refresh_token": "6102" + key[4:52],
    }


def describe(url: str, seed: int) -> dict[str, Any]:
    """Address, credentials and shop of the twin, as the sandbox writes them for the hub."""
    shop = {"seller_nick": "示例旗舰店", "shop_id": "100000001"}
    return {
        "url": url,
        "gateway": f"{url}/router/rest",
        "authorise_page": f"{url}/authorize",
        **credentials(seed),
        **shop,
    }
