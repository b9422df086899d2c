"""The floor: it sees every row a run left in every table, and copies exactly these."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import Connection

from bench.floor import SCHEMA, TABLES, copy_in, first_xid, make_empty_tables, measure_floor, rows_since
from oms.config import plain_url
from oms.db.tables import METADATA


@pytest.fixture
def database(own_database_url: str) -> Connection[tuple[object, ...]]:
    return psycopg.connect(plain_url(own_database_url), autocommit=True)


def write_some(connection: Connection[tuple[object, ...]]) -> None:
    connection.execute("insert into data_key (id, master_key_id, wrapped) values (1, 'k', 'x'), (2, 'k', '\\x5c0a0d09')")
    connection.execute("insert into stock_pool (id, code, name) values (1, 'tab\there', E'line\\nbreak \\\\ end')")
    connection.execute(
        """insert into event (month, order_id, id, kind, at) values
           ('2026-11-01', 1, 1, 'captured', now()), ('1999-01-01', 1, 2, 'captured', now())"""
    )


def counted(connection: Connection[tuple[object, ...]], schema: str, table: str) -> list[tuple[object, ...]]:
    return connection.execute(f"select x::text from {schema}.{table} x order by 1".encode()).fetchall()


def test_every_table_of_the_hub_is_looked_at(database: Connection[tuple[object, ...]]) -> None:
    looked_at = {row[0] for row in database.execute(TABLES)}
    assert {table.name for table in METADATA.tables.values()} <= looked_at
    database.close()


def test_rows_of_before_are_left_out_and_changed_rows_count_once(database: Connection[tuple[object, ...]]) -> None:
    write_some(database)
    xid = first_xid(database)
    database.execute("insert into data_key (id, master_key_id, wrapped) values (3, 'k', 'x')")
    database.execute("update data_key set master_key_id = 'n' where id = 1")
    database.execute("update data_key set master_key_id = 'm' where id = 1")
    (left,) = rows_since(database, xid)
    assert (left.table, len(left.lines)) == ("data_key", 2)
    database.close()


def test_the_copies_equal_the_rows_in_plain_and_partitioned_tables(database: Connection[tuple[object, ...]]) -> None:
    xid = first_xid(database)
    write_some(database)
    left = rows_since(database, xid)
    make_empty_tables(database, left)
    copy_in(database, left, orders=1200)
    assert {part.table for part in left} == {"data_key", "event", "stock_pool"}
    for part in left:
        assert counted(database, SCHEMA, part.table) == counted(database, "public", part.table)
    database.close()


def test_the_floor_leaves_nothing_behind(database: Connection[tuple[object, ...]]) -> None:
    xid = first_xid(database)
    write_some(database)
    assert measure_floor(database, rows_since(database, xid), orders=2) > 0
    assert database.execute("select count(*) from pg_namespace where nspname = %s", (SCHEMA,)).fetchone() == (0,)
    database.close()
