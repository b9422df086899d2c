"""What the pumps of this process have done: Prometheus counters, and the same numbers for a line in the log."""

from __future__ import annotations

import threading
from collections import defaultdict

from prometheus_client import Counter

_COUNTERS = {
    "batches": Counter("oms_pump_batches", "Batches that a pump has run", ["pump"]),
    "items": Counter("oms_pump_items", "Items that a pump has done", ["pump"]),
    "errors": Counter("oms_pump_errors", "Batches that ended with an error", ["pump"]),
    "retries": Counter("oms_pump_retries", "Batches repeated after a deadlock or serialization failure", ["pump"]),
    "pokes_sent": Counter("oms_pokes_sent", "Signals that were enqueued", ["pump"]),
    "pokes_failed": Counter("oms_pokes_failed", "Attempts to signal that met a database error", ["pump"]),
    "clock_fires": Counter("oms_clock_fires", "Schedules and tasks that the clock has fired", ["pump"]),
}

_lock = threading.Lock()
_totals: dict[tuple[str, str], int] = defaultdict(int)
_reported: dict[tuple[str, str], int] = {}


def count(kind: str, pump: str, amount: int = 1) -> None:
    """Add to one of the counters above."""
    _COUNTERS[kind].labels(pump).inc(amount)
    with _lock:
        _totals[kind, pump] += amount


def total(kind: str, pump: str) -> int:
    """What this process has counted since it started."""
    with _lock:
        return _totals[kind, pump]


def take_changes() -> dict[str, dict[str, int]]:
    """For each pump, what was counted since the last call; empty when nothing moved."""
    changes: dict[str, dict[str, int]] = {}
    with _lock:
        for (kind, pump), amount in _totals.items():
            more = amount - _reported.get((kind, pump), 0)
            if more:
                changes.setdefault(pump, {})[kind] = more
        _reported.update(_totals)
    return changes
