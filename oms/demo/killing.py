"""kill -9 of the hub's processes at seeded moments, while a scripted run is under way."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from oms.supervisor.runfiles import read_status

FIRST_SECONDS = 12.0
PAUSE_SECONDS = (4.0, 9.0)
#: Parts by their names in the status file; postgres is the postmaster.
PARTS = ("worker-1", "web", "clock", "postgres", "worker-2")
#: PostgreSQL's children; a kind that this server does not have is passed over.
KINDS = (
    "backend", "checkpointer", "background writer", "walwriter", "autovacuum launcher",
    "logical replication launcher", "io worker",
)  # fmt: skip
RECOVERY_TRIES = 5


class Killer:
    """Kills each part once, then one of every kind of PostgreSQL's children, in a seeded order."""

    def __init__(self, run_folder: Path, seed: int, say: Callable[[str], None]) -> None:
        self._run_folder = run_folder
        self._random = random.Random(f"kill:{seed}")
        self._say = say
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="killer", daemon=True)
        self.killed: list[str] = []

    def start(self) -> None:
        """Begin; the first blow falls after some seconds."""
        self._thread.start()

    def stop(self) -> None:
        """End before the next blow."""
        self._stop.set()
        self._thread.join()

    @property
    def is_done(self) -> bool:
        """Whether everything has been killed once."""
        return not self._thread.is_alive()

    def _run(self) -> None:
        parts = list(PARTS)
        self._random.shuffle(parts)
        if self._stop.wait(FIRST_SECONDS):
            return
        for name in parts:
            self._kill(name, self._pids().get(name))
            if self._stop.wait(self._random.uniform(*PAUSE_SECONDS)):
                return
        for kind in KINDS:
            candidates = self._candidates(kind)
            self._kill(f"postgres: {kind}", self._random.choice(candidates) if candidates else None)
            if self._stop.wait(self._random.uniform(*PAUSE_SECONDS)):
                return

    def _candidates(self, kind: str) -> list[int]:
        """The server's children of this kind; while it recovers from the last blow some are not there yet."""
        for _ in range(RECOVERY_TRIES):
            found = children_of(self._pids().get("postgres")).get(kind)
            if found or self._stop.wait(PAUSE_SECONDS[0]):
                return found or []
        return []

    def _pids(self) -> dict[str, int]:
        return dict(read_status(self._run_folder).get("pids", {}))

    def _kill(self, name: str, pid: int | None) -> None:
        if pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.killed.append(name)
            self._say(f"kill -9 {name} (pid {pid})")


def children_of(postmaster: int | None) -> dict[str, list[int]]:
    """The children of a PostgreSQL server by kind, e.g. checkpointer; backends of clients are of one kind.

    Reads /proc, so elsewhere than on Linux there are none.
    """
    found: dict[str, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == postmaster:
                found.setdefault(_kind((place / "cmdline").read_text()), []).append(int(place.name))
    return found


def _kind(title: str) -> str:
    """The kind in a server process's title; what names a database or does a client's work is a backend."""
    words = title.replace("\0", " ").partition("postgres: ")[2].split()
    if not words:
        return "starting"
    if words[0] == "io":
        return "io worker"
    return " ".join(words) if words[-1] in ("launcher", "writer") or len(words) == 1 else "backend"
