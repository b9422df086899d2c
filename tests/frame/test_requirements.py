"""The page of requirements names every row once, and only files and tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "requirements.md"
#: How many rows each part has; F, G and H are one row each.
PARTS = {"A": 15, "B": 20, "C": 3, "D": 7, "E": 4}
ROWS = [f"{part}{number}" for part, count in PARTS.items() for number in range(1, count + 1)] + ["F", "G", "H"]
NAMED = re.compile(r"`([^`]+)`")


class Row(NamedTuple):
    """A line of the page's tables."""

    name: str
    asked: str
    state: str
    words: str
    where: tuple[str, ...]
    shown: tuple[str, ...]


def rows() -> list[Row]:
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and re.fullmatch(r"[A-H]\d*", cells[0]):
            name, asked, state, words, where, shown = cells
            found.append(Row(name, asked, state, words, tuple(NAMED.findall(where)), tuple(NAMED.findall(shown))))
    return found


@cache
def functions_in(path: Path) -> frozenset[str]:
    """Names of test functions and methods in a file."""
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def is_there(test: str) -> bool:
    """Whether `path::name` exists."""
    place, _, name = test.partition("::")
    path = ROOT / place
    return name.startswith("test_") and path.is_file() and name in functions_in(path)


def test_every_row_is_told_once_and_in_order() -> None:
    assert [row.name for row in rows()] == ROWS


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_a_row_names_what_it_claims(row: Row) -> None:
    assert row.state in ("built", "in part", "planned")
    assert row.asked
    assert bool(row.where) == bool(row.shown) == (row.state != "planned"), "claims need files and tests, plans have none"
    assert row.words or row.state == "planned"


def test_every_file_named_exists() -> None:
    assert [f"{row.name}: {place}" for row in rows() for place in row.where if not (ROOT / place).exists()] == []


def test_every_test_named_exists() -> None:
    assert [f"{row.name}: {test}" for row in rows() for test in row.shown if not is_there(test)] == []


@pytest.mark.parametrize(
    "test",
    ["tests/frame/test_requirements.py::test_nothing_of_the_kind", "tests/frame/gone.py::test_x",
     "tests/frame/test_requirements.py", "tests/frame/test_requirements.py::rows"],
)  # fmt: skip
def test_a_test_that_does_not_exist_is_noticed(test: str) -> None:
    assert not is_there(test)
