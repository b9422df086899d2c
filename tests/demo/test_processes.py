"""The demo starts anew after anything: stale files, a second start, a hub that ends by itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from oms.config import Settings
from oms.demo import processes, run
from oms.demo.processes import DemoFailed, Part, alone_in, start_hub
from oms.demo.watching import patiently
from oms.supervisor.runfiles import AlreadyRunning, write_status

UP = """
import os, sys, time
from pathlib import Path
from oms.supervisor.runfiles import write_status
write_status(Path(sys.argv[1]), {"ready": True, "pids": {"up": os.getpid()}})
time.sleep(60)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings.from_env({"OMS_HOME": str(tmp_path / "home")})
    made.run_folder.mkdir(parents=True)
    return made


@pytest.fixture
def starting(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Starts this program in the place of `oms up`."""
    start = processes._start

    def instead(*program: str) -> None:
        def other(name: str, _command: Any, log: Path, environ: Any) -> Part:
            return start(name, [sys.executable, "-c", *program], log, environ)

        monkeypatch.setattr(processes, "_start", other)

    return instead


def test_a_hub_is_ready_when_it_says_so_itself(settings: Settings, starting: Callable[..., None]) -> None:
    write_status(settings.run_folder, {"ready": True, "pids": {"up": os.getpid()}})
    starting(UP, str(settings.run_folder))
    part = start_hub(settings)
    try:
        assert processes.read_status(settings.run_folder)["pids"]["up"] == part.process.pid
    finally:
        part.stop()


def test_another_hub_that_says_so_is_not_believed(settings: Settings, starting: Callable[..., None]) -> None:
    write_status(settings.run_folder, {"ready": True, "pids": {"up": os.getpid()}})
    starting("print('The hub is already running.'); raise SystemExit(1)")
    with pytest.raises(DemoFailed, match="the hub ended with code 1: The hub is already running"):
        start_hub(settings)


def test_a_second_demo_on_the_same_folder_is_told_so(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    with alone_in(home):
        (home / "theirs").touch()
        for words in (["--dir", str(home)], ["--dir", str(home), "--once", "60"]):
            with pytest.raises(AlreadyRunning, match="already running in") as refusal:
                run.main(words)
            assert "--dir" in refusal.value.remedy
        assert (home / "theirs").exists()
    with alone_in(home):
        pass


def test_a_scripted_run_clears_only_what_an_earlier_one_made(tmp_path: Path) -> None:
    (tmp_path / ".demo-once").touch()
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "file").touch()
    run._clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".demo-once"]


def test_patience_ends_with_the_hub(tmp_path: Path) -> None:
    part = processes._start("the hub", [sys.executable, "-c", "print('disk full')"], tmp_path / "up.log", os.environ)
    part.process.wait()

    def ask() -> None:
        raise OperationalError("select 1", {}, Exception("server closed the connection"))

    with pytest.raises(DemoFailed, match="the hub ended with code 0: disk full"):
        patiently(ask, part.require_alive)
