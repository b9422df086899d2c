"""Set-wise writing: blocks of ids, COPY for new rows, one UPDATE from unnest for changes.

These take Core connections and plain values; rows are written in the order given.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

import orjson
from psycopg import Connection as PsycopgConnection
from sqlalchemy import ARRAY, JSON, Connection, text

from oms.db.base import ID_BLOCK, ID_SEQUENCE
from oms.db.tables import METADATA

#: Blocks taken at a time, so that a batch rarely has to ask.
AHEAD = 16

#: An escaped NUL in JSON text, which PostgreSQL refuses; a pair of backslashes before it is a plain backslash.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)(?:\\u0000)+")


class Ids:
    """Hands out ids from blocks of the one sequence; safe for threads, gaps are harmless."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: list[range] = []

    def take(self, connection: Connection, count: int) -> list[int]:
        """`count` new ids."""
        with self._lock:
            taken: list[int] = []
            while len(taken) < count:
                if not self._free:
                    self._free = self._fetch(connection, count - len(taken))
                block = self._free.pop(0)
                part = block[: count - len(taken)]
                taken.extend(part)
                if len(part) < len(block):
                    self._free.insert(0, block[len(part) :])
            return taken

    def _fetch(self, connection: Connection, count: int) -> list[range]:
        blocks = max(AHEAD, -(-count // ID_BLOCK))
        starts = connection.execute(
            text(f"select nextval('{ID_SEQUENCE}') from generate_series(1, :blocks)"), {"blocks": blocks}
        ).scalars()
        return [range(start, start + ID_BLOCK) for start in starts]


def psycopg_connection(connection: Connection) -> PsycopgConnection[Any]:
    """The driver's connection beneath a Core connection."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, PsycopgConnection):
        raise TypeError("bulk writing needs the psycopg driver")
    return raw


#: Types that JSON writes just as COPY reads them; a column of anything else is spelled as text first.
_PLAIN = frozenset({str, int, bool, float, type(None), datetime, date})
#: How JSON escapes what CSV takes as it is; rare in what is written here, so it is looked for before it is undone.
_ESCAPED = re.compile(rb"\\[bfnrtu]").search
_ESCAPE = re.compile(rb'\\(?:(["\\])|u([0-9a-f]{4})|(.))')
#: What JSON writes between two rows.
_BETWEEN: Final = b"],["
_CONTROLS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f"}


def _json(value: object) -> str:
    text_ = orjson.dumps(value).decode()
    return _NUL.sub(r"\1", text_) if "\\u0000" in text_ else text_


def array_of(values: Iterable[Any]) -> str:
    """PostgreSQL's literal of an array, which JSON writes but for its brackets; the driver makes them value by value."""
    listed = list(values)
    if not _PLAIN.issuperset(map(type, listed)):
        listed = [_spelled(value) for value in listed]
    written = orjson.dumps(listed, str)
    if _ESCAPED(written):
        written = _ESCAPE.sub(_unescaped, written)
    return "{" + written[1:-1].decode() + "}"


def _lacking(value: Any) -> Any:
    """A value of a type that JSON lacks as text; a row of named columns as a plain one."""
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return list(value) if isinstance(value, tuple) else str(value)


def _spelled(value: Any) -> Any:
    """A value that JSON lacks, or writes otherwise than COPY reads it, as text."""
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, dict):
        return _json(value)
    return array_of(value) if isinstance(value, list | tuple) else value


def _unescaped(found: re.Match[bytes]) -> bytes:
    """What CSV wants for an escape of JSON; NUL is left out, since PostgreSQL stores it nowhere."""
    quoted, code, letter = found.groups()
    if quoted:
        return found[0]
    if letter:
        return _CONTROLS[letter]
    return b"" if code == b"0000" else bytes([int(code, 16)])


@lru_cache(maxsize=512)
def _spelled_columns(table: str, columns: tuple[str, ...]) -> tuple[int, ...]:
    """Where among these columns values stand that JSON writes otherwise than COPY reads them; any of an unknown table."""
    known = METADATA.tables.get(table)
    if known is None:
        return tuple(range(len(columns)))
    return tuple([at for at, name in enumerate(columns) if isinstance(known.c[name].type, ARRAY | JSON)])


def csv_of(rows: Sequence[Sequence[Any]], spelled: Sequence[int]) -> bytes:
    """Rows as COPY's CSV with the escape \\ and null for NULL, which is what JSON writes but for control characters.

    So the one fast encoder at hand writes all rows at once; Python only touches columns that may hold what JSON writes
    otherwise, `spelled`.
    """
    if spelled:
        columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
        for at in spelled:
            if not _PLAIN.issuperset(map(type, columns[at])):
                columns[at] = map(_spelled, columns[at])
        rows = list(zip(*columns, strict=True))
    written = orjson.dumps(rows, _lacking)
    if written.count(_BETWEEN) == len(rows) - 1:
        written = written[2:-2].replace(_BETWEEN, b"\n")
    else:  # A text holds what else stands between rows.
        written = b"\n".join([orjson.dumps(row, _lacking)[1:-1] for row in rows])
    return _ESCAPE.sub(_unescaped, written) if _ESCAPED(written) else written


def copy_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY new rows into a table; answers how many. Values are plain Python, dicts become JSON."""
    listed = rows if isinstance(rows, list) else list(rows)
    if listed:
        written = csv_of(listed, _spelled_columns(table, tuple(columns)))
        with psycopg_connection(connection).cursor() as cursor:
            statement = f"copy {table} ({', '.join(columns)}) from stdin (format csv, null 'null', escape '\\')"
            with cursor.copy(statement.encode()) as copy:
                copy.write(written)
    return len(listed)


def update_rows(
    connection: Connection,
    table: str,
    key: str,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
) -> int:
    """One UPDATE from unnest; each row is (key, value …), `columns` are (name, PostgreSQL type).

    Array-typed columns cannot travel in unnest; write those singly. Answers how many rows matched.
    """
    if not rows:
        return 0
    names = [key, *[name for name, _ in columns]]
    types = ["bigint", *[kind for _, kind in columns]]
    sets = ", ".join(f"{name} = v.{name}" for name, _ in columns)
    arrays = ", ".join(f"%s::{kind}[]" for kind in types)
    statement = f"update {table} t set {sets} from unnest({arrays}) as v({', '.join(names)}) where t.{key} = v.{key}"
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(statement.encode(), [array_of(column) for column in zip(*rows, strict=True)])
        return cursor.rowcount
