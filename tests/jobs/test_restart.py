"""Worker processes outlive a restart of PostgreSQL."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from oms.embedded import EmbeddedPostgres
from oms.jobs import schema
from oms.jobs.poke import Poker
from tests.jobs.test_workers import workers_registered
from tests.jobs.toy import TABLES, a_process, add_items, ask, connect, eventually, open_items


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A server of this test alone, since it is stopped in the middle."""
    folder = Path(tempfile.mkdtemp(prefix="oms-restart-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder, shared_buffers_mb=16, durable=False)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.database
def test_a_worker_takes_signals_again_after_postgresql_restarts(server: EmbeddedPostgres) -> None:
    url = server.start()
    schema.apply(url)
    with connect(url) as connection:
        connection.execute(TABLES)
    poker = Poker(url)
    with a_process("worker", url) as process:
        eventually(lambda: workers_registered(url) == 1, "the worker is up")
        before = newest_worker(url)
        server.stop()
        assert server.start() == url
        eventually(lambda: newest_worker(url) > before, "the worker has come back", within_s=60)
        add_items(url, 5)
        poker("toy")
        eventually(lambda: open_items(url) == 0, "the rows are done without a sweep")
        assert process.poll() is None
    poker.close()


@pytest.mark.database
def test_a_worker_without_a_database_still_ends_when_told(server: EmbeddedPostgres) -> None:
    url = server.start()
    schema.apply(url)
    with a_process("worker", url, sweep_s=0.1) as process:
        eventually(lambda: workers_registered(url) == 1, "the worker is up")
        server.stop()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0


def newest_worker(url: str) -> int:
    return int(ask(url, "select coalesce(max(id), 0) from procrastinate.procrastinate_workers"))
