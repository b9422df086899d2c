"""The WooCommerce twin: a simulated shop that speaks the REST API v3 of WooCommerce and of its usual extensions."""

import hashlib
from typing import Any


def credentials(seed: int) -> dict[str, str]:
    """Consumer key and secret of a seed, and the secret for its webhooks; invented, valid for the twin alone."""
    key = hashlib.sha512(f"woocommerce-twin:{seed}".encode()).hexdigest()
    return {
        "consumer_key": f"ck_{key[:40]}",
        "consumer_secret": f"cs_{key[40:80]}",
        "webhook_secret": f"wh&{key[80:120]}",
    }


def describe(url: str, seed: int) -> dict[str, Any]:
    """Address and credentials of the twin, as the sandbox writes them for the hub."""
    return {"url": url, "site_url": url, "api": f"{url}/wp-json/wc/v3", **credentials(seed), "shop_name": "示例独立站"}
