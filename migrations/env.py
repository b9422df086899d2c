"""Runs migrations: one at a time by advisory lock, never waiting long for a lock of the running hub."""

from alembic import context
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.base import ischema_names

from oms.db.capture import Xid8
from oms.db.session import make_engine
from oms.db.tables import METADATA

ischema_names["xid8"] = Xid8
LOCK = 7_146_001


def include(obj: object, name: str | None, kind: str, reflected: bool, _against: object) -> bool:
    """Partitions belong to their parent; alembic must not see them as tables of their own."""
    return not (kind == "table" and reflected and name not in METADATA.tables)


def run() -> None:
    """Upgrade within one transaction per migration."""
    engine = make_engine(context.config.attributes["url"], name="oms migrate", lock_timeout_ms=5000)
    with engine.connect() as connection:
        connection.execute(text(f"select pg_advisory_lock({LOCK})"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            include_object=include,
            compare_server_default=False,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text(f"select pg_advisory_unlock({LOCK})"))
        connection.commit()
    engine.dispose()


run()
