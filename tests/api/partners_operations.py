"""The operations on agents and distributors as the API's description names them."""

from __future__ import annotations

from typing import Final

OPERATIONS: Final = [
    ("GET", "/api/v1/partners"),
    ("PUT", "/api/v1/partners/{code}"),
    ("GET", "/api/v1/partners/{code}/entries"),
    ("GET", "/api/v1/partners/{code}/statements"),
    ("POST", "/api/v1/partners/{code}/statements"),
    ("POST", "/api/v1/orders/{order_id}/settlement"),
]
