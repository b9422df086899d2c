"""The operations on trials of rules as the API's description names them."""

from __future__ import annotations

from typing import Final

VERSION: Final = "/api/v1/rule-set-versions/{version_id}"
BACKTEST: Final = "/api/v1/rule-backtests/{backtest_id}"
OPERATIONS: Final = [
    ("POST", "/api/v1/rule-dry-runs"),
    ("POST", f"{VERSION}/dry-runs"),
    ("POST", f"{VERSION}/backtests"),
    ("GET", "/api/v1/rule-backtests"),
    ("GET", BACKTEST),
    ("POST", f"{BACKTEST}/stop"),
    ("GET", f"{BACKTEST}/changes"),
    ("GET", f"{BACKTEST}/changes/{{order_id}}"),
    ("GET", "/api/v1/rule-agreement"),
    ("GET", "/api/v1/rule-coverage"),
]
