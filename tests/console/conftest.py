"""A console on a real database with a small world in it, and people to look at it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from oms.app.kernel.hub import Hub
from oms.console import register_console
from oms.console.permissions import PERMISSIONS
from oms.console.security import Person
from oms.db.people import User
from oms.db.session import make_engine
from tests.console import factories


@pytest.fixture(scope="module")
def hub(database_url: str) -> Iterator[Hub]:
    """A hub whose clock stands still."""
    engine = make_engine(database_url, name="console tests", pool_size=2, lock_timeout_ms=200)
    yield Hub(engine, factories.a_key_ring(), {}, clock=lambda: factories.NOW)
    engine.dispose()


@pytest.fixture(scope="module")
def world(hub: Hub) -> factories.World:
    """Shops and goods."""
    with hub.begin() as connection:
        return factories.a_world(connection, hub.keys)


@pytest.fixture(scope="module")
def app(hub: Hub, world: factories.World) -> Flask:
    """The console alone."""
    made = Flask(__name__)
    made.config.update(SECRET_KEY="test", TESTING=True)
    register_console(made, hub)
    with hub.begin() as connection:
        id_ = factories.add(connection, User, email="qing@example.com", display_name="青禾", fs_uniquifier="qing")
    made.config["CONSOLE_PERSON"] = Person(id_, "青禾", permissions=frozenset(PERMISSIONS))
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser of a person who may do everything."""
    return app.test_client()


@pytest.fixture
def somebody(app: Flask) -> Iterator[Any]:
    """Puts somebody else at the console until the test is over."""
    before = app.config["CONSOLE_PERSON"]

    def become(**changes: Any) -> None:
        values = {"id": before.id, "display_name": "阿柚", "permissions": before.permissions} | changes
        app.config["CONSOLE_PERSON"] = Person(**values)

    yield become
    app.config["CONSOLE_PERSON"] = before
