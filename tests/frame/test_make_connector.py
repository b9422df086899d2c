"""A connector that `oms make-connector` wrote works at once: it is found, clean and keeps the whole contract."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.contract.families import Marketplace
from oms import cli
from oms.making import NotMade, Wanted, families, make_connector
from tests.frame.test_house_rules import LONGEST_FILE, LONGEST_FUNCTION, ROOT, functions_of, is_banned

WANTED = Wanted("red_shop", "marketplace", "红店", "Red shop", "红")
#: The longest names there may be must not make a line too long or be wrapped in another way.
LONG = Wanted("an_extremely_long_on", "marketplace", "长" * 30, "L" * 30, "长")
FOUND = "from connectors import registry; print(*registry.all_vendors())"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """As much of the project as a connector needs, with two new ones in it."""
    root = tmp_path_factory.mktemp("project")
    vendors = shutil.ignore_patterns(
        "__pycache__", "sandbox", "marketplaces", "warehouses", "carriers", "geocoders", "notifiers"
    )
    for folder in ("connectors", "tests/connectors"):
        shutil.copytree(ROOT / folder, root / folder, ignore=vendors)
    for name in ("setup.cfg", "ruff.toml", "tests/__init__.py", "connectors/marketplaces/__init__.py",
                 "tests/connectors/marketplaces/__init__.py"):  # fmt: skip
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for wanted in (WANTED, LONG):
        make_connector(wanted, root)
    yield root
    shutil.rmtree(root)


def run(root: Path, *words: str) -> str:
    """What a command says in the copy; it must leave with 0."""
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run([sys.executable, *words], cwd=root, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_a_fresh_connector_is_found_by_its_folder(copy: Path) -> None:
    assert run(copy, "-c", FOUND).split() == [LONG.vendor, WANTED.vendor]


def test_a_fresh_connector_keeps_the_whole_contract(copy: Path) -> None:
    said = run(copy, "-m", "pytest", "-p", "no:cacheprovider", "tests/connectors/marketplaces")
    assert "100%" in said
    assert "skipped" not in said


@pytest.mark.parametrize("check", [("check", "--no-cache"), ("format", "--check", "--no-cache")])
def test_a_fresh_connector_is_clean(copy: Path, check: tuple[str, ...]) -> None:
    run(copy, "-m", "ruff", *check, "connectors/marketplaces", "tests/connectors/marketplaces")


def test_a_fresh_connector_is_typed(copy: Path) -> None:
    run(copy, "-m", "mypy", "--cache-dir", os.devnull, "-p", f"connectors.marketplaces.{WANTED.vendor}")


def test_a_fresh_connector_keeps_the_house_rules(copy: Path) -> None:
    files = [*copy.glob("connectors/marketplaces/*/*.py"), *copy.glob("tests/connectors/marketplaces/*/*.py")]
    assert len(files) > 20
    for path in files:
        assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE
        for function in functions_of(path):
            assert (function.end_lineno or 0) - function.lineno < LONGEST_FUNCTION
            assert not is_banned(function.name)
            is_told = function.name.startswith(("_", "test_")) or ast.get_docstring(function)
            # The suite's own overrides and a record's cursor say by their name what they are.
            assert is_told or function.name == "cursor", f"{path.name}: {function.name}"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"vendor": "Red"}, "cannot be a connector's name"),
        ({"vendor": "red-shop"}, "cannot be a connector's name"),
        ({"vendor": "../red"}, "cannot be a connector's name"),
        ({"vendor": "class"}, "cannot be a connector's name"),
        ({"vendor": "a" * 21}, "cannot be a connector's name"),
        ({"vendor": "manifest"}, "means something else"),
        ({"vendor": "shop_data"}, "means something else"),
        ({"label_en": 'Red "shop"'}, "cannot be a label"),
        ({"label_zh": "红\n店"}, "cannot be a label"),
        ({"label_zh": ""}, "cannot be a label"),
        ({"mark": "红店"}, "not one character"),
        ({"family": "warehouse"}, "nothing to make"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_written(tmp_path: Path, wrong: dict[str, str], words: str) -> None:
    (tmp_path / "connectors").mkdir()
    (tmp_path / "tests" / "connectors").mkdir(parents=True)
    with pytest.raises(NotMade, match=words) as refused:
        make_connector(replace(WANTED, **wrong), tmp_path)
    assert refused.value.remedy
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("place", ["connectors/warehouses", "tests/connectors/marketplaces"])
def test_a_name_that_exists_in_any_family_is_refused(tmp_path: Path, place: str) -> None:
    for folder in ("connectors", "tests/connectors", f"{place}/{WANTED.vendor}"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    with pytest.raises(NotMade, match=f"a folder {place}/red_shop already"):
        make_connector(WANTED, tmp_path)


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotMade, match="has no connectors nor tests/connectors"):
        make_connector(WANTED, tmp_path)


def test_the_command_writes_and_says_how_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tests" / "connectors").mkdir(parents=True)
    (tmp_path / "connectors").mkdir()
    words = ["make-connector", "red_shop", "--family", "marketplace", "--label-zh", "红店", "--label-en", "Red shop"]
    with pytest.raises(SystemExit) as ended:
        cli.main([*words, "--mark", "红", "--into", str(tmp_path)])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert "docs/adding-a-connector.md" in said
    written = [line.removeprefix("Written: ") for line in said.splitlines() if line.startswith("Written: ")]
    assert "connectors/marketplaces/red_shop/orders.py" in written
    assert sorted(written) == sorted(
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    )


def test_the_command_refuses_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["make-connector", "taobao", "--label-zh", "淘", "--label-en", "Taobao", "--mark", "淘"]
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    assert "There is a folder connectors/marketplaces/taobao already. Take another name" in capsys.readouterr().err


def test_marketplaces_can_be_made() -> None:
    assert "marketplace" in families()


PAGE = ROOT / "docs" / "adding-a-connector.md"
#: The files that are written, of which the page tells by their bare names.
OWN_FILES = {path.name.removesuffix(".j2") for path in (ROOT / "oms" / "making").rglob("*.j2")}


def test_the_page_is_one_page_and_linked() -> None:
    assert len(PAGE.read_text("utf-8").splitlines()) <= 120
    assert "docs/adding-a-connector.md" in (ROOT / "README.md").read_text("utf-8")
    assert "adding-a-connector.md" in (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_the_page_names_files_and_methods_that_are_there() -> None:
    quoted = re.findall(r"`([^`]+)`", PAGE.read_text("utf-8"))
    paths = [name for name in quoted if re.fullmatch(r"[\w.]+(?:/[\w.-]+)+/?", name) and name != "orders/list"]
    assert len(paths) > 5
    assert [name for name in paths if not (ROOT / name).exists()] == []
    assert {"client.py", "papers.py", "lists.py"} <= OWN_FILES
    promised = re.search(r"## What each method promises\n(.*?)\n## ", PAGE.read_text("utf-8"), re.S)
    assert promised is not None
    methods = re.findall(r"^- \*\*`(\w+)`", promised.group(1), re.M)
    assert len(methods) >= 4
    assert [name for name in methods if not hasattr(Marketplace, name)] == []
