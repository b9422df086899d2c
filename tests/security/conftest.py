"""An application with an administrator, and fresh browsers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from oms.app.kernel.hub import Hub
from oms.console.sign_in import ensure_user
from tests.web_kit import PASSWORD, a_hub, an_app

ADMIN = "boss@example.com"


@pytest.fixture(scope="module")
def hub(database_url: str) -> Iterator[Hub]:
    hub = a_hub(database_url)
    ensure_user(hub, ADMIN, PASSWORD, "admin", "Boss")
    yield hub
    hub.engine.dispose()


@pytest.fixture(scope="module")
def app(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_app(hub, tmp_path_factory.mktemp("home"))


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """Nobody is signed in yet."""
    return app.test_client()
