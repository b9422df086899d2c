"""What every bench stands on: a durable server of its own, the hub's processes as in production, readings."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import orjson
import psycopg

from bench.readings import Reading, read_all
from oms.app.kernel.hub import Hub
from oms.config import Settings, plain_url
from oms.domain.errors import HubError
from oms.embedded import EmbeddedPostgres
from oms.keyfiles import create_missing_keys
from oms.migrating import bring_up_to_date
from oms.supervisor.child import last_line
from oms.supervisor.lifeline import lifeline_of

ROOT = Path(__file__).resolve().parents[1]
FEED_MODULE = "bench.feed"
STOP_S = 15.0


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _add_counts(totals: dict[str, dict[str, int]], report: dict[str, Any]) -> None:
    mine = totals.setdefault(str(report["pump"]), {})
    for kind, amount in report.items():
        if isinstance(amount, int):
            mine[kind] = mine.get(kind, 0) + amount


class BenchFailed(HubError):
    """The run cannot be measured."""

    code = "bench-failed"


class Rig:
    """A fresh hub in a folder of its own that is thrown away at the end: server, keys, schema, processes.

    The server runs with the settings and the durability of `oms up`; nothing of it is switched off.
    """

    def __init__(self, *, workers: int = 2) -> None:
        self.wanted_workers = workers
        self.folder = Path(tempfile.mkdtemp(prefix="oms-bench-"))
        self.server = EmbeddedPostgres(self.folder / "postgres", 18, throw_away=True)
        self.workers: list[subprocess.Popen[bytes]] = []
        self._others: list[subprocess.Popen[Any]] = []
        self._stack = ExitStack()

    def __enter__(self) -> Rig:
        self._clean_up_on_terminate()
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._stack.callback(self.server.stop)
        try:
            self.url = self.server.start()
            create_missing_keys(self.settings)
            bring_up_to_date(self.url)
            self.look = psycopg.connect(plain_url(self.url), autocommit=True, application_name="oms bench")
        except BaseException:  # Also on Ctrl-C nothing of the rig may stay behind; it is raised again.
            self._stack.close()
            raise
        self._stack.callback(self.look.close)
        self._stack.callback(self.stop_all)
        return self

    def _clean_up_on_terminate(self) -> None:
        """Let SIGTERM unwind as Ctrl-C does, so that nothing is left running or lying about."""
        if threading.current_thread() is threading.main_thread():
            before = signal.signal(signal.SIGTERM, _leave)
            self._stack.callback(signal.signal, signal.SIGTERM, before)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the hub's processes; what the caller's own hub is set to does not reach them."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OMS_", "DATABASE_"))}
        return kept | {
            "OMS_HOME": str(self.folder),
            "DATABASE_URL": self.url,
            "OMS_EXTRA_CONNECTORS": FEED_MODULE,
            "OMS_LOG_JSON": "1",
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def settings(self) -> Settings:
        return Settings.from_env(self.environ)

    def make_hub(self) -> Hub:
        """The hub in this process, wired as everywhere."""
        from oms.bootstrap import make_hub

        return make_hub(self.settings, name="oms bench hub")

    def start_hub(self) -> None:
        """Start the workers and the clock, as `oms worker` and `oms clock` do, and wait until they are at work."""
        names = [f"worker-{number}" for number in range(1, self.wanted_workers + 1)]
        self.workers = [self._start_part(name, "worker") for name in names]
        self._others.append(self._start_part("clock", "clock"))
        for name in names:
            self._wait_for_word(name, "worker_started")
        self._wait_for_word("clock", "clock_leads")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a module of this package beside the hub, with pipes to talk through."""
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lifeline_of(os.getpid()),
        )
        self._others.append(process)
        return process

    def read(self) -> Reading:
        """All totals now."""
        postmaster = self.server.pid
        if postmaster is None:
            raise BenchFailed("the server has ended", f"read {self.server.log_path}")
        beside = [os.getpid(), *(process.pid for process in self._others)]
        return read_all(self.look, postmaster, [worker.pid for worker in self.workers], beside)

    def check_alive(self) -> None:
        """BenchFailed when a worker has ended: a run without it would measure something else."""
        for number, worker in enumerate(self.workers, 1):
            if worker.poll() is not None:
                words = last_line(self._log(f"worker-{number}"))
                raise BenchFailed(f"worker {number} ended with code {worker.returncode}", f"its log ends: {words}")

    def stop_hub(self) -> None:
        """Stop the workers and the clock and wait for them."""
        self._stop(self.workers)
        self.workers = []

    def stop_all(self) -> None:
        self._stop([*self.workers, *self._others])
        self.workers, self._others = [], []

    def settle_disk(self) -> None:
        """Write out what is dirty, so that no run pays for what was done before it."""
        self.look.execute("checkpoint")
        os.sync()

    def pump_counts(self) -> dict[str, dict[str, int]]:
        """What the workers' logs say that each pump has done: batches, items, retries, errors, pokes."""
        totals: dict[str, dict[str, int]] = {}
        for number in range(1, self.wanted_workers + 1):
            for line in self.log_of(f"worker-{number}").splitlines():
                if '"pump_report"' in line:
                    _add_counts(totals, orjson.loads(line))
        return totals

    def log_of(self, name: str) -> str:
        return self._log(name).read_text("utf-8", "replace")

    def _start_part(self, name: str, part: str) -> subprocess.Popen[bytes]:
        place = self._log(name)
        place.parent.mkdir(exist_ok=True)
        with place.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "oms.cli", part],
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lifeline_of(os.getpid()),
            )

    def _log(self, name: str) -> Path:
        return self.folder / "log" / f"{name}.log"

    def _wait_for_word(self, name: str, word: str, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if word in self.log_of(name):
                return
            self.check_alive()
            time.sleep(0.05)
        raise BenchFailed(f"{name} did not begin to work", f"its log ends: {last_line(self._log(name))}")

    @staticmethod
    def _stop(processes: Sequence[subprocess.Popen[Any]]) -> None:
        for process in processes:
            if process.poll() is None:
                process.terminate()
        for process in processes:
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
