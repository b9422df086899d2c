"""A world of its own for each module of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.api.standard.kit import Partner, a_partner, a_standard_world, an_api
from tests.factories import World


@pytest.fixture(scope="module")
def world(database_url: str) -> Iterator[World]:
    world = a_standard_world(database_url)
    yield world
    world.hub.engine.dispose()


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_api(world, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def partner(world: World, app: Flask) -> Partner:
    return a_partner(world, app)
