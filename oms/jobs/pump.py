"""What a pump and a task of the clock are; the ones of this hub are listed in pumps.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from oms.app.kernel.hub import Hub


@dataclass(frozen=True)
class Pump:
    """Work that waits in rows and is taken batch by batch.

    `drain` does one bounded batch in transactions of its own and answers how many items it did, 0 when nothing
    is ready; it claims rows with SKIP LOCKED, so that it may run in several processes at once. `ready` is SQL
    for one boolean, true while there is work; it must not write. `lanes` is how many batches may run at the
    same time in one worker process. `every_s` starts the pump that often in every worker, asked or not.
    """

    name: str
    drain: Callable[[Hub], int]
    ready: str | None
    lanes: int = 1
    every_s: float | None = None

    def __post_init__(self) -> None:
        if self.ready is None and self.every_s is None:
            raise ValueError(f"pump {self.name} would sleep for ever after a lost poke: give it `ready` or `every_s`")
        if self.lanes < 1:
            raise ValueError(f"pump {self.name} has no lane: set `lanes` to 1 or more")


class ClockTask(NamedTuple):
    """Housekeeping that the leading clock runs at start and every `every_s` seconds; answers how many it did.

    After a change of leader it runs again at once, so it must be harmless to repeat.
    """

    name: str
    every_s: float
    run: Callable[[Hub], int]
