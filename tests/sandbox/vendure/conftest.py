"""A Vendure twin and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.vendure.twin import VendureTwin
from tests.sandbox.vendure.caller import Caller


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[VendureTwin]:
    twin = VendureTwin(TwinOptions(tmp_path))
    yield twin
    twin.close()


@pytest.fixture
def shop(twin: VendureTwin) -> Caller:
    return Caller(twin)
