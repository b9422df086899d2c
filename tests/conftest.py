"""The one PostgreSQL of a test run and fresh migrated databases on it; fixtures of a room live beside its tests."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from oms.config import plain_url, sqlalchemy_url
from oms.embedded import EmbeddedPostgres
from oms.migrating import bring_up_to_date
from tests.scratch import make_folder
from tests.shelf import Shelf


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run the longer proofs marked full, too")


def pytest_configure(config: pytest.Config) -> None:
    """Generated tests draw the same examples in every ordinary run, and new ones with --full; none is timed."""
    slow = [HealthCheck.too_slow]
    settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=slow)
    settings.register_profile("new", deadline=None, suppress_health_check=slow)
    settings.load_profile("new" if config.getoption("--full") else "same")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Failing(config), "failing at once")


class _Failing:
    """Names what fails as it happens, so that a log that is cut tells it, too."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None:
            crash = getattr(report.longrepr, "reprcrash", None)
            words = str(crash.message).partition("\n")[0][:200] if crash else ""
            terminal.write_line("")
            terminal.write_line(f"FAILED ({report.when}) {report.nodeid} {words}".rstrip(), red=True)


#: Files that take longest; they come first, so that no process is left alone with one at the end.
LONGEST = (
    "api/test_description.py", "app/test_concurrency.py", "api/standard/test_standard_description.py",
    "app/test_changes_wherever.py", "app/test_convergence.py", "console/test_addresses.py", "bench/test_pipeline.py",
    "app/test_explaining_random.py", "app/test_detectors_at_work.py", "console/test_languages.py",
)  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what uses a database, begin with what takes long, and leave the longer proofs for --full or a -m."""
    for item in items:
        if "postgres_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))
    longer = [item for item in items if item.get_closest_marker("full")]
    if config.getoption("--full") or "full" in config.getoption("markexpr"):
        longest = {item.path for item in longer}
        items.sort(key=lambda item: item.path not in longest)
        return
    if longer:
        items[:] = [item for item in items if not item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=longer)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a server on which this run may create databases.

    OMS_TEST_DATABASE_URL names one that runs already; otherwise one embedded server of version
    OMS_TEST_POSTGRES (18 or 16) serves the whole run, and dies with it however it ends.
    """
    given = os.environ.get("OMS_TEST_DATABASE_URL")
    if given:
        yield sqlalchemy_url(given)
        return
    folder = make_folder()
    version = int(os.environ.get("OMS_TEST_POSTGRES", "18"))
    server = EmbeddedPostgres(folder, version, shared_buffers_mb=64, durable=False, throw_away=True)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def make_database(postgres_server: str) -> Iterator[Callable[[], str]]:
    """A function that makes a fresh, migrated database and returns its address; its module's end is its own."""
    prefix = f"oms_test_{secrets.token_hex(4)}"
    template = f"{prefix}_template"
    numbers = itertools.count(1)

    def make() -> str:
        number = next(numbers)
        if number == 1:
            _create_database(postgres_server, template, template="template1")
            bring_up_to_date(_named(postgres_server, template))
            _forget_roles(postgres_server, template)
        name = f"{prefix}_{number}"
        _create_database(postgres_server, name, template=template)
        _MADE.append((postgres_server, name))
        return _named(postgres_server, name)

    yield make
    _drop_made()
    _drop_database(postgres_server, template)


@pytest.fixture(scope="session")
def shelf(postgres_server: str, make_database: Callable[[], str]) -> Iterator[Shelf]:
    """Lends databases that outlive their module."""

    def make() -> str:
        url = make_database()
        _MADE.pop()
        return url

    shelf = Shelf(make, lambda url: _drop_database(postgres_server, url.rpartition("/")[2].partition("?")[0]))
    yield shelf
    shelf.close()


#: Databases of the module that runs; hundreds of them would fill a small disk.
_MADE: list[tuple[str, str]] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Drop a module's databases once its fixtures are gone."""
    yield
    if nextitem is not None and nextitem.path != item.path:
        _drop_made()


def _drop_made() -> None:
    while _MADE:
        _drop_database(*_MADE.pop())


@pytest.fixture(scope="module")
def database_url(make_database: Callable[[], str]) -> str:
    """The SQLAlchemy address of a fresh, migrated database that the tests of one module share."""
    return make_database()


@pytest.fixture
def own_database_url(make_database: Callable[[], str]) -> str:
    """The same for a single test that must not see its neighbours' rows (about 0.1 s each)."""
    return make_database()


def _named(server_url: str, name: str) -> str:
    base, _, tail = server_url.rpartition("/")
    _, mark, options = tail.partition("?")
    return f"{base}/{name}{mark}{options}"


def _create_database(server_url: str, name: str, *, template: str) -> None:
    statement = sql.SQL("create database {} template {} strategy file_copy")
    with psycopg.connect(plain_url(server_url), autocommit=True) as connection:
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def _forget_roles(server_url: str, name: str) -> None:
    """Tests say themselves who may do what; the roles of the program come with the first of its accounts."""
    with psycopg.connect(plain_url(_named(server_url, name)), autocommit=True) as connection:
        connection.execute("delete from role")


def _drop_database(server_url: str, name: str) -> None:
    with psycopg.connect(plain_url(server_url), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
