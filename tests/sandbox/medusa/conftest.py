"""The Medusa twin in-process, with changed settings on demand, and a caller of its API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.medusa.twin import MedusaTwin

from .caller import SEED, Caller, Hub, listening


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Caller]]:
    """Start a twin with changed settings; starting again in the same test opens the same storage."""
    running: list[MedusaTwin] = []

    def start(**settings: Any) -> Caller:
        for twin in running:
            twin.close()
        running[:] = [MedusaTwin(TwinOptions(tmp_path, SEED, 1.0, settings))]
        return Caller(running[0])

    yield start
    for twin in running:
        twin.close()


@pytest.fixture
def store(start: Callable[..., Caller]) -> Caller:
    return start()


@pytest.fixture
def hub() -> Iterator[Hub]:
    with listening() as hub:
        yield hub
