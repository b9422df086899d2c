"""What the frame's tests share: settings in a fresh home, and waiting without sleeping long."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from oms.config import Settings, plain_url
from oms.embedded import EmbeddedPostgres, cluster, guardian

# These need root to lend the server another user; for anybody else there is nothing to test.
collect_ignore = [] if os.geteuid() == 0 else ["test_embedded_as_root.py"]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environ(tmp_path: Path, free_port: int) -> dict[str, str]:
    """An environment with a home of its own and a database address at which nothing listens."""
    return {
        "OMS_HOME": str(tmp_path / "home"),
        "OMS_PORT": str(free_port),
        "DATABASE_URL": "postgresql://oms:not-to-be-shown@127.0.0.1:1/oms",
    }


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return Settings.from_env(environ)


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


def until(condition: Callable[[], object], seconds: float = 30) -> bool:
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False
