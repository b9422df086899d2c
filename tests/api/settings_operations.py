"""The operations on settings of stock, stock points and deadlines as the API's description names them."""

from __future__ import annotations

from typing import Final

OPERATIONS: Final = [
    ("GET", "/api/v1/promise-policies"),
    ("PUT", "/api/v1/promise-policies"),
    ("GET", "/api/v1/replenishment-settings"),
    ("PUT", "/api/v1/replenishment-settings"),
    ("GET", "/api/v1/packing-settings/{point_id}"),
    ("PUT", "/api/v1/packing-settings/{point_id}"),
    ("GET", "/api/v1/stock-points/{point_id}/stop-answers"),
    ("PUT", "/api/v1/stock-points/{point_id}/stop-answers"),
    ("GET", "/api/v1/label-settings"),
    ("PUT", "/api/v1/label-settings"),
    ("GET", "/api/v1/deadline-settings"),
    ("PUT", "/api/v1/deadline-settings"),
    ("DELETE", "/api/v1/deadline-settings"),
    ("GET", "/api/v1/deadline-pauses"),
    ("POST", "/api/v1/deadline-pauses"),
    ("DELETE", "/api/v1/deadline-pauses/{pause_id}"),
]
