"""The loop of the parent: watch, restart, stop in order. What is run and where comes from up.py."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from oms.config import Settings
from oms.domain.errors import HubError
from oms.embedded import EmbeddedPostgres
from oms.supervisor.child import Child, Program
from oms.supervisor.runfiles import limit_log, remove_status, write_status

WEB = "web"
LOOP_SECONDS = 0.1
STOP_SECONDS = 15.0
LOG_CHECK_SECONDS = 10.0
DATABASE_PAUSE = 1.0


class Supervisor:
    """Keeps the children and the embedded server (when there is one) running until it is told to stop."""

    def __init__(
        self,
        settings: Settings,
        programs: Sequence[Program],
        *,
        environ: Mapping[str, str],
        postgres: EmbeddedPostgres | None,
        say: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._children = [Child(program, settings.log_folder) for program in programs]
        self._environ = dict(environ)
        self._postgres = postgres
        self._say = say
        self._stop_asked = threading.Event()
        self._ready = False
        self._status: dict[str, object] = {}
        self._logs_checked = 0.0
        self._database_not_before = 0.0

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """Ask the loop to end; also the signal handler."""
        self._stop_asked.set()

    def listen_to_signals(self) -> None:
        """A signal that whoever started us had ignored (nohup) stays ignored."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGTERM or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self.stop)

    def run(self) -> None:
        """Watch until stop() is called, then stop the children, and leave the database to our caller."""
        self._settings.log_folder.mkdir(parents=True, exist_ok=True)
        try:
            while not self._stop_asked.is_set():
                self.look_after(time.monotonic())
                self._stop_asked.wait(LOOP_SECONDS)
        finally:
            self._stop_children()
            remove_status(self._settings.run_folder)

    def look_after(self, now: float) -> None:
        """One round: notice what has ended, start what is due, write down what runs."""
        self._look_after_database(now)
        for child in self._children:
            ended = child.notice_end(now)
            if ended:
                self._say(ended)
                self._ready = self._ready and child.program.name != WEB
            if child.start_when_due(now, self._environ):
                self._say(f"{child.program.name} started (pid {child.pid})")
        self._notice_ready()
        self._write_status()
        if now - self._logs_checked >= LOG_CHECK_SECONDS:
            self._logs_checked = now
            for log in self._logs():
                limit_log(log)

    def _look_after_database(self, now: float) -> None:
        """Restart a server that died. Children reconnect by themselves unless the address has changed."""
        if self._postgres is None or self._postgres.is_alive() or now < self._database_not_before:
            return
        self._say("postgres has died; it starts again")
        try:
            url = self._postgres.start()
        except HubError as error:
            self._say(f"postgres cannot start: {error} {error.remedy}")
            self._database_not_before = time.monotonic() + DATABASE_PAUSE
            return
        self._say(f"postgres started (pid {self._postgres.pid})")
        if url != self._environ.get("DATABASE_URL"):
            self._environ["DATABASE_URL"] = url
            for child in self._children:
                child.ask_to_stop()

    def _notice_ready(self) -> None:
        if not self._ready and _accepts(self._settings.host, self._settings.port):
            self._ready = True
            self._say(f"the hub is ready: {self._settings.public_url}")

    def _write_status(self) -> None:
        pids: dict[str, int | None] = {"up": os.getpid()}
        if self._postgres is not None:
            pids["postgres"] = self._postgres.pid
        pids.update((child.program.name, child.pid) for child in self._children)
        settings = self._settings
        status = {"url": settings.public_url, "host": settings.host, "port": settings.port}
        status |= {"ready": self._ready, "pids": pids}
        if status != self._status:
            self._status = status
            write_status(settings.run_folder, status)

    def _logs(self) -> list[Path]:
        own = [self._postgres.log_path] if self._postgres is not None else []
        return [*(child.log for child in self._children), *own]

    def _stop_children(self) -> None:
        self._say("stopping")
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            child.ask_to_stop()
        while time.monotonic() < deadline and not all(child.has_ended() for child in self._children):
            time.sleep(0.05)
        for child in self._children:
            if not child.has_ended():
                self._say(f"{child.program.name} does not stop; it is killed")
            child.force_to_stop()


def _accepts(host: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((host or "127.0.0.1", port), timeout=0.2):
        return True
    return False
