"""The parent of `oms up`: it brings back whatever ends, stops in order, and nothing outlives it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oms.config import Settings
from oms.embedded import running_url
from oms.keyfiles import create_missing_keys
from oms.supervisor import Supervisor, own_programs
from oms.supervisor.child import FIRST_PAUSE, LONGEST_PAUSE, STEADY_SECONDS, Child, Program
from oms.supervisor.runfiles import AlreadyRunning, limit_log, read_status, status_path, the_only_one, write_status
from oms.supervisor.up import PortTaken, run_up
from tests.frame.conftest import a_server, until

SLEEPER = Program("sleeper", (sys.executable, "-S", "-c", "import time; time.sleep(60)"))


def a_program(name: str, code: str) -> Program:
    return Program(name, (sys.executable, "-S", "-c", code))


@contextmanager
def running(settings: Settings, *programs: Program, **options: object) -> Iterator[tuple[Supervisor, list[str]]]:
    """A supervisor that looks after these programs in a thread of its own until the block ends."""
    said: list[str] = []
    settings.run_folder.mkdir(parents=True)
    environ = {**os.environ, "HERE": str(settings.home)}
    supervisor = Supervisor(settings, programs, environ=environ, postgres=None, say=said.append, **options)  # type: ignore[arg-type]
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    try:
        yield supervisor, said
    finally:
        supervisor.stop()
        thread.join()


def pids(settings: Settings) -> dict[str, int]:
    return dict(read_status(settings.run_folder).get("pids", {}))


def pid_after(settings: Settings, name: str, old: int | None = None) -> int:
    """The process id under this name in the status file, once it is another than `old`."""
    assert until(lambda: pids(settings).get(name) not in (None, old))
    return pids(settings)[name]


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_child_that_is_killed_starts_again(settings: Settings) -> None:
    with running(settings, SLEEPER) as (_, said):
        first = pid_after(settings, "sleeper")
        os.kill(first, signal.SIGKILL)
        second = pid_after(settings, "sleeper", old=first)
        assert not is_gone(second)
        assert any("sleeper was killed by SIGKILL" in line for line in said)
    assert is_gone(second)


def test_a_child_that_leaves_with_code_zero_starts_again(settings: Settings) -> None:
    leaver = a_program("leaver", "import os; open(os.environ['HERE'] + '/visits', 'a').write('x'); print('bye')")
    with running(settings, leaver) as (_, said):
        assert until(lambda: len(said) >= 4)
    assert len((settings.home / "visits").read_text()) >= 2
    assert any("leaver ended with code 0" in line and line.endswith("leaver.log ends: bye") for line in said)


def test_pauses_grow_for_a_child_that_dies_at_once_and_begin_anew_after_a_steady_run(tmp_path: Path) -> None:
    child, now = Child(a_program("short", "pass"), tmp_path), 0.0

    def pause_after(lived: float) -> str:
        nonlocal now
        assert child.start_when_due(now, os.environ)
        assert until(child.has_ended)
        sentence = child.notice_end(now + lived) or ""
        assert not child.start_when_due(now + lived + FIRST_PAUSE / 2, os.environ)
        now += lived + LONGEST_PAUSE
        return sentence.partition("starts again in ")[2].partition(";")[0]

    assert [pause_after(0.1) for _ in range(7)] == ["0.2 s", "0.4 s", "0.8 s", "1.6 s", "3.2 s", "5.0 s", "5.0 s"]
    assert pause_after(STEADY_SECONDS) == "0.2 s"


def test_a_child_that_ignores_the_request_to_stop_is_killed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oms.supervisor.parent.STOP_SECONDS", 0.3)
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    with running(settings, a_program("stubborn", stubborn)) as (_, said):
        pid = pid_after(settings, "stubborn")
        assert until(lambda: "deaf" in (settings.log_folder / "stubborn.log").read_text())
    assert is_gone(pid)
    assert "stubborn does not stop; it is killed" in said


def test_what_a_killed_child_had_started_ends_with_it(settings: Settings) -> None:
    parent = "import subprocess; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    with running(settings, a_program("family", parent)):
        first = pid_after(settings, "family")
        log = settings.log_folder / "family.log"
        assert until(lambda: log.exists() and log.read_text().strip())
        orphan = int(log.read_text().split()[0])
        os.kill(first, signal.SIGKILL)
        pid_after(settings, "family", old=first)
        assert until(lambda: is_gone(orphan))


def test_the_status_file_lists_what_runs_and_goes_with_the_parent(settings: Settings) -> None:
    with running(settings, SLEEPER):
        pid_after(settings, "sleeper")
        status = read_status(settings.run_folder)
        assert status["port"] == settings.port
        assert status["url"] == settings.public_url
        assert set(status["pids"]) == {"up", "sleeper"}
        assert not status["ready"]
    assert not status_path(settings.run_folder).exists()


def test_what_a_killed_parent_left_behind_counts_for_nothing(settings: Settings) -> None:
    settings.run_folder.mkdir(parents=True)
    write_status(settings.run_folder, {"ready": True, "pids": {"up": os.getpid()}})
    assert read_status(settings.run_folder)["ready"]
    told = json.loads(status_path(settings.run_folder).read_text())
    with subprocess.Popen([sys.executable, "-S", "-c", ""]) as ended:
        pass
    for pid in (ended.pid, 1):  # Gone, or a number that somebody else has by now.
        stale = told | {"writer": told["writer"] | {"pid": pid}}
        status_path(settings.run_folder).write_text(json.dumps(stale))
        assert read_status(settings.run_folder) == {}
    with the_only_one(settings.run_folder):
        assert not status_path(settings.run_folder).exists()


def test_it_says_when_the_web_answers(settings: Settings) -> None:
    serve = f"import socket, time; s = socket.create_server(('127.0.0.1', {settings.port})); time.sleep(60)"
    sentence = f"the hub is ready: {settings.public_url}"
    with running(settings, a_program("web", serve)) as (_, said):
        assert until(lambda: read_status(settings.run_folder).get("ready"))
        assert sentence in said
        os.kill(pids(settings)["web"], signal.SIGKILL)
        assert until(lambda: said.count(sentence) == 2)


def test_a_killed_postgres_starts_again_under_the_same_address(settings: Settings, folder: Path) -> None:
    said: list[str] = []
    settings.run_folder.mkdir(parents=True)
    settings.log_folder.mkdir(parents=True)
    with a_server(folder) as postgres:
        environ = {**os.environ, "DATABASE_URL": postgres.url}
        supervisor = Supervisor(settings, [], environ=environ, postgres=postgres, say=said.append)
        killed = postgres.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        assert until(lambda: not postgres.is_alive())
        supervisor.look_after(time.monotonic())
        assert postgres.pid not in (None, killed)
        assert pids(settings)["postgres"] == postgres.pid
        assert said[0] == "postgres has died; it starts again"


def test_postgres_alone_runs_until_it_is_told_to_stop(environ: dict[str, str], folder: Path) -> None:
    environ |= {"OMS_HOME": str(folder / "home"), "DATABASE_URL": ""}
    settings = Settings.from_env(environ)
    command = [sys.executable, "-m", "oms.cli", "postgres"]
    with subprocess.Popen(command, env={**os.environ, **environ}, stdout=subprocess.DEVNULL) as process:
        server = pid_after(settings, "postgres")
        assert running_url(settings.embedded_folder)
        process.terminate()
    assert process.returncode == 0
    assert is_gone(server)


def test_long_logs_are_moved_aside_while_their_writers_go_on(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old" * 100)
        limit_log(log, limit=1000)
        assert not (tmp_path / "web.log.1").exists()
        limit_log(log, limit=100)
        writer.write(b"new")
    assert log.read_bytes() == b"new"
    assert (tmp_path / "web.log.1").read_bytes() == b"old" * 100


def test_a_second_one_on_the_same_home_is_told_so(settings: Settings) -> None:
    with the_only_one(settings.run_folder):
        with pytest.raises(AlreadyRunning, match="already running") as refusal:
            run_up(settings, say=print)
        assert "OMS_HOME" in refusal.value.remedy
    with the_only_one(settings.run_folder):
        pass


def test_a_taken_port_is_refused_before_anything_starts(settings: Settings) -> None:
    with socket.create_server((settings.host, settings.port)), pytest.raises(PortTaken, match=str(settings.port)):
        run_up(settings, say=print)
    assert not settings.log_folder.exists()


def test_own_programs_are_the_web_the_workers_and_the_clock(environ: dict[str, str]) -> None:
    settings = Settings.from_env({**environ, "OMS_WORKERS": "3"})
    names = [program.name for program in own_programs(settings)]
    assert names == ["web", "worker-1", "worker-2", "worker-3", "clock"]


UP = """
import json, os, sys
from oms.config import Settings
from oms.supervisor import run_up
from oms.supervisor.child import Program
programs = [Program(name, tuple(words)) for name, words in json.loads(sys.argv[1])]
run_up(Settings.from_env(), say=lambda line: print(line, flush=True), programs=programs)
"""


@pytest.fixture
def up(settings: Settings, environ: dict[str, str]) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a whole `oms up` with a sleeping child in a process of its own."""
    create_missing_keys(settings)
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        words = json.dumps([[SLEEPER.name, SLEEPER.command]])
        command = [sys.executable, "-c", UP, words]
        process = subprocess.Popen(
            command,
            env={**os.environ, **environ},
            stdout=subprocess.DEVNULL,
            preexec_fn=_hear_interrupts,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def _hear_interrupts() -> None:
    """A run in the background ignores SIGINT and hands that on; whoever types `oms up` hears it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_children_and_parent_cleanly(
    settings: Settings, up: Callable[[], subprocess.Popen[bytes]], number: signal.Signals
) -> None:
    parent = up()
    child = pid_after(settings, "sleeper")
    parent.send_signal(number)
    assert parent.wait(30) == 0
    assert is_gone(child)


def test_children_end_when_the_parent_is_killed_and_a_new_one_can_start(
    settings: Settings, up: Callable[[], subprocess.Popen[bytes]]
) -> None:
    parent = up()
    child = pid_after(settings, "sleeper")
    parent.kill()
    parent.wait()
    assert until(lambda: is_gone(child))
    up()
    assert pid_after(settings, "sleeper", old=child) != child
