"""A database that was lent and given back is as a fresh one, and one whose tables were changed is not lent again."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from tests.factories import a_world, an_order, settle
from tests.shelf import Lent, Shelf

TABLES = """select c.oid::regclass::text from pg_class c where relkind = 'r'
  and relnamespace in ('public'::regnamespace, 'procrastinate'::regnamespace) order by 1"""
SEQUENCES = "select schemaname, sequencename, last_value from pg_sequences where schemaname <> 'shelf' order by 1, 2"


def rows_of(engine: Engine) -> dict[str, int]:
    """How many rows each table has that has any, and where the sequences stand."""
    with engine.begin() as connection:
        tables = list(connection.execute(text(TABLES)).scalars())
        parts = " union all ".join(f"select '{name}', count(*) from {name}" for name in tables)
        counts = {name: count for name, count in connection.execute(text(parts)).all() if count}
        return counts | {f"{a}.{b}": value for a, b, value in connection.execute(text(SEQUENCES)).all()}


def lived_in(lent: Lent) -> None:
    """Orders went all the way in it, and a session left its settings and locks behind."""
    world = a_world(lent.url, engine=lent.open())
    for _ in range(3):
        an_order(world)
    settle(world)
    world.run("insert into division (code, name, level) values ('odd', 'odd', 1)")
    world.run("delete from stored_setting")
    with world.hub.engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(42)"))
        connection.execute(text("set lock_timeout = '7s'"))
        connection.commit()


def test_what_was_lent_is_as_fresh_for_the_next(shelf: Shelf) -> None:
    used, untouched = shelf.lend(), shelf.lend()
    fresh = rows_of(untouched.open())
    lived_in(used)
    assert used.engine is not None
    assert len(rows_of(used.engine)) > len(fresh) + 10
    shelf.take_back(untouched)
    shelf.take_back(used)
    again = shelf.lend()
    assert again is used
    assert rows_of(again.open()) == fresh
    assert again.engine is not None
    with again.engine.connect() as connection:
        assert connection.execute(text("show lock_timeout")).scalar_one() == "0"
        assert connection.execute(text("select count(*) from pg_locks where locktype = 'advisory'")).scalar_one() == 0
    shelf.take_back(again)


@pytest.mark.parametrize(
    "change", ["create table odd (id int)", "alter table orders add odd int", "drop table outbound cascade"]
)
def test_a_database_whose_tables_changed_is_not_lent_again(shelf: Shelf, change: str) -> None:
    lent = shelf.lend()
    with lent.open().begin() as connection:
        connection.execute(text(change))
    shelf.take_back(lent)
    following = shelf.lend()
    assert following.url != lent.url
    shelf.take_back(following)
