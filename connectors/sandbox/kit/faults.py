"""Faults on demand: which misbehaviour fires for which API method, how often. No effects of them."""

import random
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

KINDS = (
    "latency",
    "http_5xx",
    "rate_limit",
    "timeout_after_accept",
    "expired_session",
    "duplicate_rows",
    "moving_rows",
    "late_rows",
    "outage",
    "broken_page",
    "clock_skew",
    "unmoved_stamp",
    "lost_push",
    "late_push",
    "shuffled_push",
    "duplicate_push",
)


@dataclass(slots=True)
class Fault:
    """One misbehaviour: fires with `rate` (0..1) on methods matching the glob `match`, `max_times` at most.

    `ms` is the added latency, how long an accepted call hangs before the connection is dropped, or by how
    much a list lags behind.
    `seconds` is the ban a rate limit names (0: it names none), how long an outage lasts from its first call, or how
    late a push comes; `status` is the HTTP status of an http_5xx.
    """

    kind: str
    rate: float = 1.0
    match: str = "*"
    max_times: int | None = None
    ms: int = 0
    seconds: int = 1
    status: int = 503
    fired: int = 0
    began: float = 0.0


class FaultPlan:
    """The active faults of one twin, drawn with a seeded random so that a run can be repeated."""

    def __init__(self, seed: int, faults: Iterable[Fault] = ()) -> None:
        self._random = random.Random(f"faults:{seed}")
        self._lock = threading.Lock()
        self._faults = list(faults)

    def replace(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Take the place of all active faults; ValueError names the first thing wrong."""
        faults = [_fault_from(document) for document in documents]
        with self._lock:
            self._faults = faults

    def draw(self, kind: str, method: str) -> Fault | None:
        """The fault of this kind that fires now for this method, or None. A hit counts as fired."""
        with self._lock:
            for fault in self._faults:
                if self._fires(fault, kind, method):
                    fault.fired += 1
                    fault.began = fault.began or time.time()
                    return fault
        return None

    def as_documents(self) -> list[dict[str, Any]]:
        """The active faults as JSON objects, with how often each has fired."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def _fires(self, fault: Fault, kind: str, method: str) -> bool:
        if fault.kind != kind or not fnmatchcase(method, fault.match):
            return False
        if fault.max_times is not None and fault.fired >= fault.max_times:
            return False
        if kind == "outage" and fault.began and time.time() - fault.began >= fault.seconds:
            return False
        return self._random.random() < fault.rate


def _fault_from(document: Mapping[str, Any]) -> Fault:
    fault = _typed(document)
    if fault.kind not in KINDS:
        raise ValueError(f"unknown fault kind {fault.kind!r}; use one of {', '.join(KINDS)}")
    if not 0 <= fault.rate <= 1:
        raise ValueError(f"rate of {fault.kind} must lie between 0 and 1, got {fault.rate}")
    return fault


def _typed(document: Mapping[str, Any]) -> Fault:
    try:
        return Fault(**document)
    except TypeError as error:
        names = ", ".join(Fault.__dataclass_fields__)
        raise ValueError(f"a fault is an object with the fields {names}: {error}") from error
