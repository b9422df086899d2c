"""The gateway as the Qimen tests see it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses


@pytest.fixture
def wms() -> Iterator[responses.RequestsMock]:
    """The warehouse's gateway."""
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock
