"""Starts the sandbox and the hub as child processes that end with the demo, and finds free ports for them."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.sandbox.run import TWINS
from oms.config import Settings
from oms.domain.errors import HubError
from oms.supervisor.lifeline import lifeline_of
from oms.supervisor.runfiles import AlreadyRunning, read_status

START_SECONDS = 120.0
STOP_SECONDS = 30.0
#: What makes the demo another hub than the one of this environment: its database and its keys are its own.
FOREIGN = ("DATABASE_URL", "DATABASE_POOL_URL", "OMS_MASTER_KEY_FILE", "OMS_SECRET_KEY_FILE", "OMS_PUBLIC_URL")


class DemoFailed(HubError):
    """A part of the demo did not start or ended by itself."""

    code = "demo-failed"


@dataclass
class Part:
    """A child process with its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def require_alive(self) -> None:
        """DemoFailed with the log's last words when it has ended."""
        if self.process.poll() is not None:
            words = self.log.read_text("utf-8", "replace").strip().splitlines()[-3:]
            sentence = f"{self.name} ended with code {self.process.returncode}: {' / '.join(words)}"
            raise DemoFailed(sentence, f"see {self.log}")

    def stop(self) -> None:
        """Ask it to end; kill it when it does not."""
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def free_ports(first: int, count: int) -> int:
    """The first port at or after `first` from which `count` in a row are free here."""
    port = first
    while port + count < 65536:
        taken = next((p for p in range(port, port + count) if not _is_free(p)), None)
        if taken is None:
            return port
        port = taken + 1
    raise DemoFailed(f"there are no {count} free ports after {first}", "stop what listens there")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def start_sandbox(folder: Path, *, seed: int, speed: float, config: Mapping[str, Any]) -> tuple[Part, dict[str, Any]]:
    """Start the twins; answers the process and the content of their sandbox.json."""
    folder.mkdir(parents=True, exist_ok=True)
    told, wishes = folder / "sandbox.json", folder / "wishes.json"
    told.unlink(missing_ok=True)
    wishes.write_text(json.dumps(config, ensure_ascii=False), "utf-8")
    command = [sys.executable, "-m", "connectors.sandbox.run", "--dir", str(folder), "--config", str(wishes)]
    command += ["--seed", str(seed), "--speed", str(speed), "--base-port", str(free_ports(9200, len(TWINS)))]
    part = _start("the sandbox", command, folder / "sandbox.log", os.environ)
    _wait(part, told.exists)
    described: dict[str, Any] = json.loads(told.read_text("utf-8"))
    return part, described


def demo_settings(home: Path) -> Settings:
    """The hub's settings for a demo in this folder: embedded database, a free port, twins on this machine."""
    environ = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    port = free_ports(int(environ.get("OMS_PORT") or 8800), 1)
    environ |= {"OMS_HOME": str(home), "OMS_PORT": str(port), "OMS_ALLOW_PRIVATE_ADDRESSES": "1"}
    return Settings.from_env(environ)


def start_hub(settings: Settings) -> Part:
    """Start `oms up` and wait until the web answers."""
    environ = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environ |= {
        "OMS_HOME": str(settings.home),
        "OMS_PORT": str(settings.port),
        "OMS_HOST": settings.host,
        "OMS_ALLOW_PRIVATE_ADDRESSES": "1",
        "PYTHONUNBUFFERED": "1",
    }
    settings.home.mkdir(parents=True, exist_ok=True)
    part = _start("the hub", [sys.executable, "-m", "oms.cli", "up"], settings.home / "up.log", environ)
    _wait(part, lambda: _is_ready(settings, part.process.pid))
    return part


def _is_ready(settings: Settings, pid: int) -> bool:
    """Whether this very hub says so: the folder may tell of an earlier one, or of one that is not ours."""
    status = read_status(settings.run_folder)
    return bool(status.get("ready")) and status["pids"].get("up") == pid


@contextmanager
def alone_in(home: Path) -> Iterator[None]:
    """Hold the demo's folder itself; the kernel lets it go when we end, however we end."""
    home.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(home, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sentence = f"A demo is already running in {home}."
            raise AlreadyRunning(sentence, "Use it, stop it with Ctrl-C, or name another folder with --dir.") from None
        yield
    finally:
        os.close(descriptor)


def _start(name: str, command: Sequence[str], log: Path, environ: Mapping[str, str]) -> Part:
    """Start a program in a session of its own, so that Ctrl-C reaches the demo alone, which stops it in order."""
    with log.open("ab") as stream:
        process = subprocess.Popen(  # noqa: S603 - our own modules with our own arguments
            list(command), env=dict(environ), stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
            start_new_session=True, preexec_fn=lifeline_of(os.getpid()),
        )  # fmt: skip
    return Part(name, process, log)


def _wait(part: Part, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        part.require_alive()
        if time.monotonic() > deadline:
            raise DemoFailed(f"{part.name} was not ready after {START_SECONDS:.0f} s", f"see {part.log}")
        time.sleep(0.1)
