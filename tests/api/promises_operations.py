"""The operations on promises of stock as the API's description names them."""

from __future__ import annotations

from typing import Final

OPERATIONS: Final = [
    ("GET", "/api/v1/stock-quotas"),
    ("PUT", "/api/v1/stock-quotas"),
    ("DELETE", "/api/v1/stock-quotas/{quota_id}"),
    ("GET", "/api/v1/stock-preview"),
    ("GET", "/api/v1/replenishment-proposals"),
    ("GET", "/api/v1/shops/{shop_id}/reservations"),
    ("PUT", "/api/v1/shops/{shop_id}/reservations/{reference}"),
    ("DELETE", "/api/v1/shops/{shop_id}/reservations/{reference}"),
]
