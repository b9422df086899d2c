"""The embedded server: it starts, survives what kills servers, and never outlives us."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from oms.config import plain_url
from oms.embedded import EmbeddedPostgres, EmbeddedPostgresError, guardian, running_url
from tests.frame.conftest import a_server, ask, until


@pytest.mark.parametrize("version", [18, 16])
def test_it_serves_utf8_with_lower_case_beyond_ascii(folder: Path, version: int) -> None:
    with a_server(folder, version) as server:
        assert str(ask(server.url, "show server_version")).startswith(str(version))
        assert ask(server.url, "select lower('ÀÉ')") == "àé"
        assert ask(server.url, "show server_encoding") == "UTF8"
        assert ask(server.url, "show timezone") == "UTC"


def test_it_never_runs_as_root_and_wants_the_password(folder: Path) -> None:
    with a_server(folder) as server:
        owner = subprocess.run(["ps", "-o", "uid=", "-p", str(server.pid)], capture_output=True, check=True)
        assert int(owner.stdout) != 0
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
    owner = (folder / "cluster").stat().st_uid
    stranger = subprocess.Popen(["sleep", "60"], user=owner if os.geteuid() == 0 else None)
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
