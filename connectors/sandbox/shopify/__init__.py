"""The Shopify twin: a simulated shop that speaks the GraphQL Admin API and signed web hooks."""

import hashlib
from typing import Any


def credentials(seed: int) -> dict[str, str]:
    """The app's id and secret and the tokens it starts with; invented, valid for the twin alone."""
    key = hashlib.sha256(f"shopify-twin:{seed}".encode()).hexdigest()
    return {
        "client_id": key[:32],
        "client_secret": "shpss_" + key[32:64],
        "access_token": "shpat_" + hashlib.sha256(f"access:{key}".encode()).hexdigest()[:32],
        "refresh_token": "shprt_" + hashlib.sha256(f"refresh:{key}".encode()).hexdigest()[:32],
    }


def shop_domain(seed: int) -> str:
    """The shop's own domain."""
    return f"order-hub-demo-{seed}.myshopify.com"


def describe(url: str, seed: int) -> dict[str, Any]:
    """Address, credentials and shop of the twin, as the sandbox writes them for the hub."""
    return {"url": url, "graphql": f"{url}/admin/api/2026-10/graphql.json", "api_version": "2026-10",
            "shop": shop_domain(seed), **credentials(seed)}  # fmt: skip
