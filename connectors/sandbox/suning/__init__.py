"""The Suning twin: a simulated Suning marketplace that speaks the real wire protocol of its open platform."""

import hashlib
from typing import Any

#: The way of paying on delivery (a guess), the platform's own warehouse, the seller's warehouse for stock.
COD, PLATFORM_STORE, STOCK_PLACE = "8001", "SN01", "WH1"


def credentials(seed: int) -> dict[str, str]:
    """Application and authorisation of a seed; invented, valid for the twin alone."""
    key = hashlib.sha256(f"suning-twin:{seed}".encode()).hexdigest()
    tokens = hashlib.sha256(f"suning-tokens:{seed}".encode()).hexdigest()
    return {
        "app_key": key[:32],
        "app_secret": key[32:64],
        "access_token": tokens[:32],
        "refresh_token": tokens[32:64],
    }


def describe(url: str, seed: int) -> dict[str, Any]:
    """Addresses, credentials and codes of the twin, as the sandbox writes them for the hub."""
    codes = {"cod_codes": COD, "platform_stores": PLATFORM_STORE, "stock_place": STOCK_PLACE}
    return {
        "url": url,
        "gateway": f"{url}/api/http/sopRequest",
        "oauth": f"{url}/api/oauth",
        **credentials(seed),
        **codes,
    }
