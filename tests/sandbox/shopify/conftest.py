"""A Shopify twin and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.shopify.twin import ShopifyTwin
from tests.sandbox.shopify.caller import Caller


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[ShopifyTwin]:
    twin = ShopifyTwin(TwinOptions(tmp_path))
    yield twin
    twin.close()


@pytest.fixture
def shop(twin: ShopifyTwin) -> Caller:
    return Caller(twin)
