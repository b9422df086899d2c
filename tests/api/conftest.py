"""The API with two shops, and clients that bring a key; for those who need goods and orders, over a world with stock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from oms.app.kernel.api_keys import make_key
from oms.app.kernel.hub import Hub
from oms.console.permissions import PERMISSIONS
from tests.api.rows import a_shop
from tests.factories import World, a_world
from tests.web_kit import a_hub, an_app


@dataclass(frozen=True)
class Caller:
    """A client with a key; addresses are under /api/v1."""

    browser: FlaskClient
    key: str

    def ask(self, method: str, address: str, **given: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}"} | given.pop("headers", {})
        return self.browser.open(f"/api/v1{address}", method=method, headers=headers, **given)

    def get(self, address: str, **given: Any) -> TestResponse:
        return self.ask("GET", address, **given)

    def post(self, address: str, **given: Any) -> TestResponse:
        return self.ask("POST", address, **given)


MakeCaller = Callable[..., Caller]


@pytest.fixture(scope="module")
def hub(database_url: str) -> Iterator[Hub]:
    hub = a_hub(database_url)
    yield hub
    hub.engine.dispose()


@pytest.fixture(scope="module")
def app(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_app(hub, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def shops(hub: Hub) -> tuple[int, int]:
    with hub.begin() as connection:
        return a_shop(connection, "one"), a_shop(connection, "two")


@pytest.fixture(scope="module")
def make_caller(hub: Hub, app: Flask) -> MakeCaller:
    def make(*permissions: str, shop_ids: list[int] | None = None) -> Caller:
        with hub.begin() as connection:
            _, key = make_key(connection, "test", permissions or PERMISSIONS.keys(), shop_ids)
        return Caller(app.test_client(), key)

    return make


@pytest.fixture(scope="module")
def caller(make_caller: MakeCaller) -> Caller:
    """May do everything everywhere."""
    return make_caller()


@pytest.fixture(scope="module")
def world(database_url: str) -> Iterator[World]:
    """Goods in stock, for modules whose orders go all the way."""
    world = a_world(database_url)
    yield world
    world.hub.engine.dispose()


@pytest.fixture(scope="module")
def ask(world: World, tmp_path_factory: pytest.TempPathFactory) -> MakeCaller:
    """Makes callers of that world's API, who may do only what is named."""
    app = an_app(world.hub, tmp_path_factory.mktemp("home"))

    def make(*permissions: str, shop_ids: list[int] | None = None) -> Caller:
        with world.hub.begin() as connection:
            _, key = make_key(connection, "test", permissions, shop_ids)
        return Caller(app.test_client(), key)

    return make
