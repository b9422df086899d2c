"""The Suning twin in-process and a caller of its gateway."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.suning.twin import SuningTwin

from .caller import Caller

MakeCaller = Callable[..., Caller]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[MakeCaller]:
    """Starts a twin with settings, on the same folder each time."""
    twins: list[SuningTwin] = []

    def make(**settings: Any) -> Caller:
        twins.append(SuningTwin(TwinOptions(tmp_path, seed=7, settings=settings)))
        return Caller(twins[-1])

    yield make
    for twin in twins:
        twin.close()


@pytest.fixture
def shop(start: MakeCaller) -> Caller:
    return start()
