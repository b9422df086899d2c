"""Brings a database to the newest schema, makes partitions ahead of time, and tells whether it is behind."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from oms.db.session import make_engine, server_version
from oms.domain.errors import ConfigError

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
OLDEST_SERVER = 16
MONTHS_AHEAD = 3
LOG = structlog.get_logger("migrate")


def alembic_config(url: str) -> Config:
    """Alembic's configuration without a file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the schema of a database to a revision and make the partitions it will need."""
    engine = make_engine(url, name="oms migrate")
    try:
        check_server(engine)
        command.upgrade(alembic_config(url), revision)
        with engine.begin() as connection:
            ensure_partitions(connection, datetime.now(UTC).date())
    finally:
        engine.dispose()


def check_server(engine: Engine) -> None:
    """ConfigError when the server is too old."""
    version = server_version(engine)
    if version < OLDEST_SERVER:
        raise ConfigError(
            f"PostgreSQL {version} is too old",
            f"use PostgreSQL {OLDEST_SERVER} or newer, or unset DATABASE_URL for the embedded one",
        )


def is_behind(engine: Engine) -> bool:
    """Whether migrations are waiting."""
    head = ScriptDirectory.from_config(alembic_config("")).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() != head


def next_month(month: date, count: int = 1) -> date:
    """The first day `count` months after a month's first day."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def ensure_partitions(connection: Connection, today: date, *, back: int = 1, ahead: int = MONTHS_AHEAD) -> list[str]:
    """Make the monthly partitions around today; answers the names of the new ones.

    Rows outside go to each table's default partition, so that none is ever refused; they move when their month
    gets its own. A partition that cannot be made is reported and tried again the next time, without hindering others.
    """
    made = []
    parents = connection.execute(
        text("select relname from pg_class where relkind = 'p' and relnamespace = current_schema()::regnamespace")
    ).scalars()
    for parent in list(parents):
        for offset in range(-back, ahead + 1):
            first = next_month(today.replace(day=1), offset)
            name = f"{parent}_{first:%Y%m}"
            if connection.execute(text("select to_regclass(:name)"), {"name": name}).scalar() is None:
                try:
                    with connection.begin_nested():
                        _make_partition(connection, parent, name, first)
                    made.append(name)
                except DBAPIError as error:
                    LOG.error("partition not made", partition=name, error=type(error.orig).__name__)
    return made


def _make_partition(connection: Connection, parent: str, name: str, first: date) -> None:
    """Make one month's partition with the rows of its month that the default partition holds."""
    default = connection.execute(
        text("select partdefid::regclass::text from pg_partitioned_table where partrelid = cast(:name as regclass)"),
        {"name": parent},
    ).scalar_one()
    within = f"month >= '{first}' and month < '{next_month(first)}'"
    bounds = f"for values from ('{first}') to ('{next_month(first)}')"
    if default == "-" or not connection.execute(text(f"select exists (select from {default} where {within})")).scalar():
        connection.execute(text(f"create table {name} partition of {parent} {bounds}"))
        return
    connection.execute(text(f"lock table {parent} in access exclusive mode"))
    connection.execute(text(f"create table {name} (like {parent} including all)"))
    connection.execute(
        text(f"with moved as (delete from {default} where {within} returning *) insert into {name} select * from moved")
    )
    connection.execute(text(f"alter table {parent} attach partition {name} {bounds}"))
