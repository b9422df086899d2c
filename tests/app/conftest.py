"""A world on a database of its own for every test that asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.app.invariants import check_invariants
from tests.factories import World, a_world
from tests.shelf import Lent, Shelf


@pytest.fixture
def make_world(shelf: Shelf) -> Iterator[Callable[..., World]]:
    """Makes worlds; when the test is over, what the database promises is checked in each."""
    made: list[tuple[World, Lent]] = []

    def make(**changes: Any) -> World:
        lent = shelf.lend()
        world = a_world(lent.url, engine=lent.open(), **changes)
        made.append((world, lent))
        return world

    yield make
    try:
        for world, _ in made:
            check_invariants(world)
    finally:
        for _, lent in made:
            shelf.take_back(lent)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """The usual world: no merge window, a hundred of everything at both points."""
    return make_world()
