"""The Saleor twin: a simulated shop that speaks the GraphQL API with an app token and signed web hooks."""

import hashlib
from typing import Any

from connectors.sandbox.saleor.ids import warehouse_id


def credentials(seed: int) -> dict[str, str]:
    """The app's token; invented, valid for the twin alone."""
    return {"app_token": hashlib.sha256(f"saleor-twin:{seed}".encode()).hexdigest()[:30]}


def describe(url: str, seed: int) -> dict[str, Any]:
    """Address and credentials of the twin, as the sandbox writes them for the hub."""
    return {
        "url": url,
        "api_url": url,
        "warehouse": warehouse_id("hangzhou"),
        "graphql": f"{url}/graphql/",
        "key_set": f"{url}/.well-known/jwks.json",
        **credentials(seed),
    }
