"""The part of Shopify's Admin schema that the twin speaks, written down from the platform's documentation."""

from functools import cache

from connectors.sandbox.kit.gql.schema import Schema
from connectors.sandbox.shopify.schema import fulfilment, inputs, orders, returns, roots, shop


@cache
def schema() -> Schema:
    """The schema, read once."""
    return Schema("\n".join(part.TEXT for part in (shop, orders, fulfilment, returns, inputs, roots)))
