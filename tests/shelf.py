"""Databases that are lent to one test after the other: put back as they were made, with connections that stay warm.

A fresh database costs a thousand files, and a fresh connection to it plans every statement anew; most of what a test
of the application waited for was this. A database whose tables were changed, not only their rows, is thrown away.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from oms.config import plain_url
from oms.db.session import make_engine

#: Notes what the tables' rows alone do not tell: that tables themselves have changed, temporary ones apart. What was in
#: them from the beginning is kept, and put back where somebody has touched it.
MARKS = """
create schema shelf;
create table shelf.spoilt (tag text);
create table shelf.filled (oid oid);
create table shelf.touched (oid oid);
create function shelf.touch() returns trigger language plpgsql as $$
begin
  insert into shelf.touched values (tg_relid);
  return null;
end $$;
do $$
declare it oid; is_filled boolean;
begin
  for it in select oid from pg_class where relkind = 'r'
    and relnamespace in ('public'::regnamespace, 'procrastinate'::regnamespace) and pg_relation_size(oid) > 0
  loop
    execute format('select exists (select from %s)', it::regclass) into is_filled;
    if is_filled then
      insert into shelf.filled values (it);
      execute format('create table shelf.%I as table %s', 'of_' || it, it::regclass);
      execute format('create trigger touched after insert or update or delete or truncate on %s
        for each statement execute function shelf.touch()', it::regclass);
    end if;
  end loop;
end $$;
create table shelf.sequence as
  select format('%I.%I', schemaname, sequencename) as name, coalesce(last_value, start_value) as value,
    last_value is not null as is_called from pg_sequences;
create function shelf.note() returns event_trigger language plpgsql as $$
begin
  if tg_tag like 'DROP%'
    or exists (select from pg_event_trigger_ddl_commands() where schema_name is distinct from 'pg_temp')
  then insert into shelf.spoilt values (tg_tag); end if;
end $$;
create function shelf.clear() returns text[] language plpgsql as $$
declare
  it record;
  emptied text[] := '{}';
begin
  set local session_replication_role = replica;
  for it in select c.oid::regclass as name, pg_relation_size(c.oid) as size from pg_class c
    where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'procrastinate'::regnamespace)
      and pg_relation_size(c.oid) > 0 and c.oid not in (select oid from shelf.filled)
  loop
    execute format(case when it.size > 65536 then 'truncate %s cascade' else 'delete from %s' end, it.name);
    emptied := emptied || it.name::text;
  end loop;
  for it in select distinct oid::regclass as name, 'of_' || oid as kept from shelf.touched loop
    execute format('delete from %s', it.name);
    execute format('insert into %s overriding system value select * from shelf.%I', it.name, it.kept);
    emptied := emptied || it.name::text;
  end loop;
  delete from shelf.touched;
  perform setval(name::regclass, value, is_called) from shelf.sequence;
  return emptied;
end $$;
create event trigger shelf_notes on ddl_command_end execute function shelf.note();
"""
LEFT = """select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and pid <> all(%s)"""
SPOILT = """select exists (select from shelf.spoilt)
  or exists (select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
             where datname = current_database())"""


#: Databases that wait to be lent again; one that comes back beside so many is thrown away, with its connections.
MOST_FREE = 4


@dataclass(eq=False)
class Lent:
    """A database and the connections to it that wait for the next test."""

    url: str
    parked: list[psycopg.Connection[Any]] = field(default_factory=list)
    engine: Engine | None = None

    def open(self) -> Engine:
        """An engine that takes the connections that are there before it makes others."""
        self.engine = engine = make_engine(self.url, name="app tests", pool_size=8)

        @event.listens_for(engine, "do_connect")
        def connect(*_: object) -> psycopg.Connection[Any] | None:
            return self.parked.pop() if self.parked else None

        return engine

    def park(self) -> None:
        """Keep the engine's idle connections, as new; the others end."""
        engine, self.engine = self.engine, None
        if engine is None:
            return
        try:
            for _ in range(engine.pool.checkedin()):  # type: ignore[attr-defined]
                lent = engine.raw_connection()
                raw = lent.driver_connection
                assert isinstance(raw, psycopg.Connection)
                lent.detach()
                self.parked.append(raw)  # From now on it is closed with the rest, whatever it answers.
                raw.rollback()
                raw.autocommit = True
                raw.execute("select pg_advisory_unlock_all()")
                raw.execute("unlisten *")
                raw.execute("reset all")
                raw.autocommit = False
        finally:
            engine.dispose()

    def clear(self) -> bool:
        """Put the rows back as they were made; False when tables have changed."""
        if not self.parked:  # Nobody has connected, or nobody is connected any more.
            with psycopg.connect(plain_url(self.url), autocommit=True) as keeper:
                return _cleared(keeper, [])
        keeper = self.parked[-1]
        keeper.autocommit = True
        is_clear = _cleared(keeper, self.parked)
        keeper.autocommit = False
        return is_clear

    def close(self) -> None:
        for one in self.parked:
            one.close()
        self.parked.clear()


def _cleared(keeper: psycopg.Connection[Any], ours: Sequence[psycopg.Connection[Any]]) -> bool:
    keeper.execute(LEFT, [[one.info.backend_pid for one in (*ours, keeper)]])
    if keeper.execute(SPOILT).fetchone()[0]:  # type: ignore[index]
        return False
    emptied = keeper.execute("select shelf.clear()").fetchone()[0]  # type: ignore[index]
    if emptied:  # New rows then lie in the order in which they come, as in a new database.
        keeper.execute("vacuum (index_cleanup on, analyze off) " + ", ".join(emptied))
    return True


class Shelf:
    """Lends databases and takes them back."""

    def __init__(self, make_database: Callable[[], str], drop: Callable[[str], None]) -> None:
        self._make, self._drop = make_database, drop
        self._free: list[Lent] = []

    def lend(self) -> Lent:
        """An empty, migrated database that nobody else has."""
        if self._free:
            return self._free.pop()
        url = self._make()
        with (
            psycopg.connect(plain_url(url), autocommit=True) as keeper,
            contextlib.suppress(psycopg.errors.InsufficientPrivilege),  # It is then thrown away after one test.
        ):
            keeper.execute(MARKS)
        return Lent(url)

    def take_back(self, lent: Lent) -> None:
        """Put it back as it was; what cannot be, or is one too many, is thrown away."""
        with contextlib.suppress(psycopg.Error, SQLAlchemyError):
            lent.park()
            if len(self._free) < MOST_FREE and lent.clear():
                self._free.append(lent)
                return
        lent.close()
        self._drop(lent.url)

    def close(self) -> None:
        for lent in self._free:
            lent.close()
            self._drop(lent.url)
        self._free.clear()
