"""The stage Saleor's tests play on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.marketplaces.saleor.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A shop with a token whose platform answers what the test queues."""
    with Stage() as stage:
        yield stage
