"""Works on one proof for a while and keeps the ledger; knows nothing of what is proved."""

from __future__ import annotations

import fcntl
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.long.ledger import Ledger
from tests.long.proofs import Run

SAVE_EVERY = 5.0
#: After so many failures in one run more of them teach nothing.
ENOUGH_FAILURES = 10


class AlreadyRunning(Exception):
    """Another run writes this ledger; wait for it, or name another one with --ledger."""


@dataclass
class Worked:
    """What one run did."""

    seeds: int = 0
    failed: int = 0


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Hold the ledger for this process; the lock goes with the process however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"another run writes {path}: wait for it, or name another --ledger") from None
        yield


def work(
    run: Run,
    ledger: Ledger,
    code: str,
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    say: Callable[[str], None] = print,
) -> Worked:
    """Run seeds until the time is over: first those that failed under other code, then new ones.

    The ledger is written every few seconds and at the end, also when a signal ends it.
    """
    worked, started = Worked(), clock()
    saved = counted = started
    try:
        for seed in itertools.chain(ledger.to_repeat(code), itertools.count(ledger.next_seed)):
            if clock() - started >= seconds or worked.failed >= ENOUGH_FAILURES:
                break
            words = _failure_of(run, seed)
            ledger.note(seed, code, words)
            worked.seeds += 1
            if words:
                worked.failed += 1
                say(f"seed {seed} failed: {words}")
            ledger.seconds += clock() - counted
            counted = clock()
            if counted - saved >= SAVE_EVERY:
                ledger.write()
                saved = counted
    finally:
        ledger.write()
    return worked


def _failure_of(run: Run, seed: int) -> str:
    try:
        run(seed)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a proof is its result
        lines = [line for line in str(error).splitlines() if line.strip()]
        return f"{type(error).__name__}: {lines[0] if lines else ''}"
    return ""
