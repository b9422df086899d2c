"""The scripted run itself, with real processes, all faults and a kill of everything; minutes long."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.full


def run_demo(folder: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the result file of one run of the command."""
    result = folder / "result.json"
    command = [sys.executable, "-m", "oms.cli", "demo", "--dir", str(folder / "home"), "--json", str(result), *words]
    done = subprocess.run(command, capture_output=True, timeout=1500, check=False)
    assert result.exists(), done.stdout.decode()[-2000:] + done.stderr.decode()[-2000:]
    return done.returncode, json.loads(result.read_text("utf-8"))


def test_the_main_job_is_done_under_all_faults_while_everything_is_killed(tmp_path: Path) -> None:
    code, result = run_demo(tmp_path, "--once", "60", "--kill")
    assert (code, result["differences"], result["left"]) == (0, [], [])
    assert {"web", "clock", "postgres", "worker-1", "worker-2"} <= set(result["killed"])
    assert min(result["refunds_by_moment"].values()) >= 1
    assert result["shipped"] == result["written_back"] > 40
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("how", ["remove", "double"])
def test_a_falsified_ledger_is_noticed(tmp_path: Path, how: str) -> None:
    code, result = run_demo(tmp_path, "--once", "20", "--faults", "none", "--tamper", how)
    assert code == 1
    assert result["left"] == []
    named = {sentence.split()[1] for sentence in result["differences"] if sentence.startswith("order ")}
    assert len(named) in (1, 2), "a merged delivery is of two orders, any other of one"
    assert (tmp_path / "home" / "up.log").exists()
