"""The running hub's parts, handed to whatever needs them; made by bootstrap alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter

from sqlalchemy import Connection, Engine

from connectors.contract.families import Connector
from oms.app.kernel.masters import MastersCache
from oms.app.kernel.places import Places
from oms.db.bulk import Ids
from oms.db.sealed import KeyRing

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def no_poke(_signal: str) -> None:
    """A poke that wakes nobody; the sweep finds the work."""


def no_poke_later(_signal: str, _seconds: float) -> None:
    """The same of a poke for a moment to come."""


LONGEST_BATCH_S = 0.25
SMALLEST, LARGEST = 100, 500


@dataclass
class Pace:
    """How many documents a batch takes so that it holds its locks for at most a quarter of a second."""

    limit: int = 400

    @contextmanager
    def keep(self) -> Iterator[None]:
        """Time one full batch and adapt the size of the next."""
        began = perf_counter()
        yield
        took = perf_counter() - began
        if took > LONGEST_BATCH_S:
            self.limit = max(SMALLEST, int(self.limit * max(0.5, LONGEST_BATCH_S / took)))
        elif took < LONGEST_BATCH_S * 0.7:
            self.limit = min(LARGEST, self.limit + 25)


@dataclass
class Hub:
    """Engine, keys, connectors and clock. `vendors` maps a vendor's name to its connector class.

    `poke` wakes the pump of a name after a commit, `poke_later` after so many seconds; losing a poke only costs time.
    """

    engine: Engine
    keys: KeyRing
    vendors: dict[str, type[Connector]]
    public_url: str = ""
    allow_private_addresses: bool = False
    clock: Clock = utc_now
    poke: Callable[[str], None] = no_poke
    poke_later: Callable[[str, float], None] = no_poke_later
    ids: Ids = field(default_factory=Ids)
    heavy: threading.Lock = field(default_factory=threading.Lock)
    paces: dict[str, Pace] = field(default_factory=dict)
    masters: MastersCache = field(default_factory=MastersCache)
    places: Places = field(default_factory=Places)
    kept_connectors: dict[int, tuple[str, Connector]] = field(default_factory=dict)

    @contextmanager
    def turn(self, name: str) -> Iterator[Pace]:
        """The process's turn for one heavy batch; answers the pace of that kind of batch.

        Heavy batches of one process run one after the other: side by side they would share one interpreter and
        each would hold its locks for as long as all of them take.
        """
        with self.heavy:
            yield self.paces.setdefault(name, Pace())

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction, committed at the end, rolled back on any error."""
        with self.engine.begin() as connection:
            yield connection
