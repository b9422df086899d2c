"""The schema goes up, down and up again, equals the tables, and has its partitions made ahead of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, text

from oms.db.migrate import alembic_config, ensure_partitions, is_behind, next_month, upgrade
from oms.db.session import make_engine
from oms.db.tables import METADATA, PARTITIONED

RELATIONS = text("select count(*) from pg_class where relnamespace = current_schema()::regnamespace and relkind = :kind")


@pytest.fixture
def engine(own_database_url: str) -> Iterator[Engine]:
    engine = make_engine(own_database_url, name="migration tests", pool_size=2)
    yield engine
    engine.dispose()


def tables_of(connection: Connection) -> set[str]:
    """Tables of the hub; partitions belong to their parents, the queue's tables to its library."""
    rows = connection.execute(
        text("""select relname from pg_class where relnamespace = current_schema()::regnamespace
                and relkind in ('r', 'p') and not relispartition and relname not like 'procrastinate%'""")
    )
    return set(rows.scalars())


def test_up_down_up_ends_in_the_same_schema(engine: Engine, own_database_url: str) -> None:
    config = alembic_config(own_database_url)
    with engine.connect() as connection:
        before = tables_of(connection)
    assert before == set(METADATA.tables) | {"alembic_version"}
    command.downgrade(config, "base")
    with engine.connect() as connection:
        assert tables_of(connection) == {"alembic_version"}
    assert is_behind(engine)
    upgrade(own_database_url)
    with engine.connect() as connection:
        assert tables_of(connection) == before
    assert not is_behind(engine)


def test_the_tables_in_code_are_the_tables_in_the_database(own_database_url: str) -> None:
    command.check(alembic_config(own_database_url))


def test_upgrading_twice_changes_nothing(engine: Engine, own_database_url: str) -> None:
    with engine.connect() as connection:
        before = connection.execute(RELATIONS, {"kind": "r"}).scalar()
    upgrade(own_database_url)
    with engine.connect() as connection:
        assert connection.execute(RELATIONS, {"kind": "r"}).scalar() == before


def test_partitions_are_made_ahead_and_only_once(engine: Engine) -> None:
    with engine.begin() as connection:
        made = ensure_partitions(connection, date(2031, 12, 31))
        assert len(made) == len(PARTITIONED) * 5
        assert {name[-6:] for name in made} == {"203111", "203112", "203201", "203202", "203203"}
        assert ensure_partitions(connection, date(2031, 12, 1)) == []


def test_a_row_of_any_month_finds_a_place(engine: Engine) -> None:
    with engine.begin() as connection:
        for month in ("1999-01-01", "2099-12-01"):
            connection.execute(
                text("insert into event (month, order_id, id, kind, at) values (:m, 1, nextval('id_seq'), 'x', now())"),
                {"m": month},
            )
        assert connection.execute(text("select count(*) from event")).scalar() == 2


@pytest.mark.parametrize(
    ("month", "count", "after"),
    [
        (date(2026, 11, 1), 1, date(2026, 12, 1)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
        (date(2026, 1, 1), 0, date(2026, 1, 1)),
    ],
)
def test_months_are_counted_over_the_year(month: date, count: int, after: date) -> None:
    assert next_month(month, count) == after


def test_rows_of_a_month_without_partition_move_when_it_gets_one(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                """insert into parcel_event (month, parcel_id, id, at, state, words)
                   values ('2041-06-01', 1, 1, now(), 'moving', 'x'), ('2041-12-01', 1, 2, now(), 'moving', 'x')"""
            )
        )
        made = ensure_partitions(connection, date(2041, 5, 5))
        assert len(made) == len(PARTITIONED) * 5
        assert connection.execute(text("select count(*) from parcel_event_204106")).scalar() == 1
        found = "select count(*) from parcel_event where month > '2041-01-01'"
        assert connection.execute(text(found)).scalar() == 2


def test_a_partition_that_cannot_be_made_hinders_no_other(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("create table event_odd partition of event for values from ('2051-03-10') to ('2051-03-20')")
        )
        made = ensure_partitions(connection, date(2051, 2, 1))
        assert len(made) == len(PARTITIONED) * 5 - 1
        assert "event_205103" not in made
        assert "event_205104" in made
