"""The Taobao twin in-process and a caller of its gateway."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.taobao.twin import TaobaoTwin

from .caller import Caller


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[TaobaoTwin]:
    twin = TaobaoTwin(TwinOptions(tmp_path, seed=7))
    yield twin
    twin.close()


@pytest.fixture
def shop(twin: TaobaoTwin) -> Caller:
    return Caller(twin)
