"""A world on a database of its own for every test that asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.app.invariants import check_invariants
from tests.factories import World, a_world


@pytest.fixture
def make_world(make_database: Callable[[], str]) -> Iterator[Callable[..., World]]:
    """Makes worlds; when the test is over, what the database promises is checked in each."""
    made: list[World] = []

    def make(**changes: Any) -> World:
        world = a_world(make_database(), **changes)
        made.append(world)
        return world

    yield make
    for world in made:
        check_invariants(world)
        world.hub.engine.dispose()


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """The usual world: no merge window, a hundred of everything at both points."""
    return make_world()
