"""Questions to this machine: keys, disk, and whether the connectors can be imported."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from oms.config import Settings
from oms.doctor.finding import Finding, bad, good
from oms.domain.errors import HubError
from oms.keyfiles import load_master_keys, load_secret_key

LEAST_FREE_BYTES = 2 * 1024**3


def check_keys(settings: Settings) -> Iterator[Finding]:
    yield _key_finding("master key", settings.master_key_file, load_master_keys)
    yield _key_finding("session key", settings.secret_key_file, load_secret_key)


def check_disk(settings: Settings) -> Iterator[Finding]:
    place = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    words = f"{free / 1024**3:.1f} GiB are free for {settings.home}"
    if free < LEAST_FREE_BYTES:
        remedy = f"Free at least {LEAST_FREE_BYTES // 1024**3} GiB, or move OMS_HOME."
        yield bad("disk", words, remedy)
    else:
        yield good("disk", words)


def check_connectors(settings: Settings) -> Iterator[Finding]:
    """A connector that cannot be imported stops all of them, so the reason is worth a line."""
    from connectors.registry import all_vendors

    try:
        vendors = all_vendors(settings.extra_connectors)
    except Exception as error:  # noqa: BLE001 - a vendor's module may fail in any way, and that is the finding
        remedy = "Check OMS_EXTRA_CONNECTORS and the module it names."
        yield bad("connectors", f"the connectors cannot be loaded: {type(error).__name__}: {error}", remedy)
    else:
        yield good("connectors", f"{len(vendors)} connectors: {', '.join(sorted(vendors))}")


def _key_finding(name: str, path: Path, load: Callable[[Path], object]) -> Finding:
    try:
        load(path)
    except HubError as error:
        return bad(name, error.words, error.remedy)
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return bad(name, f"{path} may be read by others (mode {mode:03o})", f"Run: chmod 600 {path}")
    return good(name, f"{path} is present and private")
