"""Files of a running `oms up`: the lock, the status file and logs of limited size."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oms.domain.errors import HubError

LOG_LIMIT = 10 * 1024 * 1024


class AlreadyRunning(HubError):
    """Another `oms up` holds this OMS_HOME."""

    code = "already-running"


@contextlib.contextmanager
def the_only_one(run_folder: Path) -> Iterator[None]:
    """Hold the lock of this OMS_HOME; the kernel lets it go when we end, however we end."""
    run_folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(run_folder / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            url = read_status(run_folder).get("url", "an address of its own")
            sentence = f"The hub of {run_folder.parent} is already running at {url}."
            raise AlreadyRunning(sentence, "Use it, stop it first, or set another OMS_HOME.") from None
        remove_status(run_folder)  # Whoever wrote it had no time to take it away.
        yield
    finally:
        os.close(descriptor)


def status_path(run_folder: Path) -> Path:
    return run_folder / "up.json"


def read_status(run_folder: Path) -> dict[str, Any]:
    """What the `oms up` that runs here last wrote; empty when there is none, or when it died without a farewell."""
    try:
        status = json.loads(status_path(run_folder).read_text("utf-8"))
        writer, born = int(status["writer"]["pid"]), str(status["writer"]["born"])
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return status if born and birth_of(writer) == born else {}


def write_status(run_folder: Path, status: dict[str, Any]) -> None:
    """Written aside and renamed: readers see the old file or the new one. It names its writer, should that die."""
    draft = run_folder / ".up.json"
    signed = {**status, "writer": {"pid": os.getpid(), "born": birth_of(os.getpid())}}
    draft.write_text(json.dumps(signed, indent=2) + "\n", "utf-8")
    draft.rename(status_path(run_folder))


def birth_of(pid: int) -> str:
    """When a process was born, empty when it is gone: its number may belong to another by now, even after a boot."""
    proc = Path("/proc")
    if (proc / "self" / "stat").exists():
        try:
            state, *fields = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
            boot = (proc / "sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            return ""
        return "" if state == "Z" else f"{boot} {fields[18]}"
    command = ["/bin/ps", "-p", str(pid), "-o", "lstart="]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - own constant


def remove_status(run_folder: Path) -> None:
    status_path(run_folder).unlink(missing_ok=True)


def limit_log(path: Path, limit: int = LOG_LIMIT) -> None:
    """Move a log's content to `<name>.1` when it is too long.

    The file itself stays, since its writers hold it open; they append, so they go on at its new beginning.
    """
    if not path.exists() or path.stat().st_size <= limit:
        return
    shutil.copyfile(path, path.with_name(f"{path.name}.1"))
    os.truncate(path, 0)
