"""The embedded server: it starts, survives what kills servers, and never outlives us."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from oms.config import plain_url
from oms.embedded import EmbeddedPostgres, EmbeddedPostgresError, account, binaries, cluster, guardian, running_url


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's tmp_path, whose parents only their owner may enter."""
    path = Path(tempfile.mkdtemp(prefix="oms-frame-"))
    path.chmod(0o711)
    yield path
    guardian.stop_postmaster(cluster.root_for(path) / "cluster")
    shutil.rmtree(path)


def a_server(folder: Path, version: int = 18) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder, version, shared_buffers_mb=16, durable=False)


def ask(url: str, question: str) -> object:
    with psycopg.connect(plain_url(url)) as connection:
        row = connection.execute(question).fetchone()
        assert row is not None
        return row[0]


def until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("version", [18, 16])
def test_it_serves_utf8_with_lower_case_beyond_ascii(folder: Path, version: int) -> None:
    with a_server(folder, version) as server:
        assert str(ask(server.url, "show server_version")).startswith(str(version))
        assert ask(server.url, "select lower('ÀÉ')") == "àé"
        assert ask(server.url, "show server_encoding") == "UTF8"
        assert ask(server.url, "show timezone") == "UTC"


def test_it_never_runs_as_root_and_wants_the_password(folder: Path) -> None:
    with a_server(folder) as server:
        assert os.stat(f"/proc/{server.pid}").st_uid != 0 if sys.platform == "linux" else server.pid
        without = plain_url(server.url).replace(server.url.split(":")[2].split("@")[0], "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(without)


def test_it_keeps_rows_and_port_over_a_restart(folder: Path) -> None:
    with a_server(folder) as server:
        first = server.url
        with psycopg.connect(plain_url(first)) as connection:
            connection.execute("create table kept as select 7 as n")
    with a_server(folder) as server:
        assert server.url == first
        assert ask(first, "select n from kept") == 7


def test_it_starts_again_after_the_postmaster_was_killed(folder: Path) -> None:
    with a_server(folder) as server:
        killed = server.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        assert until(lambda: not server.is_alive())
        assert server.start() == server.url
        assert server.pid not in (None, killed)
        assert ask(server.url, "select 1") == 1


def test_a_dead_postmaster_is_not_taken_for_alive_while_it_is_a_zombie(folder: Path) -> None:
    with a_server(folder) as server:
        os.kill(server.pid or 0, signal.SIGKILL)
        assert until(lambda: guardian.postmaster_pid(folder / "cluster") is None)


def test_a_pid_file_that_names_another_program_is_no_obstacle(folder: Path) -> None:
    with a_server(folder) as server:
        url = server.url
    stranger = subprocess.Popen(["sleep", "60"], user=(folder / "cluster").stat().st_uid)
    try:
        lines = [str(stranger.pid), str(folder / "cluster"), "1", "5432", "", "127.0.0.1", "0 0", "ready"]
        (folder / "cluster" / "postmaster.pid").write_text("\n".join(lines) + "\n")
        assert running_url(folder) is None
        with a_server(folder):
            assert ask(url, "select 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_running_server_is_taken_over(folder: Path) -> None:
    first = a_server(folder)
    first.start()
    second = a_server(folder)
    assert second.start() == first.url == running_url(folder)
    assert second.pid == first.pid
    second.stop()
    assert not first.is_alive()
    first.stop()


def test_the_server_dies_when_its_parent_is_killed(folder: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from oms.embedded import EmbeddedPostgres\n"
        "EmbeddedPostgres(Path(sys.argv[1]), shared_buffers_mb=16, durable=False, throw_away=True).start()\n"
        "print('ready', flush=True); time.sleep(60)"
    )
    place = folder / "thrown-away"
    parent = subprocess.Popen([sys.executable, "-c", program, str(place)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"ready\n"
    assert guardian.postmaster_pid(place / "cluster") is not None
    with parent:
        parent.kill()
    assert until(lambda: not place.exists())


def test_a_folder_of_another_major_version_is_refused_with_the_way_out(folder: Path) -> None:
    with a_server(folder, 16):
        pass
    with pytest.raises(EmbeddedPostgresError, match="made by PostgreSQL 16, and this is version 18") as refusal:
        a_server(folder, 18).start()
    assert "pg_dump" in refusal.value.remedy


def test_a_start_that_was_broken_off_half_way_begins_anew(folder: Path) -> None:
    (folder / "cluster.new").mkdir()
    (folder / "cluster.new" / "PG_VERSION").write_text("18\n")
    (folder / "password.new").write_text("half")
    with a_server(folder) as server:
        assert ask(server.url, "select 1") == 1


def test_a_port_taken_meanwhile_is_replaced(folder: Path) -> None:
    with a_server(folder) as server:
        first = server.url
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", int(first.rpartition(":")[2].split("/")[0])))
        squatter.listen()
        with a_server(folder) as server:
            assert server.url != first
            assert ask(server.url, "select 1") == 1


def test_it_stays_on_disk_when_durable(folder: Path) -> None:
    with EmbeddedPostgres(folder, shared_buffers_mb=16) as server:
        assert ask(server.url, "show fsync") == "on"
        assert ask(server.url, "show synchronous_commit") == "on"
        assert ask(server.url, "show full_page_writes") == "on"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server another user")
class TestAsRoot:
    def test_programs_out_of_reach_are_copied_with_their_libraries(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        locked = folder / "home"
        locked.mkdir(mode=0o700)
        installed = binaries.installed_programs(18)
        shutil.copytree(installed.parent, locked / "site" / binaries.PACKAGE, ignore=shutil.ignore_patterns("include"))
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
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cluster, "SYSTEM_FOLDER", folder / "system")
        home = folder / "home"
        home.mkdir(mode=0o700)
        with a_server(home / "var" / "postgres") as server:
            assert ask(server.url, "select 1") == 1
            assert running_url(home / "var" / "postgres") == server.url
            assert cluster.root_for(home / "var" / "postgres").parent == folder / "system"
        assert home.stat().st_mode & 0o777 == 0o700

    def test_the_owner_of_an_existing_cluster_keeps_it(self, folder: Path) -> None:
        (folder / "cluster").mkdir()
        os.chown(folder / "cluster", 12345, 12345)
        assert account.account_for(folder / "cluster") == account.Account(12345, 12345, lent=True)
