"""The operations on reviews as the API's description names them."""

from __future__ import annotations

from typing import Final

PASSES: Final = "/api/v1/review-passes"
OPERATIONS: Final = [
    ("GET", "/api/v1/reviews"),
    ("POST", "/api/v1/review-previews"),
    ("POST", PASSES),
    ("GET", f"{PASSES}/{{bulk_id}}"),
    ("POST", f"{PASSES}/{{bulk_id}}/undo"),
    ("POST", "/api/v1/review-claims"),
    ("POST", "/api/v1/review-hand-overs"),
    ("POST", "/api/v1/review-releases"),
    ("GET", "/api/v1/forced-passes"),
    ("GET", "/api/v1/shops/{shop_id}/review"),
    ("PUT", "/api/v1/shops/{shop_id}/review"),
    ("GET", "/api/v1/review-limits/{tier}"),
    ("PUT", "/api/v1/review-limits/{tier}"),
    ("GET", "/api/v1/duty-shifts"),
    ("POST", "/api/v1/duty-shifts"),
    ("DELETE", "/api/v1/duty-shifts/{shift_id}"),
]
