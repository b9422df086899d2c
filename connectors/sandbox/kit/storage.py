"""A twin's own SQLite file: one connection, one lock, write-ahead log. No behaviour of any platform."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

KIT_SCHEMA = """
create table if not exists _kv (key text primary key, value text not null);
create table if not exists _count (method text, outcome text, n integer not null,
    primary key (method, outcome));
create table if not exists _task (id integer primary key, due real not null, name text not null,
    payload text not null, tries integer not null default 0);
create index if not exists _task_due on _task (due);
"""


class Storage:
    """SQLite in WAL mode: what is committed survives kill -9 of the process.

    Reads and writes of all threads go through one connection under one re-entrant lock;
    a `write()` inside a `write()` joins the outer transaction.
    """

    def __init__(self, path: Path | str, schema: str = "") -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(KIT_SCHEMA + schema)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock:
            return self._connection.execute(sql, args).fetchall()

    def one(self, sql: str, args: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        with self._lock:
            row: sqlite3.Row | None = self._connection.execute(sql, args).fetchone()
            return row

    def scalar(self, sql: str, args: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, args)
        return None if row is None else row[0]

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: commits at the end of the outermost block, rolls back on any exception."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("begin immediate")
            self._depth += 1
            try:
                yield self._connection
            except BaseException:  # Whatever ends the block, half of it must not stay; it is raised again.
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("rollback")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("commit")

    def execute(self, sql: str, args: Sequence[Any] = ()) -> int:
        """One statement in its own (or the joined) transaction; answers the number of rows touched."""
        with self.write() as tx:
            return tx.execute(sql, args).rowcount

    def remember(self, key: str, value: object) -> None:
        """Keep a JSON value under a key."""
        text = json.dumps(value, ensure_ascii=False)
        self.execute("insert or replace into _kv (key, value) values (?, ?)", (key, text))

    def recall(self, key: str, default: Any = None) -> Any:
        """The JSON value kept under a key, or the default."""
        text = self.scalar("select value from _kv where key = ?", (key,))
        return default if text is None else json.loads(text)

    def next_number(self, name: str, start: int = 1, step: int = 1) -> int:
        """The next number of a named sequence; never given twice, also after a restart."""
        with self.write():
            number = int(self.recall(f"seq:{name}", start))
            self.remember(f"seq:{name}", number + step)
            return number

    def count(self, method: str, outcome: str) -> None:
        """Add one to the counter of (method, outcome)."""
        self.execute(
            "insert into _count (method, outcome, n) values (?, ?, 1)"
            " on conflict (method, outcome) do update set n = n + 1",
            (method, outcome),
        )

    def counters(self) -> dict[str, dict[str, int]]:
        """method → outcome → number of calls."""
        found: dict[str, dict[str, int]] = {}
        for row in self.rows("select method, outcome, n from _count order by method, outcome"):
            found.setdefault(row["method"], {})[row["outcome"]] = row["n"]
        return found

    def empty(self) -> None:
        """Delete every row of every table (reset of a twin); schema, faults and sequences stay."""
        with self.write() as tx:
            tables = tx.execute("select name from sqlite_master where type = 'table'").fetchall()
            for table in tables:
                if not table["name"].startswith("sqlite_") and table["name"] != "_kv":
                    tx.execute(f'delete from "{table["name"]}"')
            # Numbers that were given out once never come again: the hub still knows the old ones.
            tx.execute("delete from _kv where key <> 'faults' and key not like 'seq:%'")
