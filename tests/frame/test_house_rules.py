"""House rules a machine can keep: sizes, names, one writer of statuses, tests beside vendors, no foreign paths."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("oms", "connectors", "rules", "bench", "migrations")
LONGEST_FILE = 350
LONGEST_FUNCTION = 50
BANNED_WORDS = frozenset(
    {"manager", "managers", "helper", "helpers", "util", "utils", "common", "misc"}
    | {"handler", "handlers", "data", "info", "infos"}
)
BANNED_FIRST_WORDS = frozenset({"do", "process"})
#: Names that a library calls and that we may not choose; each with its reason.
NOT_OURS = {
    "do_GET": "http.server calls the method of a request by this name",
    "do_POST": "http.server calls the method of a request by this name",
    "do_PUT": "http.server calls the method of a request by this name",
}
#: Folders whose sizes do not count: alembic writes one long function from the tables, and it is never edited again.
GENERATED = ("migrations/versions/",)
#: Terms of art that hold a banned word; each with its reason.
TERMS = {("data", "key"): "envelope encryption calls the key of one document so"}
ONE_WRITER = "oms/app/kernel/transition.py"
ONE_HTTP = "connectors/contract/http.py"
FAMILIES = ("marketplaces", "warehouses", "carriers", "payments", "notifiers", "invoicing", "desks", "ledgers",
            "geocoders")  # fmt: skip
FOREIGN_FOLDERS = frozenset({"node_modules", "var", "build", "dist", "vendor", "__pycache__"})
TEXT_ENDINGS = frozenset(
    {".py", ".md", ".cfg", ".toml", ".json", ".html", ".css", ".js", ".po", ".mako", ".sql", ".xml", ".csv", ""}
)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:root|Users|home/[a-z]\w*|work/(?:main|shared))/|(?<!\w)[A-Z]:\\\\?Users")


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def all_python() -> list[Path]:
    return python_files(*PRODUCT, "tests")


def written_by_hand() -> list[Path]:
    return [path for path in all_python() if not name_of(path).startswith(GENERATED)]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def words_of(name: str) -> list[str]:
    """The words of snake_case and CamelCase names: `HTTPServerPort` has three, `metadata` is one."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]", name)
    return [part.lower() for part in parts]


def without_terms(words: list[str]) -> list[str]:
    pairs = list(zip(words, [*words[1:], ""], strict=True))
    inside = {index for index, pair in enumerate(pairs) if pair in TERMS}
    return [word for index, word in enumerate(words) if not {index, index - 1} & inside]


def is_banned(name: str) -> bool:
    """Tests are named by whole sentences, in which any word may stand."""
    if name.startswith("test_"):
        return False
    words = without_terms(words_of(name))
    begins_badly = len(words) > 1 and words[0] in BANNED_FIRST_WORDS
    return name not in NOT_OURS and (begins_badly or not BANNED_WORDS.isdisjoint(words))


def test_files_are_short() -> None:
    sizes = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in written_by_hand()}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    long = {
        f"{name_of(path)}:{function.lineno} {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path in written_by_hand()
        for function in functions_of(path)
    }
    assert {name: size for name, size in long.items() if size > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize(
    ("name", "banned"),
    [
        ("OrderManager", True),
        ("http_util", True),
        ("data", True),
        ("process_order", True),
        ("do_it", True),
        ("HTTPHandler", True),
        ("metadata", False),
        ("open_data_key", False),
        ("DataKey", False),
        ("data_keys_info", True),
        ("database_url", False),
        ("information_schema", False),
        ("undo_merge", False),
        ("process", False),
        ("in_process", False),
        ("do_GET", False),
    ],
)
def test_names_are_split_into_words(name: str, banned: bool) -> None:
    assert is_banned(name) is banned


def test_names_say_what_things_are() -> None:
    modules = [(name_of(path), path.parent.name if path.stem == "__init__" else path.stem) for path in all_python()]
    definitions = [
        (f"{name_of(path)}:{node.lineno}", node.name)
        for path in all_python()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    assert [f"{place} {name}" for place, name in modules + definitions if is_banned(name)] == []


def test_only_the_transition_module_writes_a_status() -> None:
    writers = [
        f"{name_of(path)}:{target.lineno}"
        for path in python_files("oms")
        if name_of(path) != ONE_WRITER
        for node in ast.walk(tree_of(path))
        for target in assigned_attributes(node)
        if target.attr == "status"
    ]
    assert writers == []


def assigned_attributes(node: ast.AST) -> Iterator[ast.Attribute]:
    """The attributes that a statement assigns to, also inside tuples, or sets by `setattr` with a constant name."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.For):
        targets = [node.target]
    for target in targets:
        parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        yield from (part for part in parts if isinstance(part, ast.Attribute))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
        name = node.args[1] if len(node.args) > 1 else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            yield ast.copy_location(ast.Attribute(node.args[0], name.value, ast.Store()), node)


@pytest.mark.parametrize(
    "source", ["x.status = 1", "a, x.status = 1, 2", "x.status: int = 1", "x.status += 1", "setattr(x, 'status', 1)"]
)
def test_every_way_to_write_a_status_is_seen(source: str) -> None:
    (statement,) = ast.parse(source).body
    node = statement.value if isinstance(statement, ast.Expr) else statement
    assert [target.attr for target in assigned_attributes(node)] == ["status"]


def test_every_vendor_has_tests_of_its_own() -> None:
    vendors = [
        f"{family}/{path.parent.name}"
        for family in FAMILIES
        for path in sorted((ROOT / "connectors" / family).glob("*/__init__.py"))
    ]
    assert vendors
    tested = [vendor for vendor in vendors if list((ROOT / "tests" / "connectors" / vendor).glob("test_*.py"))]
    assert tested == vendors


def test_only_the_contract_speaks_http() -> None:
    users = [
        name_of(path)
        for path in python_files(*PRODUCT)
        if name_of(path) != ONE_HTTP and "requests" in imported_packages(tree_of(path))
    ]
    assert users == []


def imported_packages(tree: ast.Module) -> set[str]:
    nodes = list(ast.walk(tree))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.partition(".")[0] for name in plain | parts}


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text("utf-8")


def text_files() -> Iterator[Path]:
    """The files of the project, without what set-up fetches or makes."""
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        inner = parts[:-1] if parts[0] in (".ci",) else parts
        foreign = any(part in FOREIGN_FOLDERS or part.endswith(".egg-info") for part in parts)
        hidden = parts[0] != ".ci" and any(part.startswith(".") for part in inner[:-1])
        if not foreign and not hidden and path.is_file() and path.suffix in TEXT_ENDINGS:
            yield path


def test_no_file_names_a_path_of_one_machine() -> None:
    places = [
        f"{name_of(path)}:{number}"
        for path in text_files()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if path != Path(__file__) and MACHINE_PATH.search(line)
    ]
    assert places == []
