"""A Saleor twin and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.saleor.twin import SaleorTwin
from tests.sandbox.saleor.caller import Caller


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[SaleorTwin]:
    twin = SaleorTwin(TwinOptions(tmp_path))
    yield twin
    twin.close()


@pytest.fixture
def shop(twin: SaleorTwin) -> Caller:
    return Caller(twin)


@pytest.fixture
def page(shop: Caller) -> Caller:
    """A shop with five orders."""
    shop.twin.create({"plain": 5})
    return shop
