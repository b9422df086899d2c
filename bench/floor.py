"""The floor: how fast the rows that a run left could be written by COPY alone. Reading them out is not timed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

ORDERS_PER_TRANSACTION = 500
SCHEMA = "bench_floor"
#: Every table of the hub, a partitioned one as one; generated columns are computed again.
TABLES = """select c.relname, array_agg(a.attname::text order by a.attnum)
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
      and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    group by c.relname order by c.relname"""
#: A row's xmin is the transaction that wrote this version: of changed rows the last version counts, once.
WRITTEN = "select {columns} from {table} where xmin::text::bigint >= {since}"


@dataclass(frozen=True, slots=True)
class Left:
    """The rows of one table that a run left, as lines of COPY's text format."""

    table: str
    columns: tuple[str, ...]
    lines: list[bytes]


def first_xid(connection: Connection[Any]) -> int:
    """The number that the next transaction will get; fresh servers stay far from its wrap-around at 2³¹."""
    row = connection.execute("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
    assert row is not None
    return int(row[0])


def rows_since(connection: Connection[Any], xid: int) -> list[Left]:
    """All rows written by transactions from `xid` on, in every table of the hub."""
    found = connection.execute(TABLES).fetchall()
    return [left for table, columns in found if (left := _read(connection, table, columns, xid)).lines]


def _read(connection: Connection[Any], table: str, columns: list[str], xid: int) -> Left:
    query = sql.SQL(WRITTEN).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)), table=sql.Identifier(table), since=sql.Literal(xid)
    )
    with connection.cursor().copy(sql.SQL("copy ({}) to stdout").format(query)) as copy:
        text = b"".join(bytes(block) for block in copy)
    return Left(table, tuple(columns), [line + b"\n" for line in text.split(b"\n")[:-1]])


def make_empty_tables(connection: Connection[Any], left: list[Left]) -> None:
    """A plain empty table like each of the hub's, with its constraints, defaults and indexes."""
    connection.execute(f"drop schema if exists {SCHEMA} cascade")
    connection.execute(f"create schema {SCHEMA}")
    for part in left:
        name = sql.Identifier(part.table)
        connection.execute(
            sql.SQL("create table {}.{} (like {} including all)").format(sql.Identifier(SCHEMA), name, name)
        )


def copy_in(connection: Connection[Any], left: list[Left], orders: int) -> float:
    """Copy the rows in, 500 orders a transaction, on one connection; answers the seconds it took."""
    count = max(1, -(-orders // ORDERS_PER_TRANSACTION))
    statements = [_statement(part) for part in left]
    shares = [list(_shares(part.lines, count)) for part in left]
    began = time.perf_counter()
    for number in range(count):
        with connection.transaction():
            for statement, blocks in zip(statements, shares, strict=True):
                if blocks[number]:
                    with connection.cursor().copy(statement) as copy:
                        copy.write(blocks[number])
    return time.perf_counter() - began


def _statement(part: Left) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, part.columns))
    return sql.SQL("copy {}.{} ({}) from stdin").format(sql.Identifier(SCHEMA), sql.Identifier(part.table), columns)


def _shares(lines: list[bytes], count: int) -> Iterator[bytes]:
    """The lines cut into `count` blocks of equal numbers."""
    for number in range(count):
        yield b"".join(lines[len(lines) * number // count : len(lines) * (number + 1) // count])


def measure_floor(connection: Connection[Any], left: list[Left], orders: int) -> float:
    """Orders a second of the floor; the copies are dropped again."""
    make_empty_tables(connection, left)
    connection.execute("checkpoint")
    seconds = copy_in(connection, left, orders)
    connection.execute(f"drop schema {SCHEMA} cascade")
    return orders / seconds
