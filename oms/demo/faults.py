"""The faults and warehouse misbehaviour of a scripted run: everything the twins can do wrong, at modest rates."""

from __future__ import annotations

from typing import Any, Final

Fault = dict[str, Any]

_SHIP = "taobao.logistics.*"
TAOBAO: Final[list[Fault]] = [
    {"kind": "latency", "rate": 0.1, "ms": 150},
    {"kind": "http_5xx", "rate": 0.03},
    {"kind": "rate_limit", "rate": 0.02, "seconds": 1},
    {"kind": "expired_session", "rate": 0.01, "max_times": 1},
    {"kind": "timeout_after_accept", "match": _SHIP, "rate": 0.06, "ms": 200},
    {"kind": "timeout_after_accept", "match": "taobao.rdc.*", "rate": 0.1, "ms": 200},
    {"kind": "duplicate_rows", "rate": 0.2},
    {"kind": "moving_rows", "rate": 0.1},
    {"kind": "late_rows", "rate": 0.1, "ms": 3000},
]
QIMEN: Final[list[Fault]] = [
    {"kind": "latency", "rate": 0.1, "ms": 150},
    {"kind": "http_5xx", "rate": 0.03},
    {"kind": "rate_limit", "rate": 0.02, "seconds": 1},
    {"kind": "timeout_after_accept", "match": "deliveryorder.create", "rate": 0.05, "ms": 200},
    {"kind": "timeout_after_accept", "match": "order.cancel", "rate": 0.1, "ms": 200},
]
KUAIDI100: Final[list[Fault]] = [
    {"kind": "latency", "rate": 0.1, "ms": 150},
    {"kind": "http_5xx", "rate": 0.03},
    {"kind": "rate_limit", "rate": 0.02, "seconds": 1},
    {"kind": "timeout_after_accept", "match": "poll", "rate": 0.05, "ms": 200},
]
#: Added while the refunds "of unknown outcome" are played: no hand-over is answered, no look-up works.
DEAF: Final[list[Fault]] = [
    {"kind": "timeout_after_accept", "match": "deliveryorder.create", "rate": 1.0, "ms": 200},
    {"kind": "http_5xx", "match": "deliveryorder.query", "rate": 1.0},
]
#: Shares of warehouse orders that go otherwise than planned.
SHARES: Final = {
    "partial": 0.06, "duplicate_confirm": 0.1, "out_of_order": 0.06, "multi_package": 0.06, "batches": 0.1,
    "lack": 0.03, "refuse": 0.02, "reject": 0.02,
}  # fmt: skip
CALM: Final = dict.fromkeys(SHARES, 0.0)
