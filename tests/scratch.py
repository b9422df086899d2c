"""Where the PostgreSQL of a test run lives: in memory where there is plenty of it, since every test's own database is
more than a thousand files, which a disk makes ten times as slowly."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

import psutil

MEMORY: Final = Path("/dev/shm")
PREFIX: Final = "oms-test-"
#: A run's databases at their most; the rest is for the tests themselves.
NEEDED: Final = 8 * 1024**3
#: A folder without a server that is younger may be about to get one.
YOUNG_S: Final = 600


def make_folder() -> Path:
    """A new folder, in memory where there is room."""
    in_memory = _has_room()
    if in_memory:
        _sweep()
    return Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY if in_memory else None))


def _has_room() -> bool:
    try:
        return min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available) >= NEEDED
    except OSError:
        return False


def _sweep() -> None:
    """Remove what runs that were killed have left behind."""
    for folder in MEMORY.glob(f"{PREFIX}*"):
        try:
            is_old = time.time() - folder.stat().st_mtime > YOUNG_S
        except OSError:
            continue
        if is_old and not _is_served(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_served(folder: Path) -> bool:
    """Whether a server still runs on it, as the first line of its process file says."""
    for noted in folder.rglob("postmaster.pid"):
        number = noted.read_text().splitlines()[:1]
        if number and number[0].isdigit() and psutil.pid_exists(int(number[0])):
            return True
    return False
