"""The push document whose signature is known, byte for byte."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def push_param() -> str:
    """The raw param text of a push, without a final newline."""
    return (Path(__file__).parent / "push_param.json").read_text(encoding="utf-8").strip()
