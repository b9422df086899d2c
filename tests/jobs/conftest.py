"""A database with the hub's tables, procrastinate's and the toy's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oms.app.kernel.hub import Hub
from oms.jobs import schema
from tests.jobs.toy import TABLES, a_hub, connect


@pytest.fixture
def url(database_url: str) -> str:
    """The module's database, empty of toys and signals."""
    schema.apply(database_url)
    with connect(database_url) as connection:
        connection.execute(TABLES)
        connection.execute("truncate toy_item, toy_mark, lease")
        connection.execute("set search_path to procrastinate")
        connection.execute("delete from procrastinate_jobs")
        connection.execute("delete from procrastinate_workers")
    return database_url


@pytest.fixture
def hub(url: str) -> Iterator[Hub]:
    hub = a_hub(url)
    yield hub
    hub.engine.dispose()
