"""The Douyin twin: a simulated 抖店 that speaks the open platform's real wire protocol."""

import hashlib
from typing import Any

SHOP_ID = "4463798"
SHOP_NAME = "示例抖店"


def credentials(seed: int) -> dict[str, str]:
    """Keys of the application and tokens of the shop for a seed; invented, valid for the twin alone."""
    key = hashlib.sha256(f"douyin-twin:{seed}".encode()).hexdigest()
    parts = (key[8:16], key[16:20], key[20:24], key[24:28], key[28:40])
    return {
        "app_key": str(7_000_000_000_000_000_000 + int(key[:8], 16)),
        "app_secret": "-".join(parts),
        "access_token": key[:32],
        "refresh_token": key[32:],
        "code": hashlib.sha256(f"douyin-code:{seed}".encode()).hexdigest()[:36],
    }


def describe(url: str, seed: int) -> dict[str, Any]:
    """Address, credentials and shop of the twin, as the sandbox writes them for the hub."""
    return {"url": url, "gateway": url, **credentials(seed), "shop_id": SHOP_ID, "shop_name": SHOP_NAME}
