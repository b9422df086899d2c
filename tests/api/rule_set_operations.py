"""The operations on rule sets as the API's description names them."""

from __future__ import annotations

from typing import Final

SETS: Final = "/api/v1/rule-sets"
ONE: Final = f"{SETS}/{{rule_set_id}}"
VERSION: Final = "/api/v1/rule-set-versions/{version_id}"
OPERATIONS: Final = [
    ("GET", SETS),
    ("POST", SETS),
    ("POST", "/api/v1/rule-copies"),
    ("GET", ONE),
    ("PUT", ONE),
    ("POST", f"{ONE}/drafts"),
    ("POST", f"{ONE}/roll-back"),
    ("POST", f"{ONE}/promote-canary"),
    ("POST", f"{ONE}/end-canary"),
    ("POST", f"{ONE}/retire"),
    ("GET", VERSION),
    ("PUT", VERSION),
    ("DELETE", VERSION),
    ("POST", f"{VERSION}/activate"),
    ("POST", f"{VERSION}/copies"),
    ("GET", f"{VERSION}/diff"),
    ("GET", f"{VERSION}/findings"),
    ("GET", "/api/v1/shops/{shop_id}/rule-sets"),
    ("GET", "/api/v1/rule-inheritance"),
    ("GET", "/api/v1/rule-troubles"),
    ("POST", "/api/v1/rule-troubles/{trouble_id}/resume"),
]
