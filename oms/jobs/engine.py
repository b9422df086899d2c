"""The procrastinate application and the signals that travel through it; the work itself is in the rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from oms.config import plain_url
from oms.jobs.schema import SCHEMA

QUEUE = "pumps"
TASK = "pump"
#: Tells all workers that a signal was sent; the signal itself is for one of them.
SIGNALS = "oms_signals"
SIGNAL_OPTIONS = f"-c search_path={SCHEMA} -c timezone=UTC"

_WAITING = "select queueing_lock from procrastinate_jobs where status = 'todo' and queueing_lock = any(%s)"


def make_app(url: str, *, name: str = "oms worker signals", connections: int = 4) -> App:
    """An application that is not open yet; `connections` bounds its pool, one more listens."""
    connector = PsycopgConnector(
        conninfo=plain_url(url),
        min_size=1,
        max_size=connections,
        timeout=5.0,
        kwargs={"options": SIGNAL_OPTIONS, "application_name": name, "connect_timeout": 10},
    )
    return App(connector=connector)


def connect_for_signals(url: str) -> psycopg.Connection[Any]:
    """An autocommit connection for send_signals(): a signal never shares a transaction with the work it is about."""
    return psycopg.connect(
        plain_url(url),
        autocommit=True,
        options=SIGNAL_OPTIONS,
        application_name="oms poke",
        connect_timeout=5,
        keepalives_idle=10,
    )


def queueing_lock(name: str) -> str:
    """What keeps a second signal of the same pump from waiting beside the first."""
    return f"pump:{name}"


def send_signals(app: App, connection: psycopg.Connection[Any], names: Iterable[str]) -> int:
    """Make sure a signal waits for each pump; answers how many were sent.

    A signal seen waiting is enough: its pump starts after our look, so it sees everything committed before. To
    look first keeps the usual refusal from using up a transaction id.
    """
    wanted = {queueing_lock(name): name for name in names}
    waiting = {row[0] for row in connection.execute(_WAITING, (list(wanted),))}
    return sum(_send(app, connection, name) for lock, name in wanted.items() if lock not in waiting)


def _send(app: App, connection: psycopg.Connection[Any], name: str) -> bool:
    signal = app.configure_task(TASK, queue=QUEUE, queueing_lock=queueing_lock(name), connection=connection)
    try:
        with connection.transaction():
            signal.defer(name=name)
            connection.execute(f"notify {SIGNALS}")
    except AlreadyEnqueued:
        return False
    return True
