"""The operations on detectors and master rows as the API's description names them."""

from __future__ import annotations

from typing import Final

OPERATIONS: Final = [
    ("GET", "/api/v1/detectors"),
    ("PUT", "/api/v1/detectors/{kind}"),
    ("DELETE", "/api/v1/detectors/{kind}"),
    ("POST", "/api/v1/masters/{table}"),
    ("POST", "/api/v1/masters/{table}/find"),
    ("POST", "/api/v1/masters/{table}/remove"),
]
