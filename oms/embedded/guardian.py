"""Finds and stops the postmaster of a cluster; run as a script it is the guardian that does so when its parent dies.

Standard library only and no import of the hub: the guardian is a bare interpreter that must start in milliseconds.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

SMOOTH_SECONDS = 20.0
HARSH_SECONDS = 5.0


def postmaster_pid(cluster: Path) -> int | None:
    """The process id of the live postmaster of this cluster; a pid file left behind by a crash counts for nothing."""
    lines = pid_file_lines(cluster)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    return pid if _is_postmaster(pid, cluster) else None


def postmaster_port(cluster: Path) -> int | None:
    """The port in the pid file, which is right while `postmaster_pid` answers."""
    lines = pid_file_lines(cluster)
    return int(lines[3]) if len(lines) > 3 and lines[3].strip().isdigit() else None


def says_ready(cluster: Path) -> bool:
    """Whether a live postmaster has written that it accepts connections; before and after, asking only makes noise."""
    lines = pid_file_lines(cluster)
    return len(lines) > 7 and lines[7].strip() == "ready" and postmaster_pid(cluster) is not None


def pid_file_lines(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text("utf-8", "replace").splitlines()
    except OSError:
        return []


def forget_stranger(cluster: Path) -> None:
    """Remove a left-over pid file whose number now belongs to some other program: PostgreSQL would refuse to start.

    A number that belongs to nobody is left for PostgreSQL, which checks for surviving backends before it goes on.
    """
    lines = pid_file_lines(cluster)
    if lines and lines[0].strip().isdigit() and postmaster_pid(cluster) is None and _command_line(int(lines[0])):
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def _is_postmaster(pid: int, cluster: Path) -> bool:
    """Process numbers are used again after a reboot, so the command line must name this very cluster."""
    command = _command_line(pid)
    return "postgres" in command and str(cluster) in command


def _command_line(pid: int) -> str:
    """Empty for a process that is gone or a zombie."""
    proc = Path("/proc")
    if (proc / "self").exists():
        try:
            return (proc / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            return ""
    command = ["/bin/ps", "-p", str(pid), "-o", "command="]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - own constant


def stop_postmaster(cluster: Path) -> None:
    """Stop the postmaster, if one lives: first cleanly, then at once, at last by force; returns when it is gone."""
    steps = ((signal.SIGINT, SMOOTH_SECONDS), (signal.SIGQUIT, HARSH_SECONDS), (signal.SIGKILL, HARSH_SECONDS))
    for number, seconds in steps:
        pid = postmaster_pid(cluster)
        if pid is None:
            return
        _send(pid, number)
        if _gone_within(cluster, pid, seconds):
            return


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _gone_within(cluster: Path, pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not _is_postmaster(pid, cluster):
            return True
        time.sleep(0.02)
    return False


def guard(cluster: Path, remove: Path | None) -> None:
    """Wait until the parent closes the pipe or dies, then stop the server and remove what was asked to be removed."""
    while sys.stdin.buffer.read(4096):
        continue
    stop_postmaster(cluster)
    if remove is not None:
        shutil.rmtree(remove, ignore_errors=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    guard(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
