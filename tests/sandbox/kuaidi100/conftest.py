"""A kuaidi100 twin with a listening subscriber, driven by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.kuaidi100.twin import Kuaidi100Twin

from .harness import SETTINGS, Caller, Subscriber, listening


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    with listening(Subscriber()) as subscriber:
        yield subscriber


@pytest.fixture
def start(tmp_path: Path, subscriber: Subscriber) -> Iterator[Callable[..., Caller]]:
    """Start a twin with changed settings; starting again in the same test opens the same storage."""
    running: list[Kuaidi100Twin] = []

    def start(**changes: Any) -> Caller:
        for twin in running:
            twin.close()
        running[:] = [Kuaidi100Twin(TwinOptions(tmp_path, 7, 1.0, {**SETTINGS, **changes}))]
        return Caller(running[0], subscriber.url)

    yield start
    for twin in running:
        twin.close()


@pytest.fixture
def caller(start: Callable[..., Caller]) -> Caller:
    return start()
