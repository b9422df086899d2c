"""Who leaves with whom on a stream with known pairs: all that may, nobody else, in whatever order they arrive."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms.app.pipeline.advance import advance_batch
from oms.app.pipeline.merging.pump import merge_batch
from tests.app.invariants import check_invariants
from tests.app.merge_stream import a_stream, groups_of, pairs_of, take_all, true_pairs
from tests.factories import World, a_world, advance, drain

WINDOW = 600
RUNS = count(1)


@pytest.fixture(scope="module")
def roomy(make_database: Callable[[], str]) -> Iterator[World]:
    """A shop with a window and goods for everybody."""
    world = a_world(make_database(), stock=1_000_000, window=WINDOW)
    yield world
    check_invariants(world)
    world.hub.engine.dispose()


def joined(world: World, prefix: str) -> set[frozenset[str]]:
    """The groups when the window has ended."""
    advance(world)
    world.clock.forward(WINDOW + 1)
    drain(merge_batch, world)
    return groups_of(world, prefix)


def test_all_known_pairs_leave_together_and_nobody_else(roomy: World) -> None:
    prefix = f"r{next(RUNS)}-"
    documents, truth = a_stream(7, 90, prefix)
    take_all(roomy, documents)
    found = pairs_of([sorted(group) for group in joined(roomy, prefix)])
    known = {frozenset(no.removeprefix(prefix) for no in pair) for pair in true_pairs(truth)}
    assert len(known) > 60
    assert found - known == set(), "joined though they may not"
    assert len(found & known) >= 0.995 * len(known)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3), st.randoms(use_true_random=False), st.integers(2, 5))
def test_the_groups_are_the_same_in_any_order_of_arrival(
    roomy: World, seed: int, chance: random.Random, cap: int
) -> None:
    roomy.run("update shop set merge_cap = :cap", cap=cap)
    found: list[set[frozenset[str]]] = []
    for size in (3, 500):
        prefix = f"r{next(RUNS)}-"
        documents, _ = a_stream(seed, 8, prefix)
        if found:
            chance.shuffle(documents)
        take_all(roomy, documents, size)
        found.append(joined(roomy, prefix))
    roomy.run("update shop set merge_cap = 20")
    assert found[0] == found[1]


@pytest.mark.full
def test_fifty_thousand_waiting_orders_are_all_considered(make_database: Callable[[], str]) -> None:
    world = a_world(make_database(), stock=10_000_000, window=86_400)
    documents, truth = a_stream(11, 20_000)
    take_all(world, documents)
    drain(advance_batch, world, 1000)
    waiting = world.one("select count(*) from fulfilment where status = 'planned' and merge_key is not null")
    assert waiting == len(documents) > 49_000
    world.clock.forward(86_401)
    begun = time.monotonic()
    drain(merge_batch, world, 1000)
    took = time.monotonic() - begun
    known = true_pairs(truth)
    found = pairs_of([sorted(group) for group in groups_of(world)])
    assert found <= known
    assert len(found) >= 0.995 * len(known)
    check_invariants(world)
    world.hub.engine.dispose()
    print(f"{len(documents)} orders, {len(found)} of {len(known)} pairs, joined in {took:.0f} s")
