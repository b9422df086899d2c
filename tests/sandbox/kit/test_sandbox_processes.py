"""The twin and the runner as real processes: dropped connections, kill -9, stopping, taken ports."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from connectors.sandbox import run

ROOT = Path(__file__).parents[3]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str, body: Any = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        text = None if body is None else json.dumps(body)
        verb = "GET" if body is None else "POST"
        connection.request(verb, path, text, {"Content-Type": "application/json"})
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def until_up(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the process never listened")


@contextmanager
def started(*command: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        until_up(port, process)
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def serve(directory: Path, port: int) -> Any:
    command = ("connectors.sandbox.taobao.serve", "--port", str(port), "--dir", str(directory))
    return started(*command, port=port)


def test_kill_9_loses_nothing_and_a_dropped_connection_has_no_answer(tmp_path: Path) -> None:
    port = free_port()
    with serve(tmp_path, port) as process:
        tids = ask(port, "/_twin/trades", {"kinds": {"plain": 20}})["tids"]["plain"]
        fault = {"kind": "timeout_after_accept", "max_times": 1}
        ask(port, "/_twin/faults", {"faults": [fault]})
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            ask(port, "/router/rest", {})
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
    with serve(tmp_path, port):
        trades = ask(port, "/_twin/ledger")["trades"]
        assert [trade["tid"] for trade in trades] == tids


def test_the_runner_tells_addresses_and_takes_its_twins_with_it(tmp_path: Path) -> None:
    port = free_port()
    command = ("connectors.sandbox.run", "--dir", str(tmp_path), "--only", "taobao", "--base-port", str(port))
    with started(*command, port=port) as process:
        for _ in range(200):
            if (tmp_path / "sandbox.json").exists():
                break
            time.sleep(0.05)
        told = json.loads((tmp_path / "sandbox.json").read_text("utf-8"))["taobao"]
        assert told["url"] == f"http://127.0.0.1:{port}"
        assert {"app_key", "app_secret", "session", "gateway"} <= set(told)
        process.terminate()
        assert process.wait(timeout=15) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_killed_runner_takes_its_twins_with_it(tmp_path: Path) -> None:
    port = free_port()
    command = ("connectors.sandbox.run", "--dir", str(tmp_path), "--only", "taobao", "--base-port", str(port))
    with started(*command, port=port) as process:
        process.kill()
        process.wait(timeout=10)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) != 0:
                    return
            time.sleep(0.05)
    raise AssertionError("the twin outlived its parent")


def test_a_taken_port_and_an_unknown_twin_are_told_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=f"port {port} for taobao is taken"):
            run.main(["--dir", str(tmp_path), "--only", "taobao", "--base-port", str(port)])
    with pytest.raises(SystemExit, match="unknown twin nobody"):
        run.main(["--dir", str(tmp_path), "--only", "nobody"])


def test_a_killed_twin_comes_back_with_what_it_knew(tmp_path: Path) -> None:
    port = free_port()
    command = ("connectors.sandbox.run", "--dir", str(tmp_path), "--only", "taobao", "--base-port", str(port))
    with started(*command, port=port) as process:
        until_told(tmp_path)
        tids = ask(port, "/_twin/trades", {"kinds": {"plain": 3}})["tids"]["plain"]
        first = twins_of(process)
        os.kill(first[0], signal.SIGKILL)
        for _ in range(200):
            if (now := twins_of(process)) and now != first:
                break
            time.sleep(0.05)
        until_up(port, process)
        assert [trade["tid"] for trade in ask(port, "/_twin/ledger")["trades"]] == tids
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=15) == 0


def twins_of(runner: subprocess.Popen[bytes]) -> list[int]:
    """Process ids of the twins that a runner has started and that live."""
    children = psutil.Process(runner.pid).children()
    return [child.pid for child in children if child.status() != psutil.STATUS_ZOMBIE]


def until_told(folder: Path) -> None:
    for _ in range(200):
        if (folder / "sandbox.json").exists():
            return
        time.sleep(0.05)
    raise AssertionError("the runner never told its twins' addresses")
