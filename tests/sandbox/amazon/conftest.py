"""A twin on a folder of its own; its lists reach up to now unless a test sets the lag."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.amazon.twin import AmazonTwin
from connectors.sandbox.kit import TwinOptions
from tests.sandbox.amazon.caller import Caller

MakeCaller = Callable[..., Caller]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[MakeCaller]:
    """Starts a twin with settings, on the same folder each time."""
    started: list[AmazonTwin] = []

    def begin(**settings: Any) -> Caller:
        twin = AmazonTwin(TwinOptions(tmp_path, settings={"end_lag": -60, **settings}))
        started.append(twin)
        return Caller(twin)

    yield begin
    for twin in started:
        twin.close()


@pytest.fixture
def shop(start: MakeCaller) -> Caller:
    return start()
