"""The operations on merging and splitting as the API's description names them."""

from __future__ import annotations

from typing import Final

OPERATIONS: Final = [
    ("GET", "/api/v1/orders/{order_id}/companions"),
    ("POST", "/api/v1/orders/{order_id}/merge"),
    ("POST", "/api/v1/orders/{order_id}/fulfilments/{fulfilment_id}/split"),
    ("GET", "/api/v1/orders/{order_id}/joinings"),
    ("POST", "/api/v1/orders/{order_id}/joinings/{joining_id}/undo"),
    ("GET", "/api/v1/merge-settings"),
    ("PUT", "/api/v1/merge-settings"),
]
