"""The operations on settings and plans of sourcing as the API's description names them."""

from __future__ import annotations

from typing import Final

SETTING: Final = "/api/v1/sourcing-settings/{scope}/{scope_id}"
PLAN: Final = "/api/v1/sourcing-plans/{pool_id}"
OPERATIONS: Final = [
    ("GET", "/api/v1/sourcing-settings"),
    ("GET", SETTING),
    ("PUT", SETTING),
    ("DELETE", SETTING),
    ("POST", f"{SETTING}/preview"),
    ("GET", "/api/v1/sourcing-changes"),
    ("POST", "/api/v1/sourcing-changes/{change_id}/undo"),
    ("GET", "/api/v1/sourcing-plans"),
    ("GET", PLAN),
    ("PUT", PLAN),
    ("POST", f"{PLAN}/compute"),
]
