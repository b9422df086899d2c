"""Bulk writing brings every value back as it was given; ids are handed out once, whoever asks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from oms.db.bulk import Ids, copy_rows, update_rows
from oms.db.session import make_engine

COLUMNS = ("id", "words", "body", "at", "on_day", "flag", "number", "shape", "texts", "numbers")
texts = st.text(max_size=30)
plain = texts.filter(lambda value: "\x00" not in value)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3),
    max_leaves=5,
)
rows = st.tuples(
    st.none() | texts,
    st.none() | st.binary(max_size=30),
    st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.none() | st.dates(date(1990, 1, 1), date(2200, 1, 1)),
    st.none() | st.booleans(),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.dictionaries(plain, json_values, max_size=3),
    st.none() | st.lists(st.none() | texts, max_size=4),
    st.none() | st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=4),
)


@pytest.fixture(scope="module")
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url, name="bulk tests", pool_size=6)
    with engine.begin() as connection:
        connection.execute(
            text(
                """create table sample (id bigint primary key, words text, body bytea, at timestamptz, on_day date,
                   flag bool, number bigint, shape jsonb, texts text[], numbers bigint[])"""
            )
        )
    yield engine
    engine.dispose()


def without_nul(value: Any) -> Any:
    """PostgreSQL stores no NUL in texts; it is left out."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [without_nul(item) for item in value]
    if isinstance(value, dict):
        return {key: without_nul(item) for key, item in value.items()}
    return value


def read_all(connection: Connection) -> list[tuple[Any, ...]]:
    found = connection.execute(text(f"select {', '.join(COLUMNS)} from sample order by id"))
    return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in found]


@given(st.lists(rows, max_size=6))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_copied_rows_come_back_as_they_were(engine: Engine, drawn: list[tuple[Any, ...]]) -> None:
    given_rows = [(index, *row) for index, row in enumerate(drawn)]
    with engine.connect() as connection:
        assert copy_rows(connection, "sample", COLUMNS, given_rows) == len(given_rows)
        found = read_all(connection)
        connection.rollback()
    assert found == [tuple(without_nul(value) for value in row) for row in given_rows]


@given(st.lists(st.tuples(st.none() | texts, st.none() | st.binary(max_size=9), st.booleans()), max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_updated_rows_hold_what_was_given(engine: Engine, drawn: list[tuple[Any, ...]]) -> None:
    with engine.connect() as connection:
        copy_rows(connection, "sample", ("id",), [(index,) for index in range(len(drawn))])
        kinds = [("words", "text"), ("body", "bytea"), ("flag", "bool")]
        changes = [(index, *row) for index, row in enumerate(drawn)]
        assert update_rows(connection, "sample", "id", kinds, changes) == len(drawn)
        found = connection.execute(text("select id, words, body, flag from sample order by id"))
        assert [tuple(row) for row in found] == [tuple(without_nul(value) for value in row) for row in changes]
        connection.rollback()


def test_ids_are_unique_over_threads(engine: Engine) -> None:
    ids = Ids()

    def take(seed: int) -> list[int]:
        taken: list[int] = []
        with engine.connect() as connection:
            for step in range(40):
                taken += ids.take(connection, (seed * 37 + step * 113) % 700)
        return taken

    with ThreadPoolExecutor(4) as pool:
        together = [id_ for part in pool.map(take, range(4)) for id_ in part]
    assert len(together) == len(set(together)) > 10_000


PROGRAM = """
import sys
from oms.db.bulk import Ids
from oms.db.session import make_engine
engine, ids = make_engine(sys.argv[1], pool_size=1), Ids()
with engine.connect() as connection:
    print(*[id_ for count in (1, 999, 1, 1500, 3) for id_ in ids.take(connection, count)])
engine.dispose()
"""


def test_ids_are_unique_over_processes_and_beside_column_defaults(engine: Engine, database_url: str) -> None:
    runs = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, database_url], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    with engine.connect() as connection:
        singles = [int(connection.execute(text("select nextval('id_seq')")).scalar_one()) for _ in range(5)]
    outputs = [run.communicate(timeout=60)[0] for run in runs]
    taken = singles + [int(word) for output in outputs for word in output.split()]
    assert len(taken) == len(set(taken)) == 5 + 2 * 2504
