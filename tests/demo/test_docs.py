"""docs/demo.md names every option and every number of the result."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oms.demo.books import COUNTS
from oms.demo.run import main
from oms.demo.setting_up import ADMIN, COLLEAGUES
from oms.demo.tampering import TAMPER

PAGE = (Path(__file__).parents[2] / "docs" / "demo.md").read_text("utf-8")


def test_every_option_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert {option for option in options if f"`{option}" not in PAGE} == set()
    assert {how for how in TAMPER if f"`{how}`" not in PAGE} == set()


def test_every_number_and_person_is_named() -> None:
    assert {name for name in COUNTS if name not in PAGE} == set()
    assert {email for email in (ADMIN, *[row[0] for row in COLLEAGUES]) if email not in PAGE} == set()
