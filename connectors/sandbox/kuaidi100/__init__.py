"""A simulated kuaidi100: subscriptions, pushes of whole trails, enquiries; parcels live a seeded life."""

from typing import Any

from connectors.sandbox.kuaidi100.settings import DEFAULT_CUSTOMER, default_key


def describe(url: str, seed: int) -> dict[str, Any]:
    """Where a twin started without a config file of its own is reached, and with which credentials."""
    return {
        "url": url,
        "poll_url": f"{url}/poll",
        "query_url": f"{url}/poll/query.do",
        "auto_url": f"{url}/autonumber/auto",
        "customer": DEFAULT_CUSTOMER,
        "key": default_key(seed),
    }
