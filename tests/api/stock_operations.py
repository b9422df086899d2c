"""The operations on stock as the API's description names them."""

from __future__ import annotations

from typing import Final

OPERATIONS: Final = [
    ("GET", "/api/v1/stock-movements"),
    ("POST", "/api/v1/stock-counts"),
    ("POST", "/api/v1/goods-receipts"),
    ("GET", "/api/v1/goods-receipts/{receipt_id}"),
    ("POST", "/api/v1/goods-receipts/{receipt_id}/received"),
    ("POST", "/api/v1/stock-transfers"),
    ("GET", "/api/v1/stock-transfers/{transfer_id}"),
    ("POST", "/api/v1/stock-adjustments"),
    ("GET", "/api/v1/stock-points/state"),
    ("POST", "/api/v1/stock-points/state"),
]
