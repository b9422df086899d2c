"""docs/sandbox.md names what exists: kinds, verbs, faults, damage, settings and methods."""

from pathlib import Path

import pytest

from connectors.sandbox.kit import KINDS as FAULTS
from connectors.sandbox.taobao.actions import VERBS
from connectors.sandbox.taobao.gateway import METHODS
from connectors.sandbox.taobao.market import DEFAULTS
from connectors.sandbox.taobao.spoil import SPOILERS
from connectors.sandbox.traffic import KINDS

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text("utf-8")
NOT_FOR_PEOPLE = {"touch"}


@pytest.mark.parametrize("word", sorted({*FAULTS, *KINDS, *SPOILERS, *VERBS} - NOT_FOR_PEOPLE))
def test_the_page_names_every_fault_kind_and_verb(word: str) -> None:
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize(("name", "default"), DEFAULTS.items())
def test_the_page_names_every_delay_with_its_default(name: str, default: float) -> None:
    assert f"`{name}` {default:.0f}" in PAGE


@pytest.mark.parametrize("method", METHODS)
def test_the_page_names_every_method(method: str) -> None:
    assert f"`{method.removeprefix('taobao.')}`" in PAGE
