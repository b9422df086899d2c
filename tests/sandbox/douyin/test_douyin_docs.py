"""docs/sandbox/douyin.md names what exists: calls, kinds, verbs, damage and delays."""

from pathlib import Path

import pytest

from connectors.sandbox.douyin.gateway import METHODS, TOKEN_METHODS
from connectors.sandbox.douyin.kinds import KINDS
from connectors.sandbox.douyin.shop import DELAYS
from connectors.sandbox.douyin.spoil import SPOILERS
from connectors.sandbox.douyin.verbs import OWN

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox" / "douyin.md").read_text("utf-8")


@pytest.mark.parametrize("word", sorted({*METHODS, *TOKEN_METHODS, *KINDS, *SPOILERS, *OWN, *DELAYS}))
def test_the_page_names_every_call_kind_verb_and_delay(word: str) -> None:
    assert f"`{word}`" in PAGE
