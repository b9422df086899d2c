"""Starts, adopts and stops one embedded server process; its files are cluster.py's business."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg

from oms.embedded import guardian
from oms.embedded.cluster import SUPERUSER, Cluster, alone, prepare_cluster, root_for, server_environment
from oms.embedded.errors import EmbeddedPostgresError

DATABASE = "oms"
START_SECONDS = 120.0
PASSING_TROUBLES = ("pre-existing shared memory block", "postmaster.pid")


class EmbeddedPostgres:
    """A PostgreSQL server that lives as long as this process.

    It dies with us, even when we are killed, because a guardian process watches a pipe of ours. A server that
    still runs on the same folder is taken over. `durable=False` is for tests alone: a power cut may lose it all.
    """

    def __init__(
        self,
        data_dir: Path,
        version: int = 18,
        port: int | None = None,
        *,
        shared_buffers_mb: int = 256,
        durable: bool = True,
        throw_away: bool = False,
    ) -> None:
        """`port` 0 or None keeps the folder's own random port; `throw_away` removes the folder at the end."""
        self._wanted = data_dir.absolute()
        self._version = version
        self._port = port or None
        self._shared_buffers_mb = shared_buffers_mb
        self._durable = durable
        self._throw_away = throw_away
        self._cluster: Cluster | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._guardian: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def start(self) -> str:
        """Start the server, or take over the one that runs already, and return the address of its database.

        Raises EmbeddedPostgresError when it cannot run; calling it again after a crash starts it again.
        """
        with alone(self._wanted):
            self._cluster = prepare_cluster(self._wanted, self._version)
            self._wait_until_it_answers(self._cluster)
            self._watch(self._cluster)
            _create_database(self._cluster)
        return self.url

    @property
    def url(self) -> str:
        """The address in SQLAlchemy's form; it holds the password."""
        return _url(self._prepared(), DATABASE)

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while it runs."""
        return guardian.postmaster_pid(self._prepared().folder)

    @property
    def log_path(self) -> Path:
        return self._prepared().log

    def is_alive(self) -> bool:
        """Whether the postmaster runs; a process that has ended and a left-over pid file do not count."""
        if self._cluster is None:
            return False
        if self._process is not None and self._process.poll() is None:
            return True
        return self.pid is not None

    def stop(self) -> None:
        """Stop the server and wait until it is gone."""
        if self._cluster is None:
            return
        guardian.stop_postmaster(self._cluster.folder)
        if self._process is not None:
            self._process.wait()
            self._process = None
        self._dismiss_guardian()

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _prepared(self) -> Cluster:
        if self._cluster is None:
            raise EmbeddedPostgresError("The embedded PostgreSQL has not been started.", "Call start() first.")
        return self._cluster

    def _wait_until_it_answers(self, cluster: Cluster) -> None:
        """A server that is on its way down may still be in our way: wait for it, then start."""
        deadline = time.monotonic() + START_SECONDS
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                self._process = None
                self._judge_exit(cluster)
            if self._process is None and guardian.postmaster_pid(cluster.folder) is None:
                self._launch(cluster)
            if guardian.says_ready(cluster.folder) and _answers(cluster):
                return
            time.sleep(0.05)
        sentence = f"PostgreSQL did not answer within {START_SECONDS:.0f} s: {self._last_words(cluster)}"
        raise EmbeddedPostgresError(sentence, f"Read {cluster.log}.")

    def _launch(self, cluster: Cluster) -> None:
        if self._port and self._port != cluster.port:
            raise EmbeddedPostgresError(
                f"The database in {cluster.folder} uses port {cluster.port}.", "Start it without naming a port."
            )
        guardian.forget_stranger(cluster.folder)
        with cluster.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(  # noqa: S603 - our own constants and paths
                [str(cluster.programs / "bin" / "postgres"), *self._arguments(cluster)],
                cwd=cluster.folder,
                env=server_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=0o077,
                **cluster.account.popen_options(),
            )

    def _arguments(self, cluster: Cluster) -> list[str]:
        on = "on" if self._durable else "off"
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(cluster.port),
            "unix_socket_directories": str(cluster.socket_folder() or ""),
            "max_connections": "100",
            "shared_buffers": f"{self._shared_buffers_mb}MB",
            "max_locks_per_transaction": "256",
            "fsync": on,
            "synchronous_commit": on,
            "full_page_writes": on,
            "max_wal_size": "2GB",
            "checkpoint_timeout": "15min",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] ",
        }
        return ["-D", str(cluster.folder), *(word for item in settings.items() for word in ("-c", "=".join(item)))]

    def _judge_exit(self, cluster: Cluster) -> None:
        """Decide whether a start that failed is worth another try."""
        words = self._words(cluster)
        if any(trouble in words for trouble in PASSING_TROUBLES):
            time.sleep(0.2)
        elif "could not create any TCP/IP sockets" in words:
            cluster.choose_port()
        elif "No space left on device" in words:
            raise EmbeddedPostgresError(f"The disk of {cluster.folder} is full.", "Free some space and start again.")
        else:
            sentence = f"PostgreSQL stopped while starting: {self._last_words(cluster)}"
            raise EmbeddedPostgresError(sentence, f"Read {cluster.log}.")

    def _words(self, cluster: Cluster) -> str:
        with cluster.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read(200_000).decode("utf-8", "replace")

    def _last_words(self, cluster: Cluster) -> str:
        lines = self._words(cluster).splitlines()
        serious = [line for line in lines if "FATAL" in line or "PANIC" in line]
        return (serious or lines or ["it said nothing."])[-1]

    def _watch(self, cluster: Cluster) -> None:
        """Put a guardian beside the server that outlives us just long enough to stop it."""
        if self._guardian is not None and self._guardian.poll() is None:
            return
        command = [sys.executable, "-I", "-S", guardian.__file__, str(cluster.folder)]
        if self._throw_away:
            command.append(str(cluster.root))
        self._guardian = subprocess.Popen(  # noqa: S603 - our own file and paths
            command,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _dismiss_guardian(self) -> None:
        if self._guardian is None:
            return
        if self._guardian.stdin is not None:
            self._guardian.stdin.close()
        self._guardian.wait()
        self._guardian = None


def running_url(data_dir: Path) -> str | None:
    """The address of the server that runs on this folder already, or None."""
    root = root_for(data_dir.absolute())
    port = guardian.postmaster_port(root / "cluster")
    if port is None or guardian.postmaster_pid(root / "cluster") is None:
        return None
    return _address((root / "password").read_text("ascii").strip(), port, DATABASE)


def _url(cluster: Cluster, database: str) -> str:
    return _address(cluster.password, cluster.port, database)


def _address(password: str, port: int, database: str) -> str:
    return f"postgresql+psycopg://{SUPERUSER}:{quote(password, safe='')}@127.0.0.1:{port}/{database}"


def _connect(cluster: Cluster) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host="127.0.0.1",
        port=guardian.postmaster_port(cluster.folder) or cluster.port,
        user=SUPERUSER,
        password=cluster.password,
        dbname="postgres",
        connect_timeout=2,
        autocommit=True,
    )


def _answers(cluster: Cluster) -> bool:
    try:
        _connect(cluster).close()
    except psycopg.OperationalError:
        return False
    return True


def _create_database(cluster: Cluster) -> None:
    with _connect(cluster) as connection:
        found = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if found is None:
            connection.execute(f"create database {DATABASE}")
