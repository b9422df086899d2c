"""The operations of the standard interface as its description names them."""

from __future__ import annotations

from typing import Final

SHOP: Final = "/api/v1/shops/{shop_id}"
OPERATIONS: Final = [
    ("PUT", f"{SHOP}/orders/{{external_no}}"),
    ("POST", f"{SHOP}/orders"),
    ("PUT", f"{SHOP}/cases/{{external_no}}"),
    ("POST", f"{SHOP}/cases"),
    ("PUT", f"{SHOP}/sales/{{external_no}}"),
    ("POST", f"{SHOP}/sales"),
    ("GET", f"{SHOP}/shipments"),
    ("GET", f"{SHOP}/case-results"),
    ("GET", f"{SHOP}/stock"),
    ("POST", f"{SHOP}/stock"),
    ("GET", f"{SHOP}/webhooks"),
    ("POST", f"{SHOP}/webhooks"),
    ("GET", f"{SHOP}/webhooks/{{webhook_id}}"),
    ("PUT", f"{SHOP}/webhooks/{{webhook_id}}"),
    ("DELETE", f"{SHOP}/webhooks/{{webhook_id}}"),
    ("POST", f"{SHOP}/webhooks/{{webhook_id}}/test"),
]
