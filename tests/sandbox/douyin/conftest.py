"""The Douyin twin in-process and a caller of its gateway."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.douyin.twin import DouyinTwin
from connectors.sandbox.kit import TwinOptions

from .caller import Caller


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[DouyinTwin]:
    twin = DouyinTwin(TwinOptions(tmp_path, seed=7))
    yield twin
    twin.close()


@pytest.fixture
def shop(twin: DouyinTwin) -> Caller:
    return Caller(twin)
