"""Set-wise writing: blocks of ids, COPY for new rows, one UPDATE from unnest for changes.

These take Core connections and plain values; rows are written in the order given.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from psycopg import Connection as PsycopgConnection
from sqlalchemy import Connection, text

from oms.db.base import ID_BLOCK, ID_SEQUENCE

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": ""})


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


def _str(value: str) -> str:
    return value.translate(_ESCAPES) if _UNSAFE(value) else value


def _json(value: object) -> str:
    text_ = orjson.dumps(value).decode()
    if "\\u0000" in text_:
        text_ = _NUL.sub(r"\1", text_)
    return text_.translate(_ESCAPES)


def _bytes(value: bytes) -> str:
    return "\\\\x" + value.hex()


def _other(value: object) -> str:
    """Subclasses of the known types, and everything else by its text."""
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    return str(value).translate(_ESCAPES)


_UNSAFE = re.compile("[\\\\\t\n\r\x00]").search


def _array(values: Sequence[Any]) -> str:
    if not values:
        return "{}"
    quoted = (
        "NULL" if v is None else '"' + str(v).replace("\\", "\\\\").replace('"', '\\"') + '"' for v in values
    )
    return ("{" + ",".join(quoted) + "}").translate(_ESCAPES)


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: _str,
    int: str,
    type(None): lambda _: "\\N",
    bool: lambda value: "t" if value else "f",
    datetime: datetime.isoformat,
    date: date.isoformat,
    bytes: _bytes,
    dict: _json,
    list: lambda value: _array(value),
    tuple: lambda value: _array(value),
    float: repr,
}


def copy_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY new rows into a table; answers how many. Values are plain Python, dicts become JSON."""
    writer = _WRITERS.get
    lines = ["\t".join([writer(type(value), _other)(value) for value in row]) for row in rows]
    if not lines:
        return 0
    with psycopg_connection(connection).cursor() as cursor:
        statement = f"copy {table} ({', '.join(columns)}) from stdin"
        with cursor.copy(statement.encode()) as copy:
            copy.write(("\n".join(lines) + "\n").encode())
    return len(lines)


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
        cursor.execute(statement.encode(), [_storable(column) for column in zip(*rows, strict=True)])
        return cursor.rowcount


def _storable(column: Sequence[Any]) -> list[Any]:
    """A column's values, texts without NUL, which PostgreSQL stores nowhere."""
    return [value.replace("\x00", "") if type(value) is str and "\x00" in value else value for value in column]
