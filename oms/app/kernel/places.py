"""From the names of a receiver's divisions to a code, for a running process; the comparing is domain/gazetteer.py."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from oms.domain.gazetteer import Division, Gazetteer

if TYPE_CHECKING:
    from collections.abc import Callable

DIVISIONS = text("select code, parent_code, name, level, is_pseudo from division order by code")
#: Names come again and again; every district of the country fits in here several times.
REMEMBERED = 20_000


class Places:
    """Resolves (province, city, district) names; the table is read once a process."""

    def __init__(self) -> None:
        self._find: Callable[[str, str, str], str] | None = None

    def read(self, connection: Connection) -> Callable[[str, str, str], str]:
        """Read the table unless it has been read; a process does so before its first order."""
        if self._find is None:
            gazetteer = Gazetteer(Division(*row) for row in connection.execute(DIVISIONS))
            self._find = lru_cache(REMEMBERED)(gazetteer.code)
        return self._find

    def code(self, connection: Connection, state: str, city: str, district: str) -> str:
        """The most exact code known for the names, empty when not even the province is known."""
        return (self._find or self.read(connection))(state, city, district)
