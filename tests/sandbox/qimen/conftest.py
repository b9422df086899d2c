"""A Qimen twin with a listening hub, driven by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.qimen.twin import QimenTwin

from .harness import SETTINGS, Caller, Hub, listening


@pytest.fixture
def hub() -> Iterator[Hub]:
    with listening(Hub()) as hub:
        yield hub


@pytest.fixture
def start(tmp_path: Path, hub: Hub) -> Iterator[Callable[..., Caller]]:
    """Start a twin with changed settings; starting again in the same test opens the same storage."""
    running: list[QimenTwin] = []

    def start(**changes: Any) -> Caller:
        for twin in running:
            twin.close()
        running[:] = [QimenTwin(TwinOptions(tmp_path, 7, 1.0, {**SETTINGS, "callback_url": hub.url, **changes}))]
        return Caller(running[0])

    yield start
    for twin in running:
        twin.close()


@pytest.fixture
def caller(start: Callable[..., Caller]) -> Caller:
    return start()
