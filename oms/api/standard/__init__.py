"""The standard interface: what a shop's own system pushes to us, and how it learns what became of it."""

from oms.api.standard import documents, results, stock, webhooks

ROUTES = (
    documents.routes.blueprint,
    results.routes.blueprint,
    stock.routes.blueprint,
    webhooks.routes.blueprint,
)
__all__ = ["ROUTES"]
