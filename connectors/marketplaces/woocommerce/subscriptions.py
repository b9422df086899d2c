"""The webhooks of a WooCommerce shop that lead to us: what is missing is made, what it switched off is woken."""

from __future__ import annotations

from connectors.contract.errors import Refused
from connectors.contract.notices import Subscribed
from connectors.marketplaces.woocommerce.client import Woo
from connectors.marketplaces.woocommerce.reading import Json, required, text

TOPICS = ("order.created", "order.updated", "order.deleted")
PAGE_SIZE = 100
MOST_PAGES = 10
NAME = "Order hub"


def ensure(woo: Woo, address: str, secret: str) -> Subscribed:
    """Refused when the account has no secret that deliveries could be verified with."""
    if not secret:
        raise Refused("write the webhook's secret into the account first")
    held = {text(hook, "topic"): hook for hook in _ours(woo, address)}
    kept: list[str] = []
    made: list[str] = []
    refused: dict[str, str] = {}
    for topic in TOPICS:
        hook = held.get(topic)
        if hook is not None and text(hook, "status") == "active":
            kept.append(topic)
            continue
        try:
            switched = _switch_on(woo, topic, address, secret, hook)
        except Refused as error:
            refused[topic] = error.words
            continue
        if text(switched, "status") == "active":
            made.append(topic)
        else:
            refused[topic] = "the shop did not reach our address and keeps the webhook switched off"
    return Subscribed(tuple(kept), tuple(made), refused)


def _switch_on(woo: Woo, topic: str, address: str, secret: str, hook: Json | None) -> Json:
    """Active with our secret; the shop pings the address before it answers."""
    if hook is not None:
        return woo.write("PUT", f"webhooks/{required(hook, 'id')}", {"status": "active", "secret": secret})
    wanted = {"name": NAME, "topic": topic, "delivery_url": address, "secret": secret, "status": "active"}
    return woo.write("POST", "webhooks", wanted)


def _ours(woo: Woo, address: str) -> list[Json]:
    """Webhooks with our address; active ones last, so that they stand for their topic where there are several."""
    found: list[Json] = []
    for page in range(1, MOST_PAGES + 1):
        listed = woo.page("webhooks", per_page=PAGE_SIZE, page=page)
        found += [hook for hook in listed.rows if text(hook, "delivery_url") == address]
        if len(listed.rows) < PAGE_SIZE:
            break
    return sorted(found, key=lambda hook: text(hook, "status") == "active")
