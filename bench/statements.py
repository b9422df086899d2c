"""Times every statement from the client's side: how long this process waited for the server, by its text."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, event

_SPACE = re.compile(r"\s+")


@dataclass(slots=True)
class Spent:
    """Calls of one statement, the seconds they took together, and the rows they touched."""

    calls: int = 0
    seconds: float = 0.0
    rows: int = 0


@dataclass(slots=True)
class StatementTimes:
    """What was spent by statement; `commit` and `begin` count as statements, too."""

    by_text: dict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))

    @property
    def seconds(self) -> float:
        """All waiting together."""
        return sum(spent.seconds for spent in self.by_text.values())

    def add(self, text: str, seconds: float, rows: int) -> None:
        spent = self.by_text[text]
        spent.calls += 1
        spent.seconds += seconds
        spent.rows += max(rows, 0)

    def dearest(self, most: int = 30) -> list[tuple[str, Spent]]:
        """The statements that cost most, the dearest first."""
        return sorted(self.by_text.items(), key=lambda item: -item[1].seconds)[:most]


def plain_text(statement: Any) -> str:
    """A statement on one line."""
    text = statement.decode() if isinstance(statement, bytes) else str(statement)
    return _SPACE.sub(" ", text).strip()


def time_statements(engine: Engine) -> StatementTimes:
    """Time all statements of connections that this engine opens from now on."""
    times = StatementTimes()

    class TimedCursor(psycopg.Cursor[Any]):
        """A cursor that notes how long each call took."""

        def execute(self, query: Any, params: Any = None, **options: Any) -> TimedCursor:
            began = time.perf_counter()
            super().execute(query, params, **options)
            times.add(plain_text(query), time.perf_counter() - began, self.rowcount)
            return self

        @contextmanager
        def copy(self, statement: Any, params: Any = None, **options: Any) -> Iterator[psycopg.Copy]:
            began = time.perf_counter()
            with super().copy(statement, params, **options) as copy:
                yield copy
            times.add(plain_text(statement), time.perf_counter() - began, self.rowcount)

    @event.listens_for(engine, "connect")
    def use_timed_cursors(connection: psycopg.Connection[Any], _record: object) -> None:
        connection.cursor_factory = TimedCursor
        commit = connection.commit

        def timed_commit() -> None:
            began = time.perf_counter()
            commit()
            times.add("commit", time.perf_counter() - began, 0)

        connection.commit = timed_commit  # type: ignore[method-assign]

    engine.dispose()
    return times
