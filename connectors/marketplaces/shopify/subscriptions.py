"""The webhook subscriptions of a Shopify shop that lead to us. The platform drops those that fail for long."""

from __future__ import annotations

from connectors.contract.errors import Refused
from connectors.contract.notices import Subscribed
from connectors.marketplaces.shopify.client import Admin
from connectors.marketplaces.shopify.reading import nodes, text

#: Returns want a permission that not every app has; each topic is asked for by itself.
TOPICS = (
    "ORDERS_CREATE",
    "ORDERS_UPDATED",
    "ORDERS_CANCELLED",
    "REFUNDS_CREATE",
    "RETURNS_REQUEST",
    "RETURNS_APPROVE",
    "RETURNS_DECLINE",
    "RETURNS_CANCEL",
    "RETURNS_CLOSE",
    "RETURNS_REOPEN",
)
HELD = """query Subscriptions($topics: [WebhookSubscriptionTopic!]) {
  webhookSubscriptions(first: 250, topics: $topics) { nodes { id topic uri } }
}"""
MAKE = """mutation Subscribe($topic: WebhookSubscriptionTopic!, $to: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $to) {
    webhookSubscription { id } userErrors { field message }
  }
}"""


def ensure(admin: Admin, address: str) -> Subscribed:
    """Subscribe to what is missing; what the platform refuses leaves the other topics to go on."""
    answer = admin.read(HELD, "webhookSubscriptions", topics=list(TOPICS))
    held = {text(row, "topic") for row in nodes(answer, "nodes") if text(row, "uri") == address}
    made: list[str] = []
    refused: dict[str, str] = {}
    for topic in TOPICS:
        if topic in held:
            continue
        try:
            admin.write(MAKE, "webhookSubscriptionCreate", topic=topic, to={"uri": address, "format": "JSON"})
            made.append(topic)
        except Refused as error:
            refused[topic] = error.words
    return Subscribed(tuple(topic for topic in TOPICS if topic in held), tuple(made), refused)
