"""The running hub's parts, handed to whatever needs them; made by bootstrap alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

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


@dataclass
class Hub:
    """Engine, keys, connectors and clock. `vendors` maps a vendor's name to its connector class.

    `poke` wakes the pump of a name after a commit; losing a poke only costs time.
    """

    engine: Engine
    keys: KeyRing
    vendors: dict[str, type[Connector]]
    public_url: str = ""
    allow_private_addresses: bool = False
    clock: Clock = utc_now
    poke: Callable[[str], None] = no_poke
    ids: Ids = field(default_factory=Ids)
    masters: MastersCache = field(default_factory=MastersCache)
    places: Places = field(default_factory=Places)
    kept_connectors: dict[int, tuple[str, Connector]] = field(default_factory=dict)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction, committed at the end, rolled back on any error."""
        with self.engine.begin() as connection:
            yield connection
