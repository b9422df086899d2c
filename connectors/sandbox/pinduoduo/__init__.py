"""The Pinduoduo twin: a simulated shop that speaks the open platform's real wire protocol."""

import hashlib
from typing import Any

FIRST_MALL = 600_000_000


def credentials(seed: int) -> dict[str, str]:
    """Application and shop authorisation of a seed; invented, valid for the twin alone.

    `code` buys the first pair of tokens once; the tokens named here are valid without it.
    """
    digests = [hashlib.sha256(f"pinduoduo-twin:{seed}:{name}".encode()).hexdigest() for name in "abcde"]
    return {
        "client_id": digests[0][:32],
        "client_secret": digests[1][:40],
        "access_token": digests[2][:40],
        "refresh_token": digests[3][:40],
        "code": digests[4][:40],
        "mall_id": str(FIRST_MALL + seed % 1000),
    }


def describe(url: str, seed: int) -> dict[str, Any]:
    """Addresses, credentials and shop of the twin, as the sandbox writes them for the hub."""
    message = url.replace("http", "ws", 1)
    return {
        "url": url, "gateway": f"{url}/api/router", "oauth": f"{url}/oauth/token",
        "authorise": f"{url}/service-market/auth", "message": message,
        **credentials(seed), "owner_name": "示例旗舰店",
    }  # fmt: skip
