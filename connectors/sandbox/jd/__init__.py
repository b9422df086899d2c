"""The JD twin: a simulated JD marketplace (POP shop) that speaks JOS's real wire protocol."""

import hashlib
from typing import Any

VENDER_ID = "10086123"


def credentials(seed: int) -> dict[str, str]:
    """Application, shop authorisation and operator of a seed; invented, valid for the twin alone."""
    key = hashlib.sha256(f"jd-twin:{seed}".encode()).hexdigest()
    return {
        "app_key": key[:32].upper(),
        "app_secret": key[32:64],
        "access_token": hashlib.sha256(f"jd-access:{seed}".encode()).hexdigest()[:40],
        "refresh_token": hashlib.sha256(f"jd-refresh:{seed}".encode()).hexdigest()[:40],
    }


def describe(url: str, seed: int) -> dict[str, Any]:
    """Addresses, credentials and shop of the twin, as the sandbox writes them for the hub."""
    shop = {"vender_id": VENDER_ID, "bu_id": VENDER_ID, "operate_pin": "shop_operator", "operate_nick": "客服一号"}
    return {"url": url, "gateway": f"{url}/routerjson", "oauth": url, **credentials(seed), **shop}
