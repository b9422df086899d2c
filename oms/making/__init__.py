"""Writes the folders of a new connector, whole and working against a made-up protocol; people change what differs."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connectors.registry import FAMILY_FOLDERS
from oms.domain.errors import HubError

#: A folder of templates for each family, with those of its tests inside.
TEMPLATES = Path(__file__).parent
#: Names that mean something else here: modules and classes a connector imports, and words the house rules refuse.
TAKEN = frozenset(
    {"account", "ask", "clock", "client", "codes", "contract", "field", "http", "manifest", "marketplace", "orders"}
    | {"platform", "sandbox", "step", "walk", "warehouse", "carrier", "cases", "lists", "shipments", "connector"}
    | {"manager", "helper", "util", "utils", "common", "misc", "handler", "data", "info", "do", "process", "kit"}
)
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_LONGEST_NAME, _LONGEST_LABEL = 20, 30


class NotMade(HubError):
    """A connector of this name cannot be written; nothing was."""

    code = "connector-not-made"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new connector is called: folder, family, the labels people read, one character for lists."""

    vendor: str
    family: str
    label_zh: str
    label_en: str
    mark: str

    @property
    def class_name(self) -> str:
        """`red_shop` becomes RedShop."""
        return "".join(word.capitalize() for word in self.vendor.split("_"))


def families() -> tuple[str, ...]:
    """The families that can be made so far."""
    return tuple(name for name in sorted(FAMILY_FOLDERS.values()) if (TEMPLATES / name).is_dir())


def make_connector(wanted: Wanted, root: Path) -> list[Path]:
    """Write the connector's and its tests' folders below the project's `root`; answers what was written.

    NotMade when the name cannot be used, or a folder of that name is there in any family.
    """
    _check_words(wanted)
    _check_root(root)
    _check_free(wanted.vendor, root)
    folder = next(folder for folder, family in FAMILY_FOLDERS.items() if family == wanted.family)
    source = TEMPLATES / wanted.family
    pages = {root / "connectors" / folder / wanted.vendor / path.stem: path for path in sorted(source.glob("*.j2"))} | {
        _test_path(root, folder, wanted.vendor, path): path for path in sorted((source / "tests").glob("*.j2"))
    }
    # All is rendered before anything is written.
    texts = {target: _rendered(path, wanted) for target, path in pages.items()}
    for target, text in texts.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    return list(texts)


def _test_path(root: Path, folder: str, vendor: str, template: Path) -> Path:
    name = f"test_{vendor}_contract.py" if template.stem == "test_contract.py" else template.stem
    return root / "tests" / "connectors" / folder / vendor / name


def _rendered(template: Path, wanted: Wanted) -> str:
    # Python is written, not HTML, and labels with quotes are refused before.
    pen = Environment(
        loader=FileSystemLoader(template.parent),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )
    return pen.get_template(template.name).render(
        vendor=wanted.vendor,
        name=wanted.class_name,
        label_zh=wanted.label_zh,
        label_en=wanted.label_en,
        mark=wanted.mark,
    )


def _check_words(wanted: Wanted) -> None:
    if wanted.family not in families():
        there = ", ".join(families())
        remedy = f"Families that can be made: {there}. For others start from a vendor's folder that is there."
        raise NotMade(f"There is nothing to make a {wanted.family!r} connector from", remedy)
    vendor = wanted.vendor
    if not _NAME.fullmatch(vendor) or keyword.iskeyword(vendor) or len(vendor) > _LONGEST_NAME:
        remedy = f"Use a Python name of small letters, digits and single underscores, {_LONGEST_NAME} at most"
        raise NotMade(f"{vendor!r} cannot be a connector's name", remedy)
    if not TAKEN.isdisjoint((vendor, *vendor.split("_"))):
        raise NotMade(f"{vendor!r} means something else in this project", "Use the platform's own name")
    for label in (wanted.label_zh, wanted.label_en, wanted.mark):
        if not _is_label(label):
            remedy = f"Use {_LONGEST_LABEL} characters at most, without quotation marks, backslashes and braces"
            raise NotMade(f"{label!r} cannot be a label", remedy)
    if len(wanted.mark) != 1:
        raise NotMade(f"The mark {wanted.mark!r} is not one character", "Use one that stands for the platform in lists")


def _is_label(label: str) -> bool:
    fits = 0 < len(label) <= _LONGEST_LABEL and label == label.strip()
    return fits and label.isprintable() and not set(label) & set('"\\{}')


def _check_root(root: Path) -> None:
    missing = [name for name in ("connectors", "tests/connectors") if not (root / name).is_dir()]
    if missing:
        remedy = "Run this in the project's folder, or name it with --into"
        raise NotMade(f"The folder {root} has no {' nor '.join(missing)}", remedy)


def _check_free(vendor: str, root: Path) -> None:
    for above in (root / "connectors", root / "tests" / "connectors"):
        for folder in FAMILY_FOLDERS:
            if (above / folder / vendor).exists():
                place = (above / folder / vendor).relative_to(root)
                raise NotMade(f"There is a folder {place} already", "Take another name, or remove that folder first")
