"""The operations on variants of sourcing and on looking again at plans as the API's description names them."""

from __future__ import annotations

from typing import Final

VARIANT: Final = "/api/v1/routing-variants/{variant_id}"
TRIAL: Final = "/api/v1/variant-trials/{trial_id}"
OPERATIONS: Final = [
    ("GET", "/api/v1/routing-variants"),
    ("POST", "/api/v1/routing-variants"),
    ("GET", VARIANT),
    ("PUT", VARIANT),
    ("DELETE", VARIANT),
    ("GET", "/api/v1/variant-trials"),
    ("POST", "/api/v1/variant-trials"),
    ("GET", TRIAL),
    ("POST", f"{TRIAL}/stop"),
    ("GET", f"{TRIAL}/changes"),
    ("GET", "/api/v1/replanning"),
    ("PUT", "/api/v1/replanning/{pool_id}"),
]
