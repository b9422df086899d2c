"""As root: the server gets an unprivileged user, and what that user cannot reach is put where it can."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from oms.embedded import account, binaries, cluster, running_url
from tests.frame.conftest import a_server, ask


def test_programs_out_of_reach_are_copied_with_their_libraries(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = folder / "home"
    locked.mkdir(mode=0o700)
    installed = binaries.installed_programs(18)
    unwanted = shutil.ignore_patterns("include")
    shutil.copytree(installed.parent, locked / "site" / binaries.PACKAGE, ignore=unwanted)
    libraries = installed.parent.parent / f"{binaries.PACKAGE}.libs"
    shutil.copytree(libraries, locked / "site" / libraries.name)
    monkeypatch.setattr(
        binaries, "installed_programs", lambda version: locked / "site" / binaries.PACKAGE / "pginstall18"
    )
    place = folder / "postgres"
    with a_server(place) as server:
        assert ask(server.url, "select 1") == 1
    assert locked.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in place.glob("programs-*/*.libs")] == [libraries.name]


def test_a_folder_out_of_reach_gets_a_cluster_elsewhere_and_parents_stay_shut(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "SYSTEM_FOLDER", folder / "system")
    home = folder / "home"
    home.mkdir(mode=0o700)
    with a_server(home / "var" / "postgres") as server:
        assert ask(server.url, "select 1") == 1
        assert running_url(home / "var" / "postgres") == server.url
        assert cluster.root_for(home / "var" / "postgres").parent == folder / "system"
    assert home.stat().st_mode & 0o777 == 0o700


def test_the_owner_of_an_existing_cluster_keeps_it(folder: Path) -> None:
    (folder / "cluster").mkdir()
    os.chown(folder / "cluster", 12345, 12345)
    assert account.account_for(folder / "cluster") == account.Account(12345, 12345, lent=True)
