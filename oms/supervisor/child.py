"""One program that is kept running: start, notice its end, wait a little, start it again."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from oms.supervisor.lifeline import lifeline_of

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
STEADY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, under the name it has in messages, the log folder and the status file."""

    name: str
    command: tuple[str, ...]


class Child:
    """Keeps one program's process; `now` is always seconds of a monotonic clock."""

    def __init__(self, program: Program, log_folder: Path) -> None:
        self.program = program
        self.log = log_folder / f"{program.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._pause = FIRST_PAUSE
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def start_when_due(self, now: float, environ: Mapping[str, str]) -> bool:
        """Start the program unless it runs or its pause is not over; true when it was started."""
        if self._process is not None or now < self._not_before:
            return False
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - programs come from our own list
                self.program.command,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lifeline_of(os.getpid()),  # Safe, since the parent has one thread.
            )
        self._started = now
        return True

    def notice_end(self, now: float) -> str | None:
        """If the program has ended, say how, and set the pause before its next start.

        Whatever the code: a worker that lost its database leaves with 0 and is missed all the same.
        """
        if self._process is None or self._process.poll() is None:
            return None
        lived = now - self._started
        self._pause = FIRST_PAUSE if lived >= STEADY_SECONDS else self._pause
        self._not_before = now + self._pause
        words = f"{self.program.name} {_ending(self._process.returncode)} after {lived:.1f} s"
        self._bury()
        sentence = f"{words}; it starts again in {self._pause:.1f} s; {self.log.name} ends: {last_line(self.log)}"
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return sentence

    def ask_to_stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def force_to_stop(self) -> None:
        """Kill what is left of the program and of what it started."""
        if self._process is not None:
            self._bury()

    def _bury(self) -> None:
        """A server that was killed leaves its own children behind, holding its port: end the whole group."""
        process, self._process = self._process, None
        if process is not None:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            except PermissionError:
                process.kill()  # macOS answers so for a group of zombies.
            process.wait()


def last_line(log: Path, most: int = 200) -> str:
    """The last line of a log that says something, cut to a width that a summary can bear."""
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 4096))
        lines = [line.strip() for line in stream.read().decode("utf-8", "replace").splitlines()]
    return next((line for line in reversed(lines) if line), "(empty)")[:most]


def _ending(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
