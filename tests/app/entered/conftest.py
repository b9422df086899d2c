"""The usual world, which knows the form that brought orders are written in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.marketplaces.standard import Standard
from tests.factories import World


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    made = make_world()
    made.hub.vendors["standard"] = Standard
    return made
