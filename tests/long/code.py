"""Under which name the code that a proof covers is kept in its ledger."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def code_version(covers: Sequence[str], root: Path = ROOT) -> str:
    """The last commit that touched these files and folders, with a mark of their content when they differ from it.

    Without git, or for files that no commit has, it is the mark alone.
    """
    commit = _git(root, "log", "-1", "--format=%h", "--abbrev=12", "--", *covers)
    if commit and not _git(root, "status", "--porcelain", "--", *covers):
        return commit
    return f"{commit}+{_mark(covers, root)}" if commit else f"files-{_mark(covers, root)}"


def _git(root: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _mark(covers: Sequence[str], root: Path) -> str:
    digest = hashlib.sha256()
    for path in _files(covers, root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:8]


def _files(covers: Sequence[str], root: Path) -> Iterator[Path]:
    for name in sorted(covers):
        place = root / name
        if place.is_dir():
            yield from sorted(path for path in place.rglob("*.py") if path.is_file())
        elif place.is_file():
            yield place
        else:
            raise FileNotFoundError(f"a proof covers {name}, which does not exist: correct it in tests/long/proofs.py")
