"""Readings of processes, server and disk, taken before and after a run and subtracted."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from psycopg import Connection

COUNTERS = """select pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
    pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"""
#: Who does what right now: the hub's own connections that are in a transaction or a statement.
ACTIVITY = """select application_name, coalesce(wait_event_type || ' ' || wait_event, 'CPU') from pg_stat_activity
    where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()
      and application_name <> 'oms bench prober'"""
BLOCK = b"\0" * 8192


@dataclass(frozen=True, slots=True)
class Reading:
    """Totals since the processes and the server began: seconds of CPU, transaction ids, bytes of WAL.

    `beside_s` is what the clock, the platform, the clicks and the bench used, `machine_s` what anybody used.
    """

    at: float
    python_s: float
    postgres_s: float
    xids: int
    wal_bytes: int
    beside_s: float = 0.0
    machine_s: float = 0.0

    def since(self, earlier: Reading) -> Reading:
        """What was used between two readings; `at` becomes the seconds between them."""
        return Reading(
            self.at - earlier.at,
            self.python_s - earlier.python_s,
            self.postgres_s - earlier.postgres_s,
            self.xids - earlier.xids,
            self.wal_bytes - earlier.wal_bytes,
            self.beside_s - earlier.beside_s,
            self.machine_s - earlier.machine_s,
        )

    @property
    def others_cores(self) -> float:
        """Between two readings: how many cores were busy with what is no part of the run."""
        ours = self.python_s + self.postgres_s + self.beside_s
        return max(0.0, self.machine_s - ours) / self.at if self.at else 0.0


@dataclass(slots=True)
class Waits:
    """A sample every now and then of what the hub's busy connections wait for; Client means for Python."""

    rounds: int = 0
    seen: Counter[str] = field(default_factory=Counter)

    def look(self, connection: Connection[Any]) -> None:
        """Take one sample."""
        self.rounds += 1
        self.seen.update(f"{name}: {wait}" for name, wait in connection.execute(ACTIVITY))

    def shares(self) -> dict[str, float]:
        """Connections on average in each kind of waiting, the most first; those below a hundredth are left out."""
        rounds = max(1, self.rounds)
        return {name: round(count / rounds, 2) for name, count in self.seen.most_common() if count * 100 >= rounds}


def read_all(connection: Connection[Any], postmaster: int, workers: Sequence[int], beside: Sequence[int] = ()) -> Reading:
    """Everything now; looking takes no transaction id."""
    row = connection.execute(COUNTERS).fetchone()
    assert row is not None
    python, others = (sum(cpu_seconds(pid) for pid in pids) for pids in (workers, beside))
    server = server_cpu_seconds(postmaster)
    return Reading(time.perf_counter(), python, server, int(row[0]), int(row[1]), others, machine_seconds())


def machine_seconds() -> float:
    """Busy time of all cores since the machine started; what the host took away counts as busy."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    guest = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return float(sum(times) - idle - guest)


def cpu_seconds(pid: int) -> float:
    """User and system time of one process with all its threads; 0 when it has ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system)
    return 0.0


def server_cpu_seconds(postmaster: int) -> float:
    """The same of all processes of a server: of backends that have ended the postmaster keeps the sum."""
    parent = psutil.Process(postmaster)
    own = parent.cpu_times()
    ended = own.children_user + own.children_system
    return float(own.user + own.system + ended) + sum(cpu_seconds(child.pid) for child in parent.children())


def resident_bytes(pid: int) -> int:
    """Memory that a process holds now."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def processor() -> str:
    """The processor's name, for a report; empty where nobody tells."""
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as lines:
        return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return ""


def fdatasync_per_s(folder: Path, seconds: float = 1.0) -> float:
    """How often the disk beneath a folder confirms a written block: what a commit on its own would cost."""
    sync = getattr(os, "fdatasync", os.fsync)
    place = folder / "fdatasync.probe"
    descriptor = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, BLOCK * 128, 0)
        sync(descriptor)
        count, began = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - began) < seconds:
            os.pwrite(descriptor, BLOCK, (count % 128) * len(BLOCK))
            sync(descriptor)
            count += 1
        return count / elapsed
    finally:
        os.close(descriptor)
        place.unlink()
