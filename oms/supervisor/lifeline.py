"""Ties a process's life to its parent's, so that nothing runs on after `kill -9` of the parent."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def lifeline_of(parent_pid: int) -> Callable[[], None]:
    """A function for the new child to call between fork and exec.

    Linux only: elsewhere it does nothing, and children of a killed parent have to be ended by hand.
    The library is looked up here, before the fork, because loading it in the child may deadlock.
    """
    if sys.platform != "linux":
        return lambda: None
    library = ctypes.CDLL(None, use_errno=True)

    def hold_on() -> None:
        library.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent_pid:
            os._exit(1)

    return hold_on


def die_with_parent() -> None:
    """For a child that is already running and whose parent is not ours to change (granian's worker)."""
    lifeline_of(os.getppid())()
