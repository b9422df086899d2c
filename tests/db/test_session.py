"""Connections speak UTC and wait as long for locks as they were made to, with or without a pooler between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from oms.db.session import make_engine

SETTINGS = "select current_setting('timezone'), current_setting('lock_timeout'), current_setting('jit')"
OURS = ("UTC", "1500ms", "off")


@pytest.fixture(params=[False, True], ids=["direct", "pooled"])
def engine(request: pytest.FixtureRequest, database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url, name="session tests", pool_size=1, lock_timeout_ms=1500, is_pooled=request.param)
    yield made
    made.dispose()


def test_every_transaction_has_our_settings(engine: Engine) -> None:
    for _ in range(2):
        with engine.begin() as connection:
            assert tuple(connection.execute(text(SETTINGS)).one()) == OURS
            connection.rollback()
        with engine.connect() as connection, connection.begin_nested():
            assert tuple(connection.execute(text(SETTINGS)).one()) == OURS


def test_a_pooler_is_left_nothing_that_the_next_session_would_meet(database_url: str) -> None:
    engine = make_engine(database_url, pool_size=1, lock_timeout_ms=1500, is_pooled=True)
    for _ in range(12):
        with engine.begin() as connection:
            connection.execute(text("select id from shop where id = :id"), {"id": 1})
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        assert driver.execute("select count(*) from pg_prepared_statements").fetchone() == (0,)
        driver.rollback()
        assert driver.execute("select current_setting('lock_timeout')").fetchone() == ("0",)
    engine.dispose()


def test_a_pooler_is_opened_without_options_that_it_would_refuse(database_url: str) -> None:
    engine = make_engine(database_url, pool_size=1, is_pooled=True)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        assert "options" not in driver.info.get_parameters()
    engine.dispose()
