"""The stage Vendure's tests play on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.marketplaces.vendure.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A store with an API key whose platform answers what the test queues."""
    with Stage() as stage:
        yield stage
