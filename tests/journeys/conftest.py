"""Every journey is taken by each marketplace of the table, on a platform of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.stage import Stage, staged
from tests.journeys.travellers import TRAVELLERS, Traveller


@pytest.fixture(params=TRAVELLERS, ids=lambda traveller: traveller.vendor)
def traveller(request: pytest.FixtureRequest) -> Traveller:
    found: Traveller = request.param
    return found


@pytest.fixture
def stage(traveller: Traveller, tmp_path: Path) -> Iterator[Stage]:
    with staged(traveller, tmp_path) as found:
        yield found
